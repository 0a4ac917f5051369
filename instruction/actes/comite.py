"""What awaits the committee, session by session: the aid, the points when the grid has weights, the envelope."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import F

from aap.examen import compute_aid
from aap.models import Aap, Dossier, Etat, Mouvement
from aap.models.enveloppe import Position
from comptes.models import Utilisateur
from comptes.roles import Role
from instruction.actes.acces import roles_in, within
from instruction.actes.catalogue import ACTES
from instruction.libelles import Badge, badge
from moteur import horloge
from moteur.erreurs import Refus, unless_silent
from scoring.classement import Candidat, classer, show_points
from scoring.services import grid

PAR_PAGE = 25
LECTEURS = (Role.INSTRUCTEUR, Role.RESPONSABLE)
DECISIONS = ("selectionner", "mettre_en_attente", "ajourner", "ecarter")


@dataclass(frozen=True, kw_only=True)
class Ligne:
    """A dossier. `aide`: None while the texts do not let compute it; `points`: empty while it cannot be ranked."""

    dossier: Dossier
    badge: Badge
    seance: date | None
    aide: Decimal | None
    points: str
    decisions: list[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Enveloppe:
    """What is left of the envelope of a call."""

    aap: Aap
    position: Position


@dataclass(frozen=True, kw_only=True)
class Comite:
    lignes: list[Ligne]
    page: Page[Any]
    enveloppes: list[Enveloppe]
    silences: list[str]


def read(personne: Utilisateur, numero: str | None) -> Comite:
    """One page, in a fixed number of queries."""
    attendus = within(personne, *LECTEURS).filter(etat__in=(Etat.EN_COMITE, Etat.LISTE_ATTENTE)).with_rules()
    lus = attendus.select_related("aap__region", "aap__enveloppe").prefetch_related("evaluations", "derogations")
    pages = Paginator(
        lus.order_by(F("seance").asc(nulls_last=True), "etat", "rang_attente", "reference", "pk"), PAR_PAGE
    )
    page = pages.get_page(numero)
    page.pages_list = pages.get_elided_page_range(page.number)  # type: ignore[attr-defined]  # read by the component
    detenus, silences = personne.roles_au(horloge.aujourdhui()), list[str]()
    lignes = [_line(un, roles_in(detenus, un.aap.region_id), silences) for un in page]
    return Comite(
        lignes=lignes, page=page, enveloppes=_envelopes(un.dossier.aap for un in lignes),
        silences=list(dict.fromkeys(silences)),
    )  # fmt: skip


def _line(dossier: Dossier, roles: frozenset[str], silences: list[str]) -> Ligne:
    return Ligne(
        dossier=dossier,
        badge=badge(dossier.etat),
        seance=dossier.seance,
        aide=unless_silent(lambda: compute_aid(dossier).total, None, silences),
        points=_points(dossier, silences),
        decisions=[
            (nom, ACTES[nom].libelle)
            for nom in DECISIONS
            if ACTES[nom].leaves(dossier.etat) and roles & ACTES[nom].roles(dossier.etat)
        ],
    )


def _points(dossier: Dossier, silences: list[str]) -> str:
    """The total of its points, which does not depend on the others."""
    notes = tuple({c: Decimal(part) for c, part in une.notes.items()} for une in dossier.evaluations.all())
    if dossier.depose_le is None:
        return ""
    candidat = Candidat(ref=dossier.reference, depose_le=dossier.depose_le, notes=notes)
    try:
        return show_points(classer(grid(dossier.aap), [candidat])[0].total)
    except Refus as refus:
        silences.append(refus.message)
        return ""


def _envelopes(aaps: Iterable[Aap]) -> list[Enveloppe]:
    """The position of each call, in one query."""
    par_pk: Mapping[int, Aap] = {aap.enveloppe.pk: aap for aap in aaps}
    derniers = Mouvement.objects.filter(enveloppe__in=par_pk).order_by("enveloppe", "-rang").distinct("enveloppe")
    colonnes = ("dotation", "reserve", "engage", "verse")
    positions = {un.enveloppe_id: Position(**{nom: getattr(un, nom) for nom in colonnes}) for un in derniers}
    return [Enveloppe(aap=aap, position=positions.get(pk, Position())) for pk, aap in par_pk.items()]
