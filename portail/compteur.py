"""The instruction clock: days since the filing, those spent waiting for the porteur told apart. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from aap.models import Etat
from instruction.libelles import SANS_AIDE
from moteur import horloge

#: From then on the decision is known: the clock has stopped.
DECIDES = SANS_AIDE | {Etat.NOTIFIE}


@dataclass(frozen=True, kw_only=True)
class Mouvement:
    """A change of state of a dossier. `echeance`: last day to answer, on a request for complements."""

    le: datetime
    vers: str
    echeance: date | None = None


@dataclass(frozen=True, kw_only=True)
class Compteur:
    """Calendar days, in Paris. `arrete_le`: the day of the decision; None while it runs."""

    depuis: date
    total: int
    porteur: int
    arrete_le: date | None

    @property
    def ars(self) -> int:
        """Days at the agency: all the others."""
        return self.total - self.porteur


def measure(mouvements: Sequence[Mouvement], jour: date) -> Compteur | None:
    """The clock of these moves, the oldest first, read on that day; None before the filing."""
    deposes = [rang for rang, un in enumerate(mouvements) if un.vers == Etat.DEPOSE]
    if not deposes:
        return None
    suite = list(_until_decided(mouvements[deposes[0] :]))
    decide = suite[-1].vers in DECIDES
    fin = horloge.jour(suite[-1].le) if decide else jour
    depuis = horloge.jour(suite[0].le)
    bornes = [*((un, horloge.jour(un.le)) for un in suite), (None, fin)]
    attente = sum(_waited(un, du, au) for (un, du), (_, au) in pairwise(bornes) if un is not None)
    return Compteur(depuis=depuis, total=(fin - depuis).days, porteur=attente, arrete_le=fin if decide else None)


def _until_decided(mouvements: Iterable[Mouvement]) -> Iterable[Mouvement]:
    for un in mouvements:
        yield un
        if un.vers in DECIDES:
            return


def _waited(mouvement: Mouvement, du: date, au: date) -> int:
    """Days the porteur had to herself; past her due date, it is again for the agency to act."""
    if mouvement.vers != Etat.A_COMPLETER:
        return 0
    fin = min(au, mouvement.echeance) if mouvement.echeance else au
    return max((fin - du).days, 0)
