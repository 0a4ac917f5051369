"""A batch goes on: each row is tried, then done, in a transaction of its own, through the door of the single act.

A row is locked while it is worked on, and skipped by whoever else works on the same batch: any number of workers may,
one that dies leaves the row as it was, and the next goes on from there.
"""

import logging
from typing import Any

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Q

from aap.models import Dossier
from comptes.models import Utilisateur
from instruction.libelles import actions as libelles
from instruction.lots.actes import en_masse
from instruction.models import LigneLot, Sort
from moteur import horloge
from moteur.erreurs import Code, Refus
from moteur.lots import Accueil, Issue, treat
from moteur.models import Entree
from moteur.texte import en_liste, en_toutes_lettres

#: The connection is lost, or the lock was: nothing is known of the row, which stays to be done.
PANNES = (OperationalError, InterfaceError)
INCIDENT = "Un incident a interrompu cet acte, rien n'a été écrit : reprenez cette ligne ; s'il revient, signalez-le."
CITES = 3

trace = logging.getLogger(__name__)


def advance(pk: int) -> int:
    """Try what is to be tried, then do what was launched; how many rows. Raises: one of PANNES."""
    faites = 0
    while _one(pk, Q(sort=Sort.A_ESSAYER), simuler=True):
        faites += 1
    while _one(pk, Q(sort=Sort.POSSIBLE, lot__lance_le__isnull=False), simuler=False):
        faites += 1
    return faites


@transaction.atomic
def _one(pk: int, condition: Q, *, simuler: bool) -> bool:
    """Judge the next row that nobody holds; whether there was one. Locks: the row, then its dossier."""
    attendent = LigneLot.objects.filter(condition, lot=pk).select_related("lot__par", "dossier").order_by("rang")
    ligne = attendent.select_for_update(of=("self",), skip_locked=True, no_key=True).first()
    if ligne is None:
        return False
    if simuler:
        ligne.vue = last_rank(ligne.dossier)
    _judge(ligne, simuler=simuler)
    ligne.jugee_le = horloge.maintenant()
    ligne.save(update_fields=["sort", "code", "message", "vue", "entree", "jugee_le"])
    return True


def _judge(ligne: LigneLot, *, simuler: bool) -> None:
    """Write on the row what the door says."""
    try:
        bilan = treat([ligne], _door, identifier=lambda une: une.dossier.reference, simuler=simuler)
    except PANNES:
        raise
    except Exception:  # noqa: BLE001 - one row that breaks does not stop the others
        trace.exception("lot %s, ligne %s", ligne.lot_id, ligne.rang)
        ligne.sort, ligne.code, ligne.message = Sort.INCIDENT, "", INCIDENT
        return
    (jugement,) = bilan.jugements
    if jugement.issue is Issue.REJETE:
        ligne.sort = Sort.IMPOSSIBLE if simuler else Sort.REFUSEE
        ligne.code, ligne.message = jugement.fautes[0].code, jugement.fautes[0].message
    else:
        ligne.sort = Sort.POSSIBLE if simuler else Sort.FAITE
        ligne.code, ligne.message = "", ""
        ligne.entree = None if simuler else last_rank(ligne.dossier)


def _door(ligne: LigneLot) -> Accueil:
    """The single act, by whoever prepared the batch, as her rights are now. Raises: Refus."""
    par, acte = ligne.lot.par, en_masse()[ligne.lot.acte]
    _check_open(par)
    Dossier.objects.locked().only("pk").get(pk=ligne.dossier_id)
    _check_unchanged(ligne)
    acte.porte(ligne.dossier, par, **_data(ligne))
    return Accueil(issue=Issue.MODIFIE)


def _data(ligne: LigneLot) -> dict[str, Any]:
    acte = en_masse()[ligne.lot.acte]
    donnees = {cle: valeur for cle, valeur in ligne.lot.donnees.items() if cle in acte.champs}
    if acte.motive:
        donnees["motif"] = ligne.motif or donnees.get("motif", "")
    return donnees | dict(acte.fixe)


def _check_open(par: Utilisateur) -> None:
    if not par.is_active:
        raise Refus(Code.ROLE_INTERDIT, "Le compte de qui a lancé ce lot est fermé : quelqu'un d'autre doit le faire.")


def _check_unchanged(ligne: LigneLot) -> None:
    """What was decided on is what stands: a dossier that moved since it was tried is not acted upon."""
    depuis = Entree.objects.filter(chaine=ligne.dossier.cle, rang__gt=ligne.vue).select_related("par").order_by("rang")
    dits = [_said(entree) for entree in depuis[:CITES]]
    if dits:
        raise Refus(
            Code.TRANSITION_INTERDITE,
            f"Ce dossier a changé depuis l'aperçu : {en_liste(dits)}. Relisez-le, puis reprenez cette ligne.",
            vue=ligne.vue,
        )


def _said(entree: Entree) -> str:
    quoi = libelles().get(entree.action, entree.action)
    qui = f" par {entree.par}" if entree.par else ""
    return f"« {quoi} »{qui} le {en_toutes_lettres(horloge.jour(entree.le))}"


def last_rank(dossier: Dossier) -> int:
    """Rank of the last journal row of a dossier, 0 without any."""
    rangs = Entree.objects.filter(chaine=dossier.cle).order_by("-rang").values_list("rang", flat=True)
    return rangs.first() or 0
