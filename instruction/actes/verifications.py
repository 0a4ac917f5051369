"""What awaits verification: each target of each dossier recomputed, with its formula."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.paginator import Page, Paginator

from aap.models import Dossier, Etat
from aap.querysets import DossierQuerySet
from comptes.models import Utilisateur
from comptes.roles import Role
from conventions.querysets import alive
from instruction.actes import etablissements
from instruction.actes.acces import roles_in, within
from instruction.actes.catalogue import ACTES
from instruction.contenu import Usage
from moteur import horloge

PAR_PAGE = 10
LECTEURS = (Role.INSTRUCTEUR, Role.RESPONSABLE)
ISSUES = ("constater_cibles", "refuser_usages", "constater_echec")


@dataclass(frozen=True, kw_only=True)
class Ligne:
    """A dossier. `montant`: the half due once its targets are found met. `phrase`: its ESSMS one by one."""

    dossier: Dossier
    usages: list[Usage]
    silences: list[str]
    montant: Decimal | None
    issues: list[tuple[str, str]]
    phrase: str

    @property
    def manquees(self) -> int:
        return sum(usage.cible.atteinte is not True for usage in self.usages)


@dataclass(frozen=True, kw_only=True)
class Verifications:
    lignes: list[Ligne]
    page: Page[Any]


def read(personne: Utilisateur, numero: str | None) -> Verifications:
    """One page, the deadline that comes first in front, in a fixed number of queries."""
    lus = measured(within(personne, *LECTEURS).filter(etat=Etat.EN_VERIFICATION))
    pages = Paginator(lus.order_by("convention__echeance_cibles", "reference", "pk"), PAR_PAGE)
    page = pages.get_page(numero)
    page.pages_list = pages.get_elided_page_range(page.number)  # type: ignore[attr-defined]  # read by the component
    detenus = personne.roles_au(horloge.aujourdhui())
    return Verifications(lignes=[_line(un, roles_in(detenus, un.aap.region_id)) for un in page], page=page)


def measured(dossiers: DossierQuerySet) -> DossierQuerySet:
    """With each dossier, what its targets are computed from."""
    lus: DossierQuerySet = dossiers.with_rules().select_related("aap__region", "convention")
    return lus.prefetch_related("derogations", "convention__versements", "declarations__mesures")


def _line(dossier: Dossier, roles: frozenset[str]) -> Ligne:
    lue = etablissements.read(dossier)
    seconde = alive(dossier.convention.versements.all(), 2)
    return Ligne(
        dossier=dossier,
        usages=lue.ensemble,
        silences=lue.silences,
        montant=seconde.montant if seconde else None,
        issues=[(nom, ACTES[nom].libelle) for nom in ISSUES if roles & ACTES[nom].roles(dossier.etat)],
        phrase=lue.phrase,
    )
