from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Self

from django.apps import apps
from django.db import connection
from django.db.models import BooleanField, Exists, F, Func, OuterRef, Q, QuerySet, Value

from comptes.models import Affectation, Utilisateur
from comptes.roles import Role
from grappes.recherche import to_query
from moteur.horloge import aujourdhui
from moteur.machine import MachineQuerySet

if TYPE_CHECKING:
    from uuid import UUID

    from grappes.models import CommandeSons, Essms, Grappe, Interet, Membre, Rattachement  # noqa: F401


class Correspond(Func):
    """`vector @@ query`, the query being written by `grappes.recherche` and nobody else."""

    template = "%(expressions)s::tsquery"
    arg_joiner = " @@ "
    output_field = BooleanField()


LIEE = "SELECT EXISTS (SELECT FROM grappes_interet WHERE personne_id = %s AND du <= %s AND (au IS NULL OR au >= %s))"


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

    def found(self, texte: str, combien: int) -> Self:
        """The first of `search`, each with its OG and its département, joined once they are chosen."""
        premiers = self.search(texte)[:combien].values("pk")
        return self.filter(pk__in=premiers).select_related("og", "departement").order_by("nom", "finess")

    def open_on(self, jour: date) -> Self:
        """Those that are open that day, as `Essms.is_open` says."""
        return self.filter(Q(ferme_le__isnull=True) | Q(ferme_le__gt=jour))


class MembreQuerySet(QuerySet["Membre"]):
    def presents(self) -> Self:
        """Members that have not left the grappe."""
        return self.filter(parti_le__isnull=True)

    def counted(self) -> Self:
        """Those present, and those that have left while the dossier still counts on them."""
        return self.filter(Q(parti_le__isnull=True) | Q(retenu_par__isnull=False))


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


class InteretQuerySet(QuerySet["Interet"]):
    def en_vigueur(self, jour: date) -> Self:
        """Those that last that day, both ends included."""
        return self.filter(Q(au__isnull=True) | Q(au__gte=jour), du__lte=jour)

    def bind(self, personne: int | None, jour: date) -> bool:
        """Whether that person has any that day. Written in SQL, for every act of every dossier asks it."""
        with connection.cursor() as curseur:
            curseur.execute(LIEE, [personne, jour, jour])
            return bool(curseur.fetchone()[0])

    def touching(self, grappe: "int | OuterRef") -> Self:
        """Those with an OG of that grappe: the one that carries it, or one that brings it an ESSMS.

        An ESSMS that has left still counts as long as the dossier holds it.
        """
        grappes = apps.get_model("grappes", "Grappe").objects.filter(pk=grappe)
        membres = apps.get_model("grappes", "Membre").objects.counted().filter(grappe=grappe)
        return self.filter(Q(og__in=grappes.values("og_porteur")) | Q(og__in=membres.values("essms__og")))

    def grappes(self) -> "QuerySet[Grappe]":
        """The grappes they touch, by `touching`: found from the interests, for whoever has a whole list to sort out."""
        ogs = self.order_by().values("og")
        membres = apps.get_model("grappes", "Membre").objects.counted().filter(essms__og__in=ogs)
        portees = Q(og_porteur__in=ogs) | Q(pk__in=membres.order_by().values("grappe"))
        grappes: QuerySet[Grappe] = apps.get_model("grappes", "Grappe").objects.filter(portees).order_by()
        return grappes

    def visible_to(self, utilisateur: Utilisateur, jour: date) -> Self:
        """Hers, those of the people of the regions where she is responsable herself, all of them for an auditor."""
        roles = utilisateur.roles_propres_au(jour)
        if Role.AUDITEUR in roles:
            return self
        lus = Q(personne=utilisateur)
        if dirigees := roles.get(Role.RESPONSABLE):
            agents = Affectation.objects.valides_le(jour).at(dirigees).exclude(role=Role.PORTEUR)
            lus |= Q(personne__in=agents.values("utilisateur"))
        return self.filter(lus)

    def locked(self) -> Self:
        """Row lock until the end of the transaction; joined tables stay free."""
        return self.select_for_update(of=("self",), no_key=True)


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
