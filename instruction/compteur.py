"""The instruction clock: days since the filing, those spent waiting for the porteur told apart. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from aap.models import Etat
from instruction.libelles import SANS_AIDE
from moteur import horloge
from moteur.texte import INSECABLE, MOIS, en_liste

#: From then on the decision is known: the clock has stopped.
DECIDES = SANS_AIDE | {Etat.NOTIFIE}


@dataclass(frozen=True, kw_only=True)
class Mouvement:
    """A change of state of a dossier. `echeance`: last day to answer, on a request for complements."""

    le: datetime
    vers: str
    echeance: date | None = None


@dataclass(frozen=True, kw_only=True)
class Arret:
    """Days the clock stood still, from `du`: the porteur owed something."""

    du: date
    jours: int


@dataclass(frozen=True, kw_only=True)
class Compteur:
    """Calendar days, in Paris. `arrete_le`: the day of the decision; None while it runs."""

    depuis: date
    total: int
    arrets: tuple[Arret, ...]
    arrete_le: date | None

    @property
    def porteur(self) -> int:
        """Days spent waiting for the porteur."""
        return sum(arret.jours for arret in self.arrets)

    @property
    def ars(self) -> int:
        """Days at the agency: all the others."""
        return self.total - self.porteur

    @property
    def arretee(self) -> str:
        """When the clock stood still, in words: "horloge arrêtée 12 jours en avril 2022"; empty when it never did."""
        par_mois = Counter[tuple[int, int]]()
        for arret in self.arrets:
            jours = (arret.du + timedelta(days=rang) for rang in range(arret.jours))
            par_mois.update((jour.year, jour.month) for jour in jours)
        if not par_mois:
            return ""
        dits = [f"{_days(jours)} en {MOIS[mois - 1]}{INSECABLE}{an}" for (an, mois), jours in sorted(par_mois.items())]
        return f"horloge arrêtée {en_liste(dits)}"


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
    arrets = (
        Arret(du=du, jours=_waited(un, du, au)) for (un, du), (_, au) in pairwise(bornes) if un is not None
    )  # fmt: skip
    return Compteur(
        depuis=depuis,
        total=(fin - depuis).days,
        arrets=tuple(arret for arret in arrets if arret.jours),
        arrete_le=fin if decide else None,
    )


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


def _days(combien: int) -> str:
    return f"{combien}{INSECABLE}jour{'s' if combien > 1 else ''}"
