"""Which dossiers a batch is made of: the rows that were ticked, or the whole of what is filtered."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Self
from urllib.parse import urlencode

from django.db.models import Count
from django.http import QueryDict

from comptes.models import Utilisateur
from instruction.liste.filtre import Filtre
from instruction.liste.lecture import matching, visible
from instruction.liste.ordres import ORDRES
from instruction.lots.actes import EnMasse
from instruction.querysets import ParcoursQuerySet

COCHES_MAX = 200


@dataclass(frozen=True, kw_only=True)
class Selection:
    """`coches`: keys of the dossiers ticked on a page. `tous`: all those of `filtre` instead."""

    filtre: Filtre
    coches: tuple[int, ...] = ()
    tous: bool = False

    @classmethod
    def from_query(cls, demande: QueryDict) -> Self:
        """As the form of the list sends it."""
        lues = [un for un in demande.getlist("d") if un.isdecimal() and len(un) < 10][:COCHES_MAX]
        return cls(
            filtre=Filtre.from_query(demande),
            coches=tuple(dict.fromkeys(map(int, lues))),
            tous="tous" in demande,
        )

    def query(self, **autres: Any) -> str:
        """The address that says the same, and something more."""
        choix = [("tous", "1")] if self.tous else [("d", str(pk)) for pk in self.coches]
        paires = [*self.filtre.pairs(), *choix, *autres.items()]
        return urlencode([(nom, valeur) for nom, valeur in paires if nom != "apres"])

    @property
    def whole(self) -> str:
        """The address that chooses all that is filtered."""
        return replace(self, tous=True).query()

    def parcours(self, lecteur: Utilisateur, jour: date) -> ParcoursQuerySet:
        """What it holds, of what she may read."""
        if self.tous:
            return matching(lecteur, self.filtre, jour)
        return visible(lecteur, jour).filter(dossier__in=self.coches)

    def keys(self, lecteur: Utilisateur, jour: date) -> list[int]:
        """Keys of its dossiers, in the order of the list."""
        tri = self.filtre.tri
        prefixe = "-" if tri.startswith("-") else ""
        ordre = f"{prefixe}{ORDRES[tri.removeprefix('-')].champ}"
        return list(self.parcours(lecteur, jour).order_by(ordre, f"{prefixe}pk").values_list("dossier_id", flat=True))


def by_state(selection: Selection, lecteur: Utilisateur, jour: date) -> Counter[str]:
    """How many dossiers in each state, exactly."""
    comptes = selection.parcours(lecteur, jour).order_by().values_list("etat").annotate(n=Count("pk"))
    return Counter(dict(comptes))


def ready(acte: EnMasse, comptes: Mapping[str, int]) -> int:
    """How many are in a state where this act may be done; the door says the rest."""
    return sum(comptes.get(etat, 0) for etat in acte.etats)
