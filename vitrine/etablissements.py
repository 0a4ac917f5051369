"""A pasted list of numbers, simulated on the establishments of the register. Six queries at most."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from aap.eligibilite import motif_hors_l312_1
from aap.faits import FaitsEssms
from grappes.composition import Lecture, resolve, split
from instruction.libelles import SECTEURS
from moteur.erreurs import Code, Refus
from vitrine.appels import Appel
from vitrine.forms import NUMEROS_MAX
from vitrine.simulation import AU_REGISTRE, Reponse, answer, of_register

SANS_SECTEUR = "Secteur à préciser"


@dataclass(frozen=True)
class LigneEssms:
    """An establishment found. `motif`: why it does not count, empty when it does."""

    essms: FaitsEssms
    motif: str

    @property
    def secteur(self) -> str:
        return SECTEURS[self.essms.secteur] if self.essms.secteur else SANS_SECTEUR


@dataclass(frozen=True, kw_only=True)
class Liste:
    """`ecartees`: what was pasted and is no establishment to count. `reponse`: None when nothing was found."""

    lignes: list[LigneEssms]
    ecartees: list[Lecture]
    reponse: Reponse | None


def simulate(appel: Appel, donnees: dict[str, Any], jour: date) -> Liste:
    """Raises: Refus DONNEES_INVALIDES when the list is too long, or holds no number."""
    numeros = list(split(donnees["numeros"]))
    if not numeros:
        raise Refus(Code.DONNEES_INVALIDES, "Aucun numéro FINESS n'a été trouvé : collez des numéros de 9 caractères.")
    if len(numeros) > NUMEROS_MAX:
        raise Refus(
            Code.DONNEES_INVALIDES,
            f"La liste compte {len(numeros)} numéros : le simulateur en lit {NUMEROS_MAX} au plus. "
            "Une grappe en compte quelques dizaines.",
        )
    lue = resolve(numeros, jour=jour)
    if not lue.trouves:
        return Liste(lignes=[], ecartees=lue.ecartees, reponse=None)
    faits = of_register(appel.aap, lue.trouves, donnees)
    return Liste(
        lignes=[LigneEssms(un, motif_hors_l312_1(un)) for un in faits.essms],
        ecartees=lue.ecartees,
        reponse=answer(appel, faits, AU_REGISTRE),
    )
