"""Euros to the cent. One rounding function, applied once, at the end of a line."""

from decimal import ROUND_HALF_UP, Decimal

CENTIME = Decimal("0.01")
ZERO = Decimal("0.00")


def euros(montant: Decimal | int | str) -> Decimal:
    """Round to the cent, half up (the accounting usage; the texts fix no other mode)."""
    return Decimal(montant).quantize(CENTIME, rounding=ROUND_HALF_UP)


def moities(total: Decimal, premiere_part: Decimal) -> tuple[Decimal, Decimal]:
    """Split an aid in its two payments: the first share rounded to the cent, then total minus it.

    `premiere_part`: the share the rule set pays at signature, 0 to 1.
    """
    premiere = euros(total * premiere_part)
    return premiere, euros(total) - premiere
