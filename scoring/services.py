"""Rendering an evaluation, and ranking the dossiers of an AAP."""

from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator

from aap.models import Aap, Dossier, Etat
from aap.regles import Grille, exiger
from comptes.roles import Role
from moteur.machine import Passage
from moteur.porte import acte
from scoring.classement import Candidat, Classe, classer, valider_notes
from scoring.models import Evaluation

#: A share of the scale. A JSON number is read by its shortest text: 0.8 means exactly 0.8.
Note = Annotated[str, BeforeValidator(lambda part: str(part) if isinstance(part, int | float) else part)]


@acte(Dossier, "Évaluer", dans={Etat.EN_INSTRUCTION}, par=Role.INSTRUCTEUR)
def evaluer(dossier: Dossier, passage: Passage, *, notes: dict[str, Note]) -> Evaluation:
    """Render one's marks: {"uniforme": "0.8"} or one share of the scale per criterion, 0 to 1.

    Raises: Refus DONNEES_INVALIDES naming the criterion, REGLE_NON_RENSEIGNEE without a grid.
    """
    lues = valider_notes(grid(dossier.aap), notes)
    evaluation, _ = Evaluation.objects.update_or_create(
        dossier=dossier,
        evaluateur_id=passage.par.pk,
        defaults={"notes": {c: str(part) for c, part in lues.items()}, "rendue_le": passage.le},
    )
    return evaluation


def rank(aap: Aap) -> list[Classe]:
    """The dossiers of an AAP awaiting a decision, best first, with points per criterion."""
    dossiers = aap.dossiers.filter(etat__in=[Etat.INSTRUIT, Etat.EN_COMITE, Etat.LISTE_ATTENTE])
    candidats = [
        Candidat(
            ref=dossier.reference,
            depose_le=dossier.depose_le,
            notes=tuple({c: Decimal(part) for c, part in e.notes.items()} for e in dossier.evaluations.all()),
        )
        for dossier in dossiers.prefetch_related("evaluations").order_by("pk")
        if dossier.depose_le
    ]
    return classer(grid(aap), candidats)


def grid(aap: Aap) -> Grille:
    """The scoring grid of the AAP's rule set. Raises: Refus REGLE_NON_RENSEIGNEE."""
    grille = aap.regles.grille
    return grille if grille is not None else exiger(None, "grille", aap.regles.code)
