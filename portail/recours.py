"""How an unfavourable decision may be contested, read once from its fixture: general administrative law."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FICHIER = Path(__file__).resolve().parent.parent / "fixtures" / "voies_de_recours.toml"


@dataclass(frozen=True, kw_only=True)
class Voie:
    """One way: before whom, within what delay, how, and the articles that open it."""

    titre: str
    devant: str
    delai: str
    comment: str
    source: str


@dataclass(frozen=True, kw_only=True)
class Recours:
    avertissement: str
    source: str
    voies: tuple[Voie, ...]


@cache
def remedies() -> Recours:
    lu = tomllib.loads(FICHIER.read_text(encoding="utf-8"))
    return Recours(
        avertissement=lu["avertissement"], source=lu["source"], voies=tuple(Voie(**voie) for voie in lu["voies"])
    )
