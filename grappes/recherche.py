"""What somebody types, as a PostgreSQL text query. Pure; `grappes_normaliser` is the same normalisation in SQL."""

import re
import unicodedata
from functools import cache

from grappes.categories import every

#: Of a name, what brings every row; ignored as long as another word is left.
VIDES = frozenset(["a", "au", "aux", "d", "de", "des", "du", "en", "et", "l", "la", "le", "les", "pour", "sur"])
MOTS_MAX = 8

_SEPARATEURS = re.compile("[^a-z0-9]+")
_SAINT = re.compile(r"\bsaint(e?)\b")


def _letters() -> dict[int, str | None]:
    """Every Latin letter to its plain lower-case form; the dot of an acronym to nothing."""
    table: dict[int, str | None] = {ord("."): None}
    for point in (*range(ord("A"), ord("Z") + 1), *range(0xC0, 0x180)):
        base = unicodedata.normalize("NFKD", chr(point))[0]
        if base.isascii() and base.isalpha():
            table[point] = base.lower()
    return table | {ord("œ"): "oe", ord("Œ"): "oe", ord("æ"): "ae", ord("Æ"): "ae", ord("ß"): "ss"}


LETTRES = _letters()


def normalize(texte: str) -> str:
    """Words without accents nor case, one space between: "E.H.P.A.D. de l'Étoile" is "ehpad de l etoile"."""
    plat = unicodedata.normalize("NFC", texte).translate(LETTRES)
    return _SAINT.sub(r"st\1", _SEPARATEURS.sub(" ", plat).strip())


def to_query(texte: str) -> str | None:
    """A text query where every word typed must begin a word found; None when nothing was typed."""
    mots = normalize(texte).split()
    utiles = [mot for mot in mots if mot not in VIDES] or mots
    return " & ".join(_word(mot) for mot in dict.fromkeys(utiles[:MOTS_MAX])) or None


def _word(mot: str) -> str:
    """The word itself, or a category with that code or label. One letter is a whole word, else it finds everything."""
    codes = [f"'#{code}'" for code, mots in _labels().items() if len(mot) > 2 and any(m.startswith(mot) for m in mots)]
    return "(" + " | ".join([f"'{mot}':*" if len(mot) > 1 else f"'{mot}'", *codes]) + ")"


@cache
def _labels() -> dict[str, tuple[str, ...]]:
    return {connue.code: (connue.code, *normalize(connue.libelle).split()) for connue in every()}
