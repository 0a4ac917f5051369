"""What nobody answered in time goes to the national referent, by the same door as everything else."""

from datetime import date

from accompagnement.models import DemandeAide
from accompagnement.models.aide import SYSTEME
from moteur import horloge
from moteur.erreurs import Refus
from moteur.porte import franchir


class Programme:
    """The program itself, when it acts because a day has come: nobody in the journal, under the role "systeme"."""

    pk = None

    def roles_au(self, jour: date) -> dict[str, frozenset[str | None]]:
        return {SYSTEME: frozenset({None})}

    def titre_pour(self, role: str, regions: frozenset[str | None], jour: date) -> None:
        """Nobody delegates anything to it."""


def escalate() -> int:
    """Pass on every request whose day has passed; how many. Twice, or on two machines, is as once."""
    transmises = 0
    for demande in DemandeAide.objects.overdue(horloge.aujourdhui()):
        try:
            franchir(demande, "escalader", Programme())
        except Refus:
            continue  # somebody saw to it at the same instant
        transmises += 1
    return transmises
