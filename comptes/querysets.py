from collections.abc import Collection
from datetime import date, datetime
from typing import TYPE_CHECKING, Self

from django.apps import apps
from django.db.models import Case, CharField, Exists, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from comptes.roles import DELEGABLES, OPPOSES, Role

if TYPE_CHECKING:
    from comptes.models import Affectation, Delegation, Invitation, Utilisateur  # noqa: F401

#: The region, the national level written as an empty text so that it compares with itself.
NIVEAU = Coalesce("region", Value(""), output_field=CharField())
OPPOSE = Case(*[When(role=role, then=Value(autre.value)) for role, autre in OPPOSES.items()], default=Value(""))


class AffectationQuerySet(QuerySet["Affectation"]):
    def valides_le(self, jour: date) -> Self:
        """Assignments in force on that day, both ends included."""
        return self.filter(Q(au__isnull=True) | Q(au__gte=jour), du__lte=jour)

    def at(self, niveaux: Collection[str | None]) -> Self:
        """Those of these regions, by code; None among them: at national level."""
        ici = Q(region__in=[code for code in niveaux if code])
        return self.filter(ici | Q(region__isnull=True) if None in niveaux else ici)


class DelegationQuerySet(QuerySet["Delegation"]):
    def en_vigueur(self, jour: date) -> Self:
        """Those under which somebody may act that day, both ends included.

        Not revoked; the delegator still holds the role herself (so no chain), the delegate is still of the agency
        and holds no role that must stay apart from it: what has changed since it was given suspends it.
        """
        datees = self.filter(Q(revoquee_des__isnull=True) | Q(revoquee_des__gt=jour), du__lte=jour, au__gte=jour)
        tenues = apps.get_model("comptes", "Affectation").objects.valides_le(jour).annotate(niveau=NIVEAU)
        ici = tenues.filter(niveau=OuterRef("niveau"))
        du_delegataire = ici.filter(utilisateur=OuterRef("delegataire"))
        return datees.annotate(niveau=NIVEAU, oppose=OPPOSE).filter(
            Exists(ici.filter(utilisateur=OuterRef("delegant"), role=OuterRef("role"))),
            Exists(du_delegataire.filter(role__in=DELEGABLES)),
            ~Exists(du_delegataire.filter(role=OuterRef("oppose"))),
        )

    def visible_to(self, utilisateur: "Utilisateur", jour: date) -> Self:
        """Those she gave or received, those of the regions where she is responsable, all of them for who reads all."""
        if utilisateur.lit_tout(jour):
            return self
        siennes = Q(delegant=utilisateur) | Q(delegataire=utilisateur)
        for region in utilisateur.roles_propres_au(jour).get(Role.RESPONSABLE, ()):
            siennes |= Q(region=region)
        return self.filter(siennes)

    def locked(self) -> Self:
        """Row lock until the end of the transaction; joined tables stay free."""
        return self.select_for_update(of=("self",), no_key=True)


class InvitationQuerySet(QuerySet["Invitation"]):
    def en_attente(self, instant: datetime) -> Self:
        """Neither accepted, nor cancelled, nor expired at that instant."""
        return self.filter(acceptee_le__isnull=True, annulee_le__isnull=True, expire_le__gt=instant)

    def locked(self) -> Self:
        """Row lock until the end of the transaction; joined tables stay free."""
        return self.select_for_update(of=("self",), no_key=True)
