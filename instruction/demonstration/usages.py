"""Usage figures made up for the demonstration: plausible, different for each ESSMS, the same at every play."""

from collections.abc import Sequence
from datetime import date, timedelta


def declare(finess: Sequence[str], jour: date, *, faible: bool) -> dict[str, object]:
    """The declaration of the month before `jour`. `faible`: too few messages to reach the target."""
    mois = jour.replace(day=1) - timedelta(days=1)
    mesures = {numero: _counts(rang, faible=faible) for rang, numero in enumerate(finess)}
    return {"mois": f"{mois:%Y-%m}", "mesures": mesures}


def _counts(rang: int, *, faible: bool) -> dict[str, int]:
    personnes = 38 + rang * 17 % 61
    actifs = _share(personnes, 97)
    return {
        "personnes": personnes,
        "dossiers_actifs": actifs,
        "dossiers_avec_projet": _share(actifs, 93 + rang % 3),
        "dossiers_avec_evenement": _share(actifs, 95 + rang % 4),
        "messages_mss": _share(personnes, (61 if faible else 74) + rang % 9),
        "dmp_alimentes": _share(personnes, 23 + rang % 12),
    }


def _share(nombre: int, pourcent: int) -> int:
    """Rounded up, so that a small establishment reaches what a large one does."""
    return -(-nombre * pourcent // 100)
