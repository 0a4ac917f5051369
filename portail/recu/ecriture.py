"""What may be printed: the fonts of the receipt know some alphabets, and nothing typed may disturb the page."""

import re
import unicodedata

#: Characters the fonts of the page draw in every weight: Latin, Greek, Cyrillic, punctuation, euro, numero, trademark.
DESSINES = (
    (0x20, 0x7E), (0xA0, 0x24F), (0x386, 0x3CE), (0x400, 0x45F), (0x1E00, 0x1E9B), (0x1E9E, 0x1EF9), (0x2010, 0x2027),
    (0x2030, 0x2037), (0x202F, 0x202F), (0x20AC, 0x20AC), (0x2116, 0x2116), (0x2122, 0x2122),
)  # fmt: skip
#: Categories that change what is around them or show nothing: controls, formats (direction), marks, surrogates.
INVISIBLES = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Mn", "Mc", "Me", "Zl", "Zp"})
#: Where a word that long may be cut, so that it never leaves its column.
MOT_LONG = re.compile(r"\S{20}(?=\S)")
COUPURE = "\u200b"
BLANCS = str.maketrans("\t\n\r\v\f", " " * 5)


def legible(texte: str) -> str:
    """The text as the page shows it: a character it cannot draw becomes its Unicode number, in square brackets.

    Every other one stays as typed: the page takes it as data, never as commands.
    """
    compose = unicodedata.normalize("NFC", texte).translate(BLANCS)
    return MOT_LONG.sub(rf"\g<0>{COUPURE}", "".join(_shown(signe) for signe in compose))


def _shown(signe: str) -> str:
    return signe if _is_drawn(signe) else f"[U+{ord(signe):04X}]"


def _is_drawn(signe: str) -> bool:
    if unicodedata.category(signe) in INVISIBLES:
        return False
    return any(premier <= ord(signe) <= dernier for premier, dernier in DESSINES)
