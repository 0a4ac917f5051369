"""Every write of a batch but the acts themselves: prepare, correct its rows, launch, stop, take up what was refused."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from comptes.models import Utilisateur
from instruction.lots.actes import EnMasse, en_masse
from instruction.lots.execution import advance
from instruction.lots.selection import Selection
from instruction.models import SORTS_MOTIVES, LigneLot, Lot, Sort
from moteur import horloge, journal
from moteur.erreurs import Code, Refus
from moteur.machine import Passage

TACHE = "instruction.avancer_lot"
#: More than this is a slip, or deserves several batches.
DOSSIERS_MAX = 10_000
MOTIF_MAX = 5_000
#: What a page may wait for: beyond, the worker does it.
IMMEDIAT = 50
ECRITES = 2_000


@transaction.atomic
def prepare(selection: Selection, acte: EnMasse, donnees: Mapping[str, Any], par: Utilisateur) -> Lot:
    """Keep a batch to be tried, and have it tried. Nothing is done to any dossier. Raises: Refus DONNEES_INVALIDES."""
    cles = selection.keys(par, horloge.aujourdhui())
    return _write(acte.nom, donnees, par, [(cle, "") for cle in cles], requete=selection.filtre.query())


@transaction.atomic
def correct(lot: Lot, motifs: Mapping[int, str], retirees: Collection[int]) -> None:
    """Give rows (by key) their own reason, take those out, put the others of `motifs` back; try again what changed.

    Locks: the batch. Raises: Refus TRANSITION_INTERDITE once it is launched.
    """
    lot = _locked(lot)
    if lot.lance_le is not None:
        raise Refus(Code.TRANSITION_INTERDITE, "Ce lot est déjà lancé : ses lignes ne se corrigent plus.")
    changees = []
    for ligne in lot.lignes.select_for_update(of=("self",), no_key=True).filter(pk__in=motifs):
        motif = motifs[ligne.pk].strip()[:MOTIF_MAX]
        retiree = ligne.pk in retirees
        if motif != ligne.motif or retiree != (ligne.sort == Sort.RETIREE):
            ligne.motif, ligne.code, ligne.message = motif, "", ""
            ligne.sort = Sort.RETIREE if retiree else Sort.A_ESSAYER
            changees.append(ligne)
    LigneLot.objects.bulk_update(changees, ["motif", "sort", "code", "message"], batch_size=ECRITES)
    if changees:
        enqueue(lot.pk)


@transaction.atomic
def launch(lot: Lot, par: Utilisateur) -> None:
    """Have the possible rows done, by her who prepared it. A second time changes nothing.

    Locks: the batch. Raises: Refus TRANSITION_INTERDITE while it is being tried, or when nothing in it is possible.
    """
    lot = _locked(lot)
    if lot.lance_le is not None:
        return
    if lot.lignes.filter(sort=Sort.A_ESSAYER).exists():
        raise Refus(Code.TRANSITION_INTERDITE, "L'aperçu n'est pas terminé : attendez-le, puis lancez le lot.")
    possibles = lot.lignes.filter(sort=Sort.POSSIBLE).count()
    if not possibles:
        raise Refus(Code.TRANSITION_INTERDITE, "Aucun dossier de ce lot ne peut être traité : corrigez ses lignes.")
    lot.lance_le = horloge.maintenant()
    lot.save(update_fields=["lance_le"])
    _tell(lot, "lancer", par, {"acte": lot.acte, "dossiers": possibles} | lot.donnees)
    enqueue(lot.pk)


@transaction.atomic
def stop(lot: Lot, par: Utilisateur) -> int:
    """Leave out the rows not done yet; how many. What is done stays done. Locks: the batch, then those rows."""
    lot = _locked(lot)
    restent = lot.lignes.filter(sort=Sort.POSSIBLE) if lot.lance_le else lot.lignes.none()
    retirees = restent.update(sort=Sort.RETIREE)
    if retirees:
        lot.arrete_le = horloge.maintenant()
        lot.save(update_fields=["arrete_le"])
        _tell(lot, "arreter", par, {"dossiers": retirees})
    return retirees


@transaction.atomic
def take_up(lot: Lot, par: Utilisateur) -> Lot:
    """A new batch of the rows that were not done for a reason, with their own reasons, to be tried again.

    Raises: Refus DONNEES_INVALIDES when every row was done.
    """
    lignes = list(refused(lot).values_list("dossier_id", "motif"))
    return _write(lot.acte, lot.donnees, par, lignes, requete=lot.requete)


def refused(lot: Lot) -> "QuerySet[LigneLot]":
    """Its rows that were not done, for a reason."""
    return lot.lignes.filter(sort__in=SORTS_MOTIVES).order_by("rang")


def unfinished() -> "QuerySet[Lot]":
    """The batches that still have a row to try, or to do."""
    a_essayer, a_faire = Q(sort=Sort.A_ESSAYER), Q(sort=Sort.POSSIBLE, lot__lance_le__isnull=False)
    return Lot.objects.filter(pk__in=LigneLot.objects.filter(a_essayer | a_faire).values("lot"))


def settle_small(lot: Lot) -> None:
    """Go on at once with a batch that is short enough for whoever waits for the page; its job then finds nothing."""
    if lot.lignes.count() <= IMMEDIAT:
        advance(lot.pk)


def enqueue(pk: int) -> None:
    """Have the worker go on with a batch, if and only if the caller's transaction is kept; one waiting job serves."""
    with suppress(AlreadyEnqueued), transaction.atomic():
        app.configure_task(TACHE, queueing_lock=f"lot:{pk}").defer(lot=pk)


def _write(
    acte: str, donnees: Mapping[str, Any], par: Utilisateur, lignes: Collection[tuple[int, str]], *, requete: str
) -> Lot:
    if not lignes:
        raise Refus(Code.DONNEES_INVALIDES, "Aucun dossier n'est choisi : cochez-en, ou traitez ceux du filtre.")
    if len(lignes) > DOSSIERS_MAX:
        trop = f"Un lot porte au plus {DOSSIERS_MAX} dossiers, ce filtre en donne {len(lignes)} : resserrez-le."
        raise Refus(Code.DONNEES_INVALIDES, trop, nombre=len(lignes), maximum=DOSSIERS_MAX)
    lot = Lot.objects.create(
        par=par, acte=acte, donnees=dict(donnees), requete=requete[:2000], cree_le=horloge.maintenant()
    )
    LigneLot.objects.bulk_create(
        (
            LigneLot(lot=lot, dossier_id=cle, rang=rang, motif=motif)
            for rang, (cle, motif) in enumerate(lignes, start=1)
        ),
        batch_size=ECRITES,
    )
    enqueue(lot.pk)
    return lot


def _locked(lot: Lot) -> Lot:
    return Lot.objects.select_for_update(of=("self",), no_key=True).get(pk=lot.pk)


def _tell(lot: Lot, action: str, par: Utilisateur, donnees: Mapping[str, Any]) -> None:
    """One row in the chain of the batch: each act has its own in the chain of its dossier."""
    le = horloge.maintenant()
    roles = en_masse()[lot.acte].roles & par.roles_au(horloge.jour(le)).keys()
    journal.append_to(lot.cle, lot.cle, action, Passage(par=par, role=min(roles, default=""), le=le, donnees=donnees))
