"""The sign of the state of a request for help, the same for both sides."""

from collections.abc import Mapping

from accompagnement.models import EtatAide
from instruction.libelles import Badge

BADGES: Mapping[EtatAide, tuple[str, str]] = {
    EtatAide.OUVERTE: ("blue-cumulus", "question-line"),
    EtatAide.PRISE_EN_CHARGE: ("blue-ecume", "user-line"),
    EtatAide.TRANSMISE: ("orange-terre-battue", "arrow-right-up-line"),
    EtatAide.RESOLUE: ("success", "checkbox-circle-line"),
}


def badge(etat: str) -> Badge:
    """Badge of a state."""
    return Badge(EtatAide(etat).label, *BADGES[EtatAide(etat)])
