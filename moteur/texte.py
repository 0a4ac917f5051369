"""French for people: dates, lists, amounts."""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

MOIS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
INSECABLE = "\u00a0"
FINE = "\u202f"
ESPACES = re.compile(r"(?<=«) | (?=[»:;?!%])")


def soigner(texte: str) -> str:
    """No-break spaces where French puts them: inside guillemets, before : ; ? ! and %."""
    return ESPACES.sub(INSECABLE, texte)


def en_toutes_lettres(jour: date) -> str:
    """1er mars 2022."""
    numero = "1er" if jour.day == 1 else str(jour.day)
    return f"{numero}{INSECABLE}{MOIS[jour.month - 1]}{INSECABLE}{jour.year}"


def cite(texte: object) -> str:
    """« texte », cut short: what somebody typed may be very long."""
    brut = str(texte)
    court = brut if len(brut) <= 60 else f"{brut[:60]}…"
    return f"«{INSECABLE}{court}{INSECABLE}»"


def en_octets(octets: int) -> str:
    """450 octets, 12 Ko, 1,5 Mo: the units people read in their file manager (1024 each)."""
    if octets < 2**10:
        return f"{octets}{INSECABLE}octets"
    if octets < 2**20:
        return f"{octets / 2**10:.0f}{INSECABLE}Ko"
    return f"{octets / 2**20:.1f}".removesuffix(".0").replace(".", ",") + f"{INSECABLE}Mo"


def en_liste(elements: Sequence[str]) -> str:
    """a, b et c."""
    if len(elements) < 2:
        return "".join(elements)
    return f"{', '.join(elements[:-1])} et {elements[-1]}"


def en_pourcent(valeur: Decimal | None) -> str:
    """68,75 %; "non calculable" for None."""
    if valeur is None:
        return "non calculable"
    return f"{valeur:f}{INSECABLE}%".replace(".", ",")


def en_euros(montant: Decimal) -> str:
    """1 234,50 €, with the spaces of French typography."""
    entier, centimes = f"{montant:,.2f}".split(".")
    return f"{entier.replace(',', FINE)},{centimes}{INSECABLE}€"
