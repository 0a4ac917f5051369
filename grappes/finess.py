"""FINESS numbers: shape and check digit. Source: regles.md §11.1 (shape from the official XSD)."""

import re
import string
from functools import cache

FORMAT: re.Pattern[str] = re.compile(r"[0-9][0-9A-Z][0-9]{7}")
_PREFIXE = re.compile(r"[0-9][0-9A-Z][0-9]{6}")


def is_well_formed(numero: str) -> bool:
    """Nine characters, a letter allowed in second place only (2A, 2B). EJ and ET share this shape."""
    return FORMAT.fullmatch(numero) is not None


def has_valid_key(numero: str) -> bool:
    """Luhn modulo 10. Warn on False, never block: the rule is empirical, no text quotes it."""
    return is_well_formed(numero) and _luhn(numero) % 10 == 0


def with_key(prefixe8: str) -> str:
    """Complete eight characters with their check digit (for generated registers)."""
    if _PREFIXE.fullmatch(prefixe8) is None:
        raise ValueError(f"not the first 8 characters of a FINESS number: {prefixe8!r}")
    return f"{prefixe8}{-_luhn(prefixe8 + '0') % 10}"


def _luhn(numero: str) -> int:
    """Of nine characters; by three, since a register has few that differ."""
    return _part(numero[:3], 0) + _part(numero[3:6], 1) + _part(numero[6:], 0)


@cache
def _part(trois: str, decalage: int) -> int:
    """Every second digit counts double: the second of the nine is the first that does."""
    return sum((_SIMPLES, _DOUBLES)[(rang + decalage) % 2][caractere] for rang, caractere in enumerate(trois))


#: A=1, B=2 are verified on real Corsican numbers; the next letters go on the same way.
_SIMPLES = {chiffre: rang for rang, chiffre in enumerate(string.digits)}
_SIMPLES |= {lettre: rang % 10 for rang, lettre in enumerate(string.ascii_uppercase, start=1)}
_DOUBLES = {caractere: sum(divmod(2 * valeur, 10)) for caractere, valeur in _SIMPLES.items()}
