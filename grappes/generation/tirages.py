"""Draws: exact quotas, taken one by one in constant memory; and the Luhn key of SIREN and SIRET numbers."""

from collections.abc import Mapping, Sequence
from random import Random

DOUBLES = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def apportion(total: int, poids: Mapping[str, int]) -> dict[str, int]:
    """Share `total` by weight (largest remainders); nobody goes without when there is enough for all."""
    minimum = 1 if total >= len(poids) else 0
    reste = total - minimum * len(poids)
    somme = sum(poids.values())
    parts = {cle: minimum + reste * p // somme for cle, p in poids.items()}
    manque = total - sum(parts.values())
    for cle in sorted(poids, key=lambda cle: (-(reste * poids[cle] % somme), cle))[:manque]:
        parts[cle] += 1
    return parts


class Urne:
    """What remains to be drawn of each kind."""

    def __init__(self, quotas: Mapping[str, int]) -> None:
        self._restes = dict(sorted(quotas.items(), key=lambda quota: (-quota[1], quota[0])))
        self._cles = tuple(self._restes)
        self.reste = sum(quotas.values())

    def draw(self, rng: Random, parmi: Sequence[str] | None = None) -> str:
        """One kind, as likely as what remains of it; among `parmi` if any of those remains."""
        if parmi is not None and (disponible := sum(map(self._restes.__getitem__, parmi))):
            return self._pick(int(rng.random() * disponible), parmi)
        return self._pick(int(rng.random() * self.reste), self._cles)

    def take(self, cle: str) -> bool:
        """Take one of that kind; False when none remains."""
        if not self._restes[cle]:
            return False
        self._restes[cle] -= 1
        self.reste -= 1
        return True

    def _pick(self, rang: int, parmi: Sequence[str]) -> str:
        for cle in parmi:
            rang -= self._restes[cle]
            if rang < 0:
                self.take(cle)
                return cle
        raise ValueError("the urn is empty")


def with_luhn(chiffres: str) -> str:
    """Complete digits with their Luhn key, whatever their number."""
    somme = 0
    for rang, chiffre in enumerate(reversed(chiffres)):
        somme += int(chiffre) if rang % 2 else DOUBLES[int(chiffre)]
    return f"{chiffres}{-somme % 10}"
