from datetime import date
from typing import TYPE_CHECKING, Self

from django.db.models import Q, QuerySet

if TYPE_CHECKING:
    from comptes.models import Affectation  # noqa: F401


class AffectationQuerySet(QuerySet["Affectation"]):
    def valides_le(self, jour: date) -> Self:
        """Assignments in force on that day, both ends included."""
        return self.filter(Q(au__isnull=True) | Q(au__gte=jour), du__lte=jour)
