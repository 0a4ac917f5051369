"""The GRADeS gives its opinion."""

from aap.models import Dossier, Etat
from accompagnement.models import Avis, AvisGrades, Axe, Niveau
from comptes.roles import Role
from moteur.erreurs import Code, Refus
from moteur.machine import Passage
from moteur.porte import acte

UNIFORME = "uniforme"


@acte(Dossier, "Donner l'avis du GRADeS", dans={Etat.EN_INSTRUCTION}, par=Role.CONSEILLER_GRADES)
def donner_avis_grades(
    dossier: Dossier, passage: Passage, *, avis: Avis, risques: dict[str, Niveau] | None = None
) -> AvisGrades:
    """Opinion and risks: {"uniforme": level} or a level per axis; an axis left out is not evaluated.

    Raises: Refus DONNEES_INVALIDES naming an unknown axis.
    """
    return AvisGrades.objects.create(
        dossier=dossier, avis=avis, risques=_by_axis(risques or {}), par_id=passage.par.pk, le=passage.le
    )


def _by_axis(risques: dict[str, Niveau]) -> dict[str, str]:
    if set(risques) == {UNIFORME}:
        return {axe.value: risques[UNIFORME].value for axe in Axe}
    if inconnus := sorted(set(risques) - set(Axe.values)):
        raise Refus(
            Code.DONNEES_INVALIDES,
            f"L'axe de risque « {inconnus[0]} » n'existe pas. Axes : {', '.join(Axe.values)}.",
            axes=Axe.values,
        )
    return {axe.value: risques.get(axe.value, Niveau.NON_EVALUE).value for axe in Axe}
