"""A batch as its page shows it: how far it is, and a page of its rows, in a fixed number of queries."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q
from django.db.models.functions import Now
from procrastinate.contrib.django.models import ProcrastinateWorker

from comptes.models import Utilisateur
from instruction.libelles import Badge, badge
from instruction.lots.actes import EnMasse, en_masse
from instruction.models import SORTS_MOTIVES, LigneLot, Lot, Sort
from moteur.texte import en_toutes_lettres

PAR_PAGE = 50
#: A worker gives a sign of life every ten seconds.
SILENCE = timedelta(minutes=1)
BADGES: Mapping[Sort, Badge] = {
    Sort.A_ESSAYER: Badge("À examiner", "", "time-line"),
    Sort.POSSIBLE: Badge("Possible", "info", "checkbox-circle-line"),
    Sort.IMPOSSIBLE: Badge("Impossible", "error", "close-circle-line"),
    Sort.RETIREE: Badge("Retiré", "beige-gris-galet", "subtract-line"),
    Sort.FAITE: Badge("Fait", "success", "checkbox-circle-line"),
    Sort.REFUSEE: Badge("Refusé", "error", "close-circle-line"),
    Sort.INCIDENT: Badge("Incident", "warning", "alert-line"),
}
#: Once it is launched, what was possible is only awaited.
EN_ATTENTE = Badge("En attente", "", "time-line")
NOMS_DONNEES = {
    "personne": "personne", "echeance": "au plus tard le", "seance": "séance du", "jusqu_au": "jusqu'au",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Avancement:
    """How many rows of each kind. `fait` of `total`: of the step under way; `travailleur`: somebody does it."""

    comptes: Mapping[str, int]
    lance: bool
    travailleur: bool

    @property
    def possibles(self) -> int:
        return self.comptes[Sort.POSSIBLE]

    @property
    def faites(self) -> int:
        return self.comptes[Sort.FAITE]

    @property
    def refusees(self) -> int:
        """Not done, for a reason: foreseen or not."""
        return sum(self.comptes[un] for un in SORTS_MOTIVES)

    @property
    def retirees(self) -> int:
        return self.comptes[Sort.RETIREE]

    @property
    def reste(self) -> int:
        return self.comptes[Sort.POSSIBLE if self.lance else Sort.A_ESSAYER]

    @property
    def total(self) -> int:
        if not self.lance:
            return sum(self.comptes.values()) - self.retirees
        return self.faites + self.reste + self.comptes[Sort.REFUSEE] + self.comptes[Sort.INCIDENT]

    @property
    def fait(self) -> int:
        return self.total - self.reste

    @property
    def en_cours(self) -> bool:
        return self.reste > 0


@dataclass(frozen=True, kw_only=True)
class Rangee:
    """One dossier of the batch. `porteur` and `etat`: as they are now."""

    ligne: LigneLot
    badge: Badge
    etat: Badge
    porteur: str


@dataclass(frozen=True, kw_only=True)
class LotLu:
    """Everything the page shows. `choix`: (sort, words, how many) one may restrict the rows to."""

    lot: Lot
    acte: EnMasse
    donnees: list[str]
    avancement: Avancement
    sort: str
    choix: list[tuple[str, str, int]]
    page: "Page[LigneLot]"
    rangees: list[Rangee]

    @property
    def adresse(self) -> str:
        """The address of these rows, without the number of the page."""
        return f"sort={self.sort}"

    @property
    def corrigeable(self) -> bool:
        """Its rows may be corrected: not while it is tried, the page being read again at the end."""
        return self.lot.lance_le is None and not self.avancement.en_cours


def read(lot: Lot, sort: str, numero: str | None) -> LotLu:
    """`sort`: rows of that kind only, all of them when it is none."""
    acte, avance = en_masse()[lot.acte], progress(lot)
    lignes = lot.lignes.select_related("dossier__parcours").defer(*_heavy()).order_by("rang")
    choisies = lignes.filter(sort=sort) if sort in Sort.values else lignes
    pages = Paginator(choisies, PAR_PAGE)
    page = pages.get_page(numero)
    page.pages_list = pages.get_elided_page_range(page.number)  # type: ignore[attr-defined]  # read by the component
    return LotLu(
        lot=lot,
        acte=acte,
        donnees=list(_common(lot)),
        avancement=avance,
        sort=sort if sort in Sort.values else "",
        choix=[(un.value, _badge(un, avance).texte, avance.comptes[un]) for un in Sort if avance.comptes[un]],
        page=page,
        rangees=[_row(ligne, avance) for ligne in page],
    )


def progress(lot: Lot) -> Avancement:
    """Two queries."""
    comptes = Counter(dict(lot.lignes.order_by().values_list("sort").annotate(n=Count("pk"))))
    vivants = ProcrastinateWorker.objects.filter(last_heartbeat__gt=Now() - SILENCE)
    return Avancement(comptes=comptes, lance=lot.lance_le is not None, travailleur=vivants.exists())


def hers(par: Utilisateur) -> list[tuple[Lot, EnMasse, int, int]]:
    """Her last batches: (batch, act, rows, rows done)."""
    comptes = {"lignes_n": Count("lignes"), "faites_n": Count("lignes", filter=Q(lignes__sort=Sort.FAITE))}
    lots = Lot.objects.filter(par=par).annotate(**comptes).order_by("-pk")[:PAR_PAGE]
    return [(lot, en_masse()[lot.acte], getattr(lot, "lignes_n"), getattr(lot, "faites_n")) for lot in lots]  # noqa: B009


def report(lot: Lot) -> Iterator[list[Any]]:
    """The titles, then a row per dossier, read as they are sent."""
    yield [
        "N°",
        "Référence",
        "Porteur",
        "Verdict",
        "Code",
        "Motif du refus, et que faire",
        "Motif de l'acte",
        "Jugé le",
    ]
    avance = progress(lot)
    commun = lot.donnees.get("motif", "")
    lignes = lot.lignes.select_related("dossier__parcours").defer(*_heavy()).order_by("rang")
    for une in lignes.iterator(chunk_size=2000):
        verdict = _badge(Sort(une.sort), avance).texte
        yield [
            une.rang, une.dossier.reference, _holder(une), verdict, une.code, une.message, une.motif or commun,
            une.jugee_le.date() if une.jugee_le else None,
        ]  # fmt: skip


def _heavy() -> tuple[str, ...]:
    return (
        "dossier__instantane", "dossier__financement", "dossier__parcours__mots", "dossier__parcours__recherche",
    )  # fmt: skip


def _row(ligne: LigneLot, avance: Avancement) -> Rangee:
    return Rangee(
        ligne=ligne, badge=_badge(Sort(ligne.sort), avance), etat=badge(ligne.dossier.etat), porteur=_holder(ligne)
    )


def _badge(sort: Sort, avance: Avancement) -> Badge:
    return EN_ATTENTE if avance.lance and sort == Sort.POSSIBLE else BADGES[sort]


def _holder(ligne: LigneLot) -> str:
    parcours = getattr(ligne.dossier, "parcours", None)
    return parcours.porteur if parcours else ""


def _common(lot: Lot) -> Iterator[str]:
    """What is common to all its rows, in words."""
    for cle, valeur in lot.donnees.items():
        if cle == "personne":
            yield f"{Utilisateur.objects.filter(username=valeur).first() or valeur}"
        elif cle in NOMS_DONNEES:
            yield f"{NOMS_DONNEES[cle]} {en_toutes_lettres(date.fromisoformat(valeur))}"
        elif valeur:
            yield f"motif : {valeur}"
