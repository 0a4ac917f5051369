"""The list of dossiers: filter, sort, counts by state and one page of rows, in a fixed number of queries."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import (
    Case,
    Count,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    When,
)  # fmt: skip
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Coalesce

from aap.models import Dossier, Etat
from comptes.models import Utilisateur
from grappes.models import Membre
from instruction.libelles import SANS_AIDE, Badge, badge
from instruction.tours import Tour, tasks_of_row, turn, with_turn
from moteur.argent import ZERO

PAR_PAGE = 25
LONGUEUR_TEXTE = 100
ORDRE_DES_ETATS = Case(*[When(etat=etat, then=rang) for rang, etat in enumerate(Etat)], output_field=IntegerField())
#: What a person may sort by; "-" before it reverses. Ties: the reference, then the key.
TRIS: Mapping[str, Any] = {
    "reference": F("reference"),
    "porteur": F("grappe__og_porteur__nom"),
    "essms": F("nombre_essms"),
    "etat": ORDRE_DES_ETATS,
    "echeance": F("limite"),
    "aide": F("aide"),
}
TRI_HABITUEL = "echeance"


@dataclass(frozen=True, kw_only=True)
class Filtre:
    """What the reader asked for. Anything that makes no sense in the address falls back to the usual."""

    texte: str = ""
    etat: str = ""
    tri: str = TRI_HABITUEL
    page: str = "1"

    @classmethod
    def from_query(cls, demande: Mapping[str, str]) -> "Filtre":
        etat, tri = demande.get("etat", ""), demande.get("tri", "")
        return cls(
            texte=demande.get("q", "").replace("\x00", "").strip()[:LONGUEUR_TEXTE],
            etat=etat if etat in Etat.values else "",
            tri=tri if tri.removeprefix("-") in TRIS else TRI_HABITUEL,
            page=demande.get("page", "1"),
        )

    def query(self, **autres: str) -> str:
        """The address of the same list with something else: back to its first page, usual values left out."""
        valeurs = {"q": self.texte, "etat": self.etat, "tri": self.tri} | autres
        if valeurs["tri"] == TRI_HABITUEL:
            del valeurs["tri"]
        return urlencode({cle: valeur for cle, valeur in valeurs.items() if valeur})


@dataclass(frozen=True, kw_only=True)
class Puce:
    """A state one may filter by: how many dossiers are in it, and the address that shows them."""

    badge: Badge
    nombre: int
    choisie: bool
    adresse: str


@dataclass(frozen=True, kw_only=True)
class Colonne:
    """A header: `sens` is "ascending" or "descending" when the list is sorted by it, else empty."""

    titre: str
    sens: str
    adresse: str
    nombre: bool


@dataclass(frozen=True, kw_only=True)
class Rangee:
    """One dossier of the list."""

    dossier: Dossier
    badge: Badge
    tour: Tour

    @property
    def sans_aide(self) -> bool:
        return self.dossier.etat in SANS_AIDE


@dataclass(frozen=True, kw_only=True)
class Liste:
    """Everything the page shows. `visibles`: dossiers the reader may see, whatever the filter."""

    filtre: Filtre
    visibles: int
    correspondants: int
    aide: Decimal
    puces: list[Puce]
    colonnes: list[Colonne]
    page: Page[Any]
    rangees: list[Rangee]


def read_list(lecteur: Utilisateur, filtre: Filtre, jour: date, *, porteur: bool) -> Liste:
    """One page of what this person may read. `porteur`: she reads her own dossiers, say it to her."""
    visibles = Dossier.objects.filter(pk__in=Dossier.objects.visible_to(lecteur, jour).values("pk"))
    par_etat = _by_state(visibles, filtre.texte)
    retenus = {etat: ligne for etat, ligne in par_etat.items() if filtre.etat in ("", etat)}
    page = _page(_rows(visibles, filtre, jour), sum(nombre for nombre, _ in retenus.values()), filtre.page)
    return Liste(
        filtre=filtre,
        visibles=visibles.count() if filtre.texte else sum(nombre for nombre, _ in par_etat.values()),
        correspondants=page.paginator.count,
        aide=sum((aide for _, aide in retenus.values()), ZERO),
        puces=_chips(par_etat, filtre),
        colonnes=_columns(filtre),
        page=page,
        rangees=[_row(dossier, jour, porteur=porteur) for dossier in page.object_list],
    )


def _by_state(visibles: "QuerySet[Dossier]", texte: str) -> dict[str, tuple[int, Decimal]]:
    """State → how many dossiers and how much aid granted, in the order of a dossier's life."""
    lignes = (
        visibles.filter(_matching(texte))
        .order_by()
        .values_list("etat")
        .annotate(n=Count("pk"), s=Sum("aide", filter=~Q(etat__in=SANS_AIDE)))
    )
    compte = {etat: (n, aide or ZERO) for etat, n, aide in lignes}
    return {etat.value: compte[etat.value] for etat in Etat if etat.value in compte}


