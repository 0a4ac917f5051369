"""A page of the history of a dossier: a bounded number of acts, all of them or of one kind."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from django.db.models import Q, QuerySet
from django.http import QueryDict

from aap.models import Dossier
from comptes.models import Delegation
from instruction.recit import ENTRE_SOI, TUS, Etape, say_titles, step
from instruction.regard import Regard
from moteur.models import Entree

PAR_PAGE = 25
TOUT = "tout"
#: Kinds of acts: name in the address → (title, acts of the dossier, objects all of whose acts belong there).
GENRES: Mapping[str, tuple[str, frozenset[str], tuple[str, ...]]] = {
    "decisions": ("Décisions", frozenset({"deroger", "evaluer", "donner_avis_grades", "proroger"}), ()),
    "argent": (
        "Argent",
        frozenset({"selectionner", "signer", "signer_convention", "verser_premiere_moitie", "verser_seconde_moitie",
                   "proroger", "constater_echec"}),
        ("convention", "versement", "reversement"),
    ),
    "documents": (
        "Documents",
        frozenset({"deposer", "fournir_piece", "recevoir", "demander_complements", "completer", "signer",
                   "declarer_usages", "prononcer_vsr"}),
        ("declaration",),
    ),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Choix:
    """What was asked: a kind of acts, and those before a rank. What is not understood is left out."""

    genre: str = TOUT
    avant: int | None = None

    @classmethod
    def from_query(cls, demande: QueryDict) -> Self:
        genre, avant = demande.get("journal", TOUT), demande.get("avant", "")
        return cls(
            genre=genre if genre in GENRES else TOUT,
            avant=int(avant) if avant.isdecimal() and len(avant) < 10 else None,
        )


@dataclass(frozen=True, kw_only=True)
class Historique:
    """`suivant`: rank before which older acts are read, None when there are none; `genres`: (name, title) of all."""

    choix: Choix
    etapes: list[Etape]
    suivant: int | None

    @property
    def genres(self) -> list[tuple[str, str]]:
        return [(TOUT, "Tout"), *((nom, titre) for nom, (titre, *_) in GENRES.items())]


def rows(dossier: Dossier, choix: Choix, regard: Regard) -> "QuerySet[Entree]":
    """The acts of that page and one more, the latest first. What the agency does for itself stays with it."""
    tus = TUS if regard.interne else (*TUS, *ENTRE_SOI)
    entrees = Entree.objects.filter(chaine=dossier.chaine).exclude(action__in=tus)
    if choix.avant is not None:
        entrees = entrees.filter(rang__lt=choix.avant)
    if choix.genre in GENRES:
        entrees = entrees.filter(_of(choix.genre, dossier))
    return entrees.order_by("-rang")[: PAR_PAGE + 1]


def tell(
    entrees: Sequence[Entree], dossier: Dossier, choix: Choix, delegations: Iterable[Delegation] = ()
) -> Historique:
    """These acts in words; the author of each is loaded. `delegations`: those they were done under (`recit.under`)."""
    page = entrees[:PAR_PAGE]
    titres = say_titles(delegations)
    suivant = page[-1].rang if len(entrees) > PAR_PAGE else None
    return Historique(choix=choix, etapes=[step(une, dossier, titres) for une in page], suivant=suivant)


def _of(genre: str, dossier: Dossier) -> Q:
    _, actes, objets = GENRES[genre]
    voulus = Q(objet=dossier.cle, action__in=actes)
    if genre == "decisions":
        voulus |= Q(objet=dossier.cle, vers__isnull=False)
    for objet in objets:
        voulus |= Q(objet__startswith=f"{objet}:")
    return voulus
