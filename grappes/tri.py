"""Which rows of the files concern an ESSMS. The others, two positions in three and nearly all bodies, are not sent.

The published files give establishments first, so the numbers they name are known when positions and bodies come. Only
numbers are remembered. What they cannot tell raises `Reprendre`: everything is then read again, and all of it sent.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field


class Reprendre(Exception):  # noqa: N818 - the rows are sound
    """A row that was set aside matters after all: an ESSMS names it later, or it is repeated."""


@dataclass
class Attendus:
    """The rows of one kind, by number. `numeros`: those expected, and whether they came; `ecartes`: the others."""

    numeros: dict[str, bool] = field(default_factory=dict)
    ecartes: set[str] = field(default_factory=set)
    repetes: bool = False

    def expect(self, finess: str) -> None:
        """Raises: Reprendre."""
        if finess in self.ecartes:
            raise Reprendre
        self.numeros.setdefault(finess, False)

    def takes(self, finess: str) -> bool:
        """Whether the row of that number, just read, is expected. Raises: Reprendre."""
        venu = self.numeros.get(finess)
        if venu is None:
            if finess in self.ecartes:
                raise Reprendre
            self.ecartes.add(finess)
            return False
        if venu:
            self.repetes = True
        self.numeros[finess] = True
        return True


class Tous(Attendus):
    """Every row, whatever its number: nothing is remembered."""

    def expect(self, finess: str) -> None:
        pass

    def takes(self, finess: str) -> bool:
        return True


@dataclass
class Tri:
    """What the files of one import said so far. `repetes`: whether an ESSMS may have come twice."""

    positions: Attendus
    organismes: Attendus
    repetes: bool = False

    def add_essms(self, finess: str, og: str) -> None:
        """One more ESSMS, whose position and body are then expected. Raises: Reprendre."""
        if finess in self.positions.numeros:
            self.repetes = True
        self.positions.expect(finess)
        self.organismes.expect(og)

    def may_repeat(self) -> bool:
        """Whether a number may have come twice among the rows taken."""
        return self.repetes or self.positions.repetes or self.organismes.repetes


def sort_for(og: Iterable[str]) -> Tri:
    """`og`: those that the register knows; a file that names them is heard."""
    return Tri(Attendus(), Attendus(dict.fromkeys(og, False)))


def take_all() -> Tri:
    return Tri(Tous(), Tous(), repetes=True)
