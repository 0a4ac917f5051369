"""The kinds of nodes the process of a dossier is drawn with.

The law decides which way a dossier goes, in one transaction (moteur.porte); the agenda follows it (instruction.agenda).
So a fork here only says where the ways lead: it holds no condition that could contradict the law (ADR 0017).
"""

from collections.abc import Iterator
from typing import Any

from viewflow import this
from viewflow.workflow.base import Edge
from viewflow.workflow.nodes import Switch, View

from comptes.models import Utilisateur
from comptes.roles import Role
from moteur import horloge


class Etape(View):  # type: ignore[misc]  # the library has no types
    """A human task: done by whoever holds its role in the region of the dossier, by one call to the door.

    `action`: the act or transition that does it (`instruction.taches`). `role`: None where the rule set names it.
    `autres`: the acts that end it otherwise. Closed by any other, it is only suspended: its clock goes on when it comes
    back (`instruction.delais`).
    """

    def __init__(self, action: str, role: Role | None = None, *autres: str) -> None:
        super().__init__(view=None)
        self.action, self.role = action, role
        self.fins = frozenset({action, *autres})

    def can_assign(self, user: Utilisateur, task: Any) -> bool:
        """Nobody has taken it, and this person holds the role there."""
        return task.owner_id is None and self.is_open_to(user, task)

    def is_open_to(self, user: Utilisateur, task: Any) -> bool:
        """Whether this person may do it, as far as roles tell: the door knows the rest."""
        return task.region_id in user.roles_au(horloge.aujourdhui()).get(task.role, frozenset())


class Carrefour(Switch):  # type: ignore[misc]
    """A fork: one way is taken, the one that the law took."""

    _activate_next: list[tuple[Any, str]]

    def Issue(self, noeud: Any, libelle: str) -> "Carrefour":
        """One way out, and what it is called."""
        self._activate_next.append((noeud, libelle))
        return self

    def _resolve(self, instance: Any) -> None:
        self._activate_next = [(this.resolve(instance, noeud), libelle) for noeud, libelle in self._activate_next]

    def _outgoing(self) -> Iterator[Edge]:
        for noeud, libelle in self._activate_next:
            yield Edge(src=self, dst=noeud, edge_class="cond_true", label=libelle)
