from typing import TYPE_CHECKING, Self

from django.db.models import QuerySet

if TYPE_CHECKING:
    from grappes.models import Membre  # noqa: F401


class MembreQuerySet(QuerySet["Membre"]):
    def presents(self) -> Self:
        """Members that have not left the grappe."""
        return self.filter(parti_le__isnull=True)
