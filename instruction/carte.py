"""A map of France with one square per département: where each goes is data, fixtures/carte_departements.csv. Pure."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FICHIER = Path(__file__).resolve().parents[1] / "fixtures" / "carte_departements.csv"
#: Side of a square and of its cell, in the units of the drawing.
COTE, PAS = 30, 32
#: Shades, besides that of a département with nothing.
NIVEAUX = 4


@dataclass(frozen=True)
class Case:
    """A département. `niveau`: 0 for none, then 1 to 4, by its share of the most numerous."""

    code: str
    x: int
    y: int
    nombre: int
    niveau: int

    @property
    def milieu(self) -> int:
        return self.x + COTE // 2

    @property
    def haut(self) -> int:
        """Baseline of the code."""
        return self.y + (12 if self.nombre else 19)

    @property
    def bas(self) -> int:
        """Baseline of the number."""
        return self.y + 25


@dataclass(frozen=True, kw_only=True)
class Carte:
    cases: list[Case]
    largeur: int
    hauteur: int
    cote: int = COTE


def draw(nombres: Mapping[str, int]) -> Carte:
    """The map of these numbers, by département code."""
    plus = max(nombres.values(), default=0)
    cases = [_square(code, place, nombres.get(code, 0), plus) for code, place in places().items()]
    return Carte(
        cases=cases,
        largeur=max(case.x for case in cases) + COTE,
        hauteur=max(case.y for case in cases) + COTE,
    )


@cache
def places() -> Mapping[str, tuple[int, int]]:
    """Column and row of each département, by its code."""
    with FICHIER.open(encoding="utf-8", newline="") as fichier:
        return {un["code"]: (int(un["colonne"]), int(un["ligne"])) for un in csv.DictReader(fichier)}


def _square(code: str, place: tuple[int, int], nombre: int, plus: int) -> Case:
    niveau = -(-nombre * NIVEAUX // plus) if nombre else 0
    return Case(code, place[0] * PAS, place[1] * PAS, nombre, niveau)
