from typing import TYPE_CHECKING, Self

from django.db.models import BooleanField, F, Func, Q, QuerySet, Value

from grappes.recherche import to_query
from moteur.horloge import aujourdhui
from moteur.machine import MachineQuerySet

if TYPE_CHECKING:
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


class MembreQuerySet(QuerySet["Membre"]):
    def presents(self) -> Self:
        """Members that have not left the grappe."""
        return self.filter(parti_le__isnull=True)


class CommandeSonsQuerySet(QuerySet["CommandeSons"]):
    def actives(self) -> Self:
        """Orders that were not cancelled."""
        return self.filter(annulee_le__isnull=True)


class RattachementQuerySet(QuerySet["Rattachement"]):
    def current(self) -> Self:
        """Attachments in force today."""
        jour = aujourdhui()
        return self.filter(Q(au__isnull=True) | Q(au__gte=jour), du__lte=jour)


class DemandeGrappeQuerySet(MachineQuerySet):
    def ouvertes(self) -> Self:
        """Demands still looking for a grappe."""
        return self.filter(etat="ouverte")
