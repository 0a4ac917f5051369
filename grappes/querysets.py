from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Self

from django.db.models import BooleanField, Exists, F, Func, Q, QuerySet, Value

from comptes.models import Utilisateur
from comptes.roles import Role
from grappes.recherche import to_query
from moteur.horloge import aujourdhui
from moteur.machine import MachineQuerySet

if TYPE_CHECKING:
    from uuid import UUID

    from grappes.models import CommandeSons, Essms, Membre, Rattachement  # noqa: F401


class Correspond(Func):
    """`vector @@ query`, the query being written by `grappes.recherche` and nobody else."""

    template = "%(expressions)s::tsquery"
    arg_joiner = " @@ "
    output_field = BooleanField()


class EssmsQuerySet(QuerySet["Essms"]):
    def search(self, texte: str) -> Self:
        """The ESSMS of the real register where every word is found, by name: number, name, commune, OG or category.

        A word may be cut short. Nothing typed finds nothing.
        """
        requete = to_query(texte)
        if requete is None:
            return self.none()
        trouves = self.filter(Correspond(F("recherche"), Value(requete)), rejeu__isnull=True)
        return trouves.order_by("nom", "finess")

    def open_on(self, jour: date) -> Self:
        """Those that are open that day, as `Essms.is_open` says."""
        return self.filter(Q(ferme_le__isnull=True) | Q(ferme_le__gt=jour))


class MembreQuerySet(QuerySet["Membre"]):
    def presents(self) -> Self:
        """Members that have not left the grappe."""
        return self.filter(parti_le__isnull=True)


class CommandeSonsQuerySet(QuerySet["CommandeSons"]):
    def of_register(self, rejeu: "UUID | None") -> Self:
        """Those of the real register, or of the one play that sees its own (ADR 0007)."""
        return self.filter(essms__rejeu=rejeu)

    def of_essms(self, numeros: Iterable[str]) -> Self:
        """Those of these FINESS ET, cancelled or not, each with its ESSMS and its OG."""
        return self.filter(essms__finess__in=numeros).select_related("essms", "og")

    def concerning(self, references: Iterable[str], essms: Iterable["Essms"]) -> Self:
        """Those that bear one of these references, or are for one of these ESSMS."""
        concernees = Q(reference__in=references) | Q(essms__in=essms)
        return self.filter(concernees).select_related("essms", "og").order_by("pk")


class RattachementQuerySet(QuerySet["Rattachement"]):
    def current(self) -> Self:
        """Attachments in force today."""
        return self.on(aujourdhui())

    def on(self, jour: date) -> Self:
        """Attachments in force that day."""
        return self.filter(Q(au__isnull=True) | Q(au__gte=jour), du__lte=jour)


class DemandeGrappeQuerySet(MachineQuerySet):
    def visible_to(self, utilisateur: Utilisateur, jour: date) -> Self:
        """Demands this person may read that day: those of the OGs she acts for, those of the regions she follows, all
        of them for a national role; and for a porteur who looks too, those that are open.

        Every view starts here; what is filtered out does not exist (404).
        """
        reelles = self.filter(og__rejeu__isnull=True)
        if utilisateur.lit_tout(jour):
            return reelles
        siennes = self.of_person(utilisateur, jour)
        lues = Q(pk__in=siennes.values("pk")) | Q(departement__region__in=utilisateur.regions_lues(jour))
        return reelles.filter(lues | Q(Exists(siennes.ouvertes()), etat="ouverte"))

    def of_person(self, utilisateur: Utilisateur, jour: date) -> Self:
        """Demands of the OGs she acts for that day, as a porteur."""
        if Role.PORTEUR not in utilisateur.roles_au(jour):
            return self.none()
        return self.filter(og__in=utilisateur.rattachements.on(jour).values("og"), og__rejeu__isnull=True)

    def ouvertes(self) -> Self:
        """Demands still looking for a grappe."""
        return self.filter(etat="ouverte")

    def with_places(self) -> Self:
        """Each with what a page says of it: its OG, its département and region."""
        return self.select_related("og", "departement__region")
