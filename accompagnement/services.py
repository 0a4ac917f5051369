"""The GRADeS gives its opinion."""

from typing import Annotated

from pydantic import StringConstraints

from aap.models import Dossier, Etat
from accompagnement.annotation import current_levels, freeze_levels
from accompagnement.models import Avis, AvisGrades, Axe, Niveau
from comptes.roles import Role
from moteur.erreurs import Code, Refus
from moteur.machine import Passage
from moteur.porte import acte

UNIFORME = "uniforme"

Commentaire = Annotated[str, StringConstraints(strip_whitespace=True, max_length=10_000)]


@acte(Dossier, "Donner l'avis du GRADeS", dans={Etat.EN_INSTRUCTION}, par=Role.CONSEILLER_GRADES)
def donner_avis_grades(
    dossier: Dossier,
    passage: Passage,
    *,
    avis: Avis,
    risques: dict[str, Niveau] | None = None,
    commentaire: Commentaire = "",
) -> AvisGrades:
    """Opinion and risks: {"uniforme": level} or a level per axis; an axis left out keeps its current level.

    The opinion freezes the levels of that moment; those it changes become annotations.
    Raises: Refus DONNEES_INVALIDES naming an unknown axis.
    """
    dits = _by_axis(risques or {})
    niveaux = current_levels(dossier) | {axe: niveau.value for axe, niveau in dits.items()}
    donne = AvisGrades.objects.create(
        dossier=dossier, avis=avis, risques=niveaux, commentaire=commentaire, par_id=passage.par.pk, le=passage.le
    )
    freeze_levels(dossier, passage, dits, donne)
    return donne


def _by_axis(risques: dict[str, Niveau]) -> dict[str, Niveau]:
    if set(risques) == {UNIFORME}:
        return {axe.value: risques[UNIFORME] for axe in Axe}
    if inconnus := sorted(set(risques) - set(Axe.values)):
        raise Refus(
            Code.DONNEES_INVALIDES,
            f"L'axe de risque « {inconnus[0]} » n'existe pas. Axes : {', '.join(Axe.values)}.",
            axes=Axe.values,
        )
    return risques
