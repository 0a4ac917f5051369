"""The payments of a region: what is payable now, what is blocked and by what, what is paid."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, Q, QuerySet, Sum, When
from django.urls import reverse

from aap.models import Dossier, Etat
from comptes.models import Utilisateur
from comptes.roles import Role
from conventions.models import EtatVersement, Versement
from conventions.querysets import SANS_SUITE
from instruction.actes.acces import roles_in, within
from instruction.actes.catalogue import ACTES, MOITIES
from instruction.libelles import Badge, badge_versement
from instruction.taches import SUITES
from moteur import horloge
from moteur.argent import ZERO

PAR_PAGE = 20
#: Who reads this page.
LECTEURS = (Role.RESPONSABLE, Role.COMPTABLE)
#: Group → its title, what an empty one will hold, the states of its payments, their order.
GROUPES: Mapping[str, tuple[str, str, tuple[EtatVersement, ...], tuple[str, ...]]] = {
    "payables": (
        "Payables maintenant", "Les versements ordonnancés s'afficheront ici, pour qu'un comptable les exécute.",
        (EtatVersement.ORDONNANCE,), ("convention__engagee_le", "pk"),
    ),
    "bloques": (
        "Bloqués", "Rien n'attend d'être certifié, ordonnancé ou prouvé.",
        (EtatVersement.PROPOSE, EtatVersement.CERTIFIE), ("-due", "etat", "convention__engagee_le", "pk"),
    ),
    "executes": (
        "Exécutés", "Les versements faits s'afficheront ici, le dernier en tête.",
        (EtatVersement.EXECUTE,), ("-execute_le", "-pk"),
    ),
}  # fmt: skip
#: The half that is not due yet, by state of its dossier: why, who lifts it, by which act.
PAS_DUE: Mapping[str, tuple[str, str, str]] = {
    Etat.CONVENTIONNE: ("Le premier versement n'est pas encore constaté.", "un comptable", ""),
    Etat.EN_DEPLOIEMENT: ("Les usages ne sont pas encore soumis.", "le porteur", ""),
    Etat.EN_VERIFICATION: ("Les cibles ne sont pas encore constatées.", "un responsable", "constater_cibles"),
}
#: The half that is due, by its own state.
ETAPES: Mapping[str, tuple[str, str, str]] = {
    EtatVersement.PROPOSE: ("Le service fait n'est pas certifié.", "un instructeur ou un responsable", "certifier"),
    EtatVersement.CERTIFIE: ("Le paiement n'est pas ordonnancé.", "un responsable", "ordonnancer"),
    EtatVersement.ORDONNANCE: ("", "un comptable", "executer"),
}
ARRETE = ("Le dossier n'avance plus.", "personne", "")


@dataclass(frozen=True, kw_only=True)
class Ligne:
    """A payment. `pourquoi`, `qui`: what blocks it and who lifts it; `lien`, `verbe`: where this person acts."""

    versement: Versement
    dossier: Dossier
    badge: Badge
    pourquoi: str
    qui: str
    lien: str
    verbe: str


@dataclass(frozen=True, kw_only=True)
class Groupe:
    """`entier`: the group is read alone, page by page; else only its first lines are shown."""

    code: str
    titre: str
    vide: str
    nombre: int
    montant: Decimal
    lignes: list[Ligne]
    page: Page[Any]
    entier: bool


def read(personne: Utilisateur, seul: str, numero: str | None) -> list[Groupe]:
    """Every group, or the one asked for. Four queries at most."""
    codes = [seul] if seul in GROUPES else list(GROUPES)
    tous = _payments(personne)
    totaux = tous.order_by().aggregate(**{
        f"{cle}_{code}": calcul("pk" if cle == "n" else "montant", filter=Q(etat__in=GROUPES[code][2]))
        for code in codes for cle, calcul in (("n", Count), ("s", Sum))
    })  # fmt: skip
    detenus = personne.roles_au(horloge.aujourdhui())
    return [_group(code, tous, totaux, numero, personne, detenus, entier=seul in GROUPES) for code in codes]


def _payments(personne: Utilisateur) -> "QuerySet[Versement]":
    vivants = Versement.objects.exclude(etat__in=SANS_SUITE)
    siens = vivants.filter(convention__dossier__in=within(personne, *LECTEURS).values("pk"))
    dues = [Q(rang=rang, convention__dossier__etat=etat) for etat, rang in MOITIES.items()]
    avec = siens.annotate(due=Case(When(reduce(or_, dues), then=True), default=False))
    lus: QuerySet[Versement] = avec.select_related(
        "convention__dossier__aap", "convention__dossier__grappe__og_porteur", "certifie_par", "ordonnance_par",
        "execute_par",
    ).defer("convention__dossier__instantane", "convention__dossier__financement")  # fmt: skip
    return lus


def _group(
    code: str,
    tous: "QuerySet[Versement]",
    totaux: Mapping[str, Any],
    numero: str | None,
    personne: Utilisateur,
    detenus: Mapping[str, frozenset[str | None]],
    *,
    entier: bool,
) -> Groupe:
    titre, vide, etats, ordre = GROUPES[code]
    pages = Paginator(tous.filter(etat__in=etats).order_by(*ordre), PAR_PAGE)
    pages.count = totaux[f"n_{code}"]  # known already: no query of its own
    page = pages.get_page(numero if entier else 1)
    page.pages_list = pages.get_elided_page_range(page.number)  # type: ignore[attr-defined]  # read by the component
    return Groupe(
        code=code, titre=titre, vide=vide, nombre=pages.count, montant=totaux[f"s_{code}"] or ZERO,
        lignes=_lines(list(page), personne, detenus), page=page, entier=entier,
    )  # fmt: skip


def _lines(
    versements: Sequence[Versement], personne: Utilisateur, detenus: Mapping[str, frozenset[str | None]]
) -> list[Ligne]:
    return [_line(un, personne, roles_in(detenus, un.convention.dossier.aap.region_id)) for un in versements]


def _line(versement: Versement, personne: Utilisateur, roles: frozenset[str]) -> Ligne:
    dossier = versement.convention.dossier
    pourquoi, qui, acte = _next_step(versement, dossier)
    if acte == "executer" and versement.ordonnance_par_id == personne.pk:
        pourquoi, acte = "Vous l'avez ordonnancé : une autre personne, comptable, l'exécute.", ""
    sien = bool(acte) and not roles.isdisjoint(ACTES[acte].roles(_state_for(acte, versement, dossier)))
    return Ligne(
        versement=versement, dossier=dossier, badge=badge_versement(versement.etat), pourquoi=pourquoi, qui=qui,
        lien=reverse("agir", args=[dossier.pk, acte]) if sien else reverse("dossier", args=[dossier.pk]),
        verbe=ACTES[acte].libelle if sien else "Voir le dossier",
    )  # fmt: skip


def _next_step(versement: Versement, dossier: Dossier) -> tuple[str, str, str]:
    """Why it does not move, who moves it, by which act."""
    due = MOITIES.get(dossier.etat) == versement.rang
    if versement.etat == EtatVersement.EXECUTE:
        suite = SUITES[Etat(dossier.etat)] if due else ""
        return ("Le dossier ne l'a pas encore constaté." if due else "", "un comptable" if due else "", suite)
    return ETAPES[versement.etat] if due else PAS_DUE.get(dossier.etat, ARRETE)


def _state_for(acte: str, versement: Versement, dossier: Dossier) -> str:
    etat: str = versement.etat if ACTES[acte].modele is Versement else dossier.etat
    return etat
