from typing import TYPE_CHECKING, Self

from django.db.models import BooleanField, F, Func, QuerySet, Value

from grappes.recherche import to_query

if TYPE_CHECKING:
    from grappes.models import Essms, Membre  # noqa: F401


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
