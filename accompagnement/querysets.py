from datetime import date
from typing import TYPE_CHECKING, Self

from django.db.models import F, Q

from comptes.models import Utilisateur
from moteur.machine import MachineQuerySet

if TYPE_CHECKING:
    from accompagnement.models import DemandeAide  # noqa: F401


class DemandeAideQuerySet(MachineQuerySet):
    def visible_to(self, utilisateur: Utilisateur, jour: date) -> Self:
        """Requests this person may read that day: hers, those on the dossiers she carries, those of the regions she
        follows, all of them for a national role. What is filtered out does not exist (404)."""
        if utilisateur.lit_tout(jour):
            return self.all()
        return self.filter(
            Q(pk__in=self.of_porteur(utilisateur).values("pk"))
            | Q(departement__region__in=utilisateur.regions_lues(jour))
        )

    def of_porteur(self, utilisateur: Utilisateur) -> Self:
        """Requests she made, or that were made on a dossier she carries."""
        portees = Q(
            dossier__dossieruserobjectpermission__user=utilisateur,
            dossier__dossieruserobjectpermission__permission__codename="porter",
        )
        return self.filter(Q(auteur=utilisateur) | portees).distinct()

    def overdue(self, jour: date) -> Self:
        """Requests that nobody saw to in time."""
        return self.filter(echeance__lt=jour, etat__in=("ouverte", "prise_en_charge")).order_by("pk")

    def with_people(self) -> Self:
        """Each with what a page says of it."""
        return self.select_related("departement__region", "dossier", "auteur", "prise_par")

    def by_urgency(self) -> Self:
        """The first to be due first, those without a day after, then the oldest."""
        return self.order_by(F("echeance").asc(nulls_last=True), "pk")
