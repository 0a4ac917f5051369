"""What happens to the declarations when the dossier moves."""

from aap.models import Dossier
from moteur.machine import Passage
from moteur.porte import effet, franchir
from usages.models import Declaration, EtatDeclaration


@effet(Dossier, "soumettre_usages")
def hand_in(dossier: Dossier, passage: Passage) -> None:
    """The drafts are handed in."""
    _cross(dossier, passage, EtatDeclaration.BROUILLON, "transmettre")


@effet(Dossier, "refuser_usages")
def send_back(dossier: Dossier, passage: Passage) -> None:
    """The declarations handed in are refused."""
    _cross(dossier, passage, EtatDeclaration.TRANSMISE, "refuser")


@effet(Dossier, "constater_cibles")
def validate(dossier: Dossier, passage: Passage) -> None:
    """The declarations handed in are validated."""
    _cross(dossier, passage, EtatDeclaration.TRANSMISE, "valider")


def _cross(dossier: Dossier, passage: Passage, depuis: EtatDeclaration, transition: str) -> None:
    for declaration in Declaration.objects.filter(dossier=dossier, etat=depuis).order_by("mois"):
        franchir(declaration, transition, passage.par)
