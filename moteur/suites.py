"""What follows once a whole act is done: each root that moved is told of once, inside the same transaction.

An act may open other doors on its way (a notification opens a convention): an effect runs in the middle of them, a
`suite` after the last one, when everything the act had to write is written. It may not refuse: the law has spoken.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from moteur.machine import Machine


@dataclass
class Mouvement:
    """What happened to one root during an act. `racine`: the fresh row, None when only what it owns was reloaded."""

    modele: type[Machine]
    pk: int
    racine: Machine | None = None
    actions: list[str] = field(default_factory=list)


Suite = Callable[[Mouvement], None]

_SUITES: dict[type[Machine], list[Suite]] = {}
_EN_COURS: ContextVar[dict[tuple[type[Machine], int], Mouvement] | None] = ContextVar("mouvements", default=None)


def suite(modele: type[Machine]) -> Callable[[Suite], Suite]:
    """Declare what follows every act on an object whose root is of this model."""

    def declare(fonction: Suite) -> Suite:
        _SUITES.setdefault(modele, []).append(fonction)
        return fonction

    return declare


@contextmanager
def ensuite() -> Iterator[None]:
    """Around a door, inside its transaction: on the way out of the outermost one, tell of what moved."""
    if _EN_COURS.get() is not None:
        yield
        return
    mouvements: dict[tuple[type[Machine], int], Mouvement] = {}
    jeton = _EN_COURS.set(mouvements)
    try:
        yield
    finally:
        _EN_COURS.reset(jeton)
    for mouvement in mouvements.values():
        tell(mouvement)


def note(objet: Machine, action: str) -> None:
    """An act was done on `objet`; called by the door, inside `ensuite`."""
    racine, mouvements = objet.racine(), _EN_COURS.get()
    assert mouvements is not None
    mouvement = mouvements.setdefault((type(racine), racine.pk), Mouvement(type(racine), racine.pk))
    mouvement.actions.append(action)
    if racine is objet:
        mouvement.racine = objet


def tell(mouvement: Mouvement) -> None:
    """Call what follows. Whoever makes a root without a door (a draft that is opened) calls it."""
    for fonction in _SUITES.get(mouvement.modele, ()):
        fonction(mouvement)
