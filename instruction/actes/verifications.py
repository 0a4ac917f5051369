"""What awaits verification: each target of each dossier recomputed, with its formula."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.paginator import Page, Paginator

from aap.models import Dossier, Etat
from comptes.models import Utilisateur
from comptes.roles import Role
from conventions.querysets import alive
from instruction import fiche
from instruction.actes.acces import roles_in, within
from instruction.actes.catalogue import ACTES
from instruction.contenu import Usage
from moteur import horloge

PAR_PAGE = 10
LECTEURS = (Role.INSTRUCTEUR, Role.RESPONSABLE)
ISSUES = ("constater_cibles", "refuser_usages", "constater_echec")


@dataclass(frozen=True, kw_only=True)
class Ligne:
    """A dossier. `montant`: the half that becomes due when its targets are found met."""

    dossier: Dossier
    usages: list[Usage]
    silences: list[str]
    montant: Decimal | None
    issues: list[tuple[str, str]]

    @property
    def manquees(self) -> int:
        return sum(usage.cible.atteinte is not True for usage in self.usages)


@dataclass(frozen=True, kw_only=True)
class Verifications:
    lignes: list[Ligne]
    page: Page[Any]


def read(personne: Utilisateur, numero: str | None) -> Verifications:
    """One page, the deadline that comes first in front, in a fixed number of queries."""
    soumis = within(personne, *LECTEURS).filter(etat=Etat.EN_VERIFICATION).with_rules()
    lus = soumis.select_related("aap__region", "convention").prefetch_related(
        "derogations", "convention__versements", "declarations__mesures"
    )
    pages = Paginator(lus.order_by("convention__echeance_cibles", "reference", "pk"), PAR_PAGE)
    page = pages.get_page(numero)
    page.pages_list = pages.get_elided_page_range(page.number)  # type: ignore[attr-defined]  # read by the component
    detenus = personne.roles_au(horloge.aujourdhui())
    return Verifications(lignes=[_line(un, roles_in(detenus, un.aap.region_id)) for un in page], page=page)


def _line(dossier: Dossier, roles: frozenset[str]) -> Ligne:
    silences: list[str] = []
    seconde = alive(dossier.convention.versements.all(), 2)
    return Ligne(
        dossier=dossier,
        usages=fiche.measured(dossier, silences),
        silences=silences,
        montant=seconde.montant if seconde else None,
        issues=[(nom, ACTES[nom].libelle) for nom in ISSUES if roles & ACTES[nom].roles(dossier.etat)],
    )
