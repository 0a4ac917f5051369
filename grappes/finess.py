"""FINESS numbers: shape and check digit. Source: regles.md §11.1 (shape from the official XSD)."""

import re

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
    total = 0
    for rang, caractere in enumerate(reversed(numero)):
        chiffre = _value(caractere) * (2 if rang % 2 else 1)
        total += chiffre - 9 if chiffre > 9 else chiffre
    return total


def _value(caractere: str) -> int:
    """A=1, B=2 are verified on real Corsican numbers; the next letters go on the same way."""
    if "0" <= caractere <= "9":
        return ord(caractere) - ord("0")
    return (ord(caractere) - ord("A") + 1) % 10