def _matching(texte: str) -> Q:
    if not texte:
        return Q()
    return Q(reference__icontains=texte) | Q(grappe__nom__icontains=texte) | Q(grappe__og_porteur__nom__icontains=texte)


def _rows(visibles: "QuerySet[Dossier]", filtre: Filtre, jour: date) -> "QuerySet[Dossier]":
    choix = Q(etat=filtre.etat) if filtre.etat else Q()
    lignes = with_turn(visibles.filter(_matching(filtre.texte) & choix), jour).annotate(nombre_essms=_essms_count())
    cle = TRIS[filtre.tri.removeprefix("-")]
    ordre = cle.desc(nulls_last=True) if filtre.tri.startswith("-") else cle.asc(nulls_last=True)
    lignes = lignes.select_related("aap__reglement", "aap__region", "grappe__og_porteur")
    return lignes.defer("instantane", "financement", "aap__reglement__texte").order_by(ordre, "reference", "pk")


def _essms_count() -> Coalesce:
    """ESSMS stated at filing, else those of the grappe today."""
    deposes = Func(KeyTransform("essms", "instantane"), function="jsonb_array_length", output_field=IntegerField())
    membres = Membre.objects.presents().filter(grappe=OuterRef("grappe")).order_by().values("grappe")
    return Coalesce(deposes, Subquery(membres.annotate(n=Count("pk")).values("n")), 0)


def _page(lignes: "QuerySet[Dossier]", total: int, numero: str) -> Page[Any]:
    pages = Paginator(lignes, PAR_PAGE)
    pages.count = total  # known from the counts by state: no query of its own
    page = pages.get_page(numero)
    page.pages_list = list(pages.get_elided_page_range(page.number, on_each_side=2, on_ends=1))  # type: ignore[attr-defined]
    return page


def _chips(par_etat: Mapping[str, tuple[int, Decimal]], filtre: Filtre) -> list[Puce]:
    """One chip per state present; the chosen one stays, even empty, so that it can be undone."""
    etats = [etat for etat in Etat.values if etat in par_etat or etat == filtre.etat]
    return [
        Puce(
            badge=badge(etat),
            nombre=par_etat.get(etat, (0, ZERO))[0],
            choisie=etat == filtre.etat,
            adresse=filtre.query(etat="" if etat == filtre.etat else etat),
        )
        for etat in etats
    ]


def _columns(filtre: Filtre) -> list[Colonne]:
    titres = {"reference": "Dossier", "porteur": "Porteur", "essms": "ESSMS", "etat": "État"}
    titres |= {"echeance": "À qui de jouer", "aide": "Aide"}
    triee, sens = filtre.tri.removeprefix("-"), "descending" if filtre.tri.startswith("-") else "ascending"
    return [
        Colonne(
            titre=titre,
            sens=sens if cle == triee else "",
            adresse=filtre.query(tri=f"-{cle}" if filtre.tri == cle else cle),
            nombre=cle in ("essms", "aide"),
        )
        for cle, titre in titres.items()
    ]


def _row(dossier: Dossier, jour: date, *, porteur: bool) -> Rangee:
    tour = turn(tasks_of_row(dossier, jour), dossier.etat, jour, porteur=porteur)
    return Rangee(dossier=dossier, badge=badge(dossier.etat), tour=tour)
