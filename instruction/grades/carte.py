"""The risks of a région at a glance: dossiers × axes, worst first, in a fixed number of queries."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, IntegerField, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from aap.models import Dossier
from aap.querysets import DossierQuerySet
from accompagnement.affectation import followed_by
from accompagnement.models import ActionPlan, Axe, DemandeAide, EtatAide, NiveauCourant
from accompagnement.querysets import with_alerts, with_levels
from accompagnement.reglages import days_without_evaluation
from accompagnement.suivis import SUIVIS
from comptes.models import Departement, Utilisateur
from grappes.categories import every
from grappes.models import Membre
from instruction.grades.lecture import LigneRisque, risk_lines
from instruction.libelles import SECTEURS

PAR_PAGE = 25
ALERTES: Mapping[str, str] = {
    "fort_sans_mesure": "Risque fort sans mesure en place",
    "non_evalue": "Encore à évaluer, délai dépassé",
}


@dataclass(frozen=True, kw_only=True)
class Filtre:
    """What the reader asked for. Anything that makes no sense in the address is as if it were not there."""

    alerte: str = ""
    departement: str = ""
    secteur: str = ""
    miens: bool = False
    page: str = "1"

    @classmethod
    def from_query(cls, demande: Mapping[str, str], departements: "list[Departement]") -> "Filtre":
        alerte, lieu = demande.get("alerte", ""), demande.get("departement", "")
        secteur = demande.get("secteur", "")
        return cls(
            alerte=alerte if alerte in ALERTES else "",
            departement=lieu if lieu in {un.code for un in departements} else "",
            secteur=secteur if secteur in SECTEURS else "",
            miens="miens" in demande,
            page=demande.get("page", "1"),
        )

    def query(self) -> str:
        valeurs = {"alerte": self.alerte, "departement": self.departement, "secteur": self.secteur}
        return urlencode(
            {cle: valeur for cle, valeur in valeurs.items() if valeur} | ({"miens": "1"} if self.miens else {})
        )

    @property
    def actif(self) -> bool:
        return bool(self.query())


@dataclass(frozen=True, kw_only=True)
class Rangee:
    dossier: Dossier
    lignes: list[LigneRisque]


@dataclass(frozen=True, kw_only=True)
class Comptes:
    """What calls for attention in what the reader sees, whatever the filter. `delai`: None when nothing gives one."""

    suivis: int
    fort_sans_mesure: int
    non_evalue: int
    retards: int
    demandes: int
    delai: int | None


@dataclass(frozen=True, kw_only=True)
class Carte:
    filtre: Filtre
    axes: list[Axe]
    alertes: Mapping[str, str]
    departements: list[Departement]
    secteurs: Mapping[str, str]
    comptes: Comptes
    page: "Page[Any]"
    rangees: list[Rangee]


def read_map(lecteur: Utilisateur, demande: Mapping[str, str], jour: date) -> Carte:
    """One page of the dossiers this person follows or reads."""
    departements = _departements(lecteur, jour)
    filtre = Filtre.from_query(demande, departements)
    visibles = followed(lecteur, jour)
    page = _page(_filtered(visibles, filtre, lecteur, jour), filtre.page)
    return Carte(
        filtre=filtre,
        axes=list(Axe),
        alertes=ALERTES,
        departements=departements,
        secteurs=SECTEURS,
        comptes=_counts(visibles, lecteur, jour),
        page=page,
        rangees=[Rangee(dossier=dossier, lignes=risk_lines(dossier)) for dossier in page],
    )


def followed(lecteur: Utilisateur, jour: date) -> DossierQuerySet:
    """The dossiers under follow-up that this person may read, one row each."""
    lus: DossierQuerySet = Dossier.objects.filter(
        pk__in=Dossier.objects.visible_to(lecteur, jour).order_by().values("pk"), etat__in=SUIVIS
    )
    return lus


def _filtered(visibles: DossierQuerySet, filtre: Filtre, lecteur: Utilisateur, jour: date) -> DossierQuerySet:
    retenus = visibles
    if filtre.alerte:
        retenus = with_alerts(retenus, jour).filter(**{filtre.alerte: True})
    if filtre.miens:
        retenus = retenus.filter(pk__in=followed_by(lecteur))
    if filtre.departement or filtre.secteur:
        retenus = retenus.filter(Exists(_members(filtre)))
    pire = NiveauCourant.objects.filter(dossier=OuterRef("pk")).order_by("-gravite").values("gravite")[:1]
    ranges = retenus.select_related("grappe__og_porteur", "aap__region").annotate(
        pire=Coalesce(Subquery(pire, output_field=IntegerField()), 0)
    )
    ordonnes: DossierQuerySet = ranges.defer("instantane", "financement").order_by("-pire", "reference", "pk")
    return with_levels(ordonnes)


def _members(filtre: Filtre) -> Any:
    """The ESSMS of the dossier that are there, or of that sector."""
    membres = Membre.objects.presents().filter(grappe=OuterRef("grappe"))
    if filtre.departement:
        membres = membres.filter(essms__departement=filtre.departement)
    if filtre.secteur:
        codes = [une.code for une in every() if une.secteur == filtre.secteur]
        membres = membres.filter(essms__categorie__in=codes)
    return membres


def _page(lignes: DossierQuerySet, numero: str) -> "Page[Any]":
    pages = Paginator(lignes, PAR_PAGE)
    page = pages.get_page(numero)
    page.pages_list = list(pages.get_elided_page_range(page.number, on_each_side=2, on_ends=1))  # type: ignore[attr-defined]
    return page


def _counts(visibles: DossierQuerySet, lecteur: Utilisateur, jour: date) -> Comptes:
    nombres = (
        with_alerts(visibles, jour)
        .order_by()
        .aggregate(
            suivis=Count("pk"),
            forts=Count("pk", filter=Q(fort_sans_mesure=True)),
            muets=Count("pk", filter=Q(non_evalue=True)),
        )
    )
    retards = ActionPlan.objects.late(jour).filter(dossier__in=visibles.values("pk"))
    demandes = DemandeAide.objects.visible_to(lecteur, jour).exclude(etat=EtatAide.RESOLUE)
    return Comptes(
        suivis=nombres["suivis"], fort_sans_mesure=nombres["forts"], non_evalue=nombres["muets"],
        retards=retards.count(), demandes=demandes.count(), delai=days_without_evaluation(),
    )  # fmt: skip


def _departements(lecteur: Utilisateur, jour: date) -> list[Departement]:
    """Those one may filter by: of the regions she follows; all of them for a national role."""
    tous = Departement.objects.all()
    return list(tous if lecteur.lit_tout(jour) else tous.filter(region__in=lecteur.regions_lues(jour)))
