from datetime import date, datetime
from typing import TYPE_CHECKING, Self

from django.db.models import Q, QuerySet

if TYPE_CHECKING:
    from comptes.models import Affectation, Invitation  # noqa: F401


class AffectationQuerySet(QuerySet["Affectation"]):
    def valides_le(self, jour: date) -> Self:
        """Assignments in force on that day, both ends included."""
        return self.filter(Q(au__isnull=True) | Q(au__gte=jour), du__lte=jour)


class InvitationQuerySet(QuerySet["Invitation"]):
    def en_attente(self, instant: datetime) -> Self:
        """Neither accepted, nor cancelled, nor expired at that instant."""
        return self.filter(acceptee_le__isnull=True, annulee_le__isnull=True, expire_le__gt=instant)

    def locked(self) -> Self:
        """Row lock until the end of the transaction; joined tables stay free."""
        return self.select_for_update(of=("self",), no_key=True)
