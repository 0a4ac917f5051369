"""What was tested for accessibility, as recorded in `fixtures/guide/accessibilite.toml`: a test keeps it true."""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache

from vitrine.guide import DOSSIER

FICHIER = DOSSIER / "accessibilite.toml"


@dataclass(frozen=True, kw_only=True)
class Essai:
    """A family of pages and the test that opens them in a browser. `clavier`: what it walks by keyboard alone."""

    pages: str
    test: str
    clavier: str = ""


@dataclass(frozen=True, kw_only=True)
class Declaration:
    etablie_le: date
    largeurs: tuple[int, ...]
    themes: tuple[str, ...]
    essais: tuple[Essai, ...]
    non_testes: tuple[str, ...]


@cache
def statement() -> Declaration:
    """The accessibility statement."""
    lue = tomllib.loads(FICHIER.read_text(encoding="utf-8"))
    return Declaration(
        etablie_le=lue["etablie_le"],
        largeurs=tuple(lue["largeurs"]),
        themes=tuple(lue["themes"]),
        essais=tuple(Essai(**essai) for essai in lue["essais"]),
        non_testes=tuple(lue["non_testes"]),
    )
