"""The opinion of the GRADeS in words, with the risks it saw that day, axis by axis."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from accompagnement.models import Avis, AvisGrades, Axe, Niveau
from instruction.libelles import Badge

BADGES: Mapping[str, tuple[str, str]] = {
    Avis.FAVORABLE: ("success", "checkbox-circle-line"),
    Avis.RESERVE: ("warning", "question-line"),
    Avis.DEFAVORABLE: ("error", "close-circle-line"),
}
NIVEAUX: Mapping[str, str] = {
    Niveau.FORT: "error",
    Niveau.MODERE: "warning",
    Niveau.FAIBLE_OU_NUL: "success",
    Niveau.NON_EVALUE: "",
}


@dataclass(frozen=True, kw_only=True)
class AvisLu:
    """`risques`: (axis, level, colour of its badge); `precedents`: opinions given before, the latest first."""

    avis: AvisGrades
    badge: Badge
    risques: list[tuple[str, str, str]]
    precedents: list[AvisGrades]


def read_opinion(avis: Sequence[AvisGrades]) -> AvisLu | None:
    """The last of these, the oldest first; None when none was given."""
    if not avis:
        return None
    *precedents, dernier = avis
    return AvisLu(
        avis=dernier,
        badge=Badge(Avis(dernier.avis).label, *BADGES[dernier.avis]),
        risques=[
            (Axe(axe).label, Niveau(niveau).label, NIVEAUX[niveau])
            for axe, niveau in sorted(dernier.risques.items(), key=lambda paire: Axe.values.index(paire[0]))
        ],
        precedents=precedents[::-1],
    )
