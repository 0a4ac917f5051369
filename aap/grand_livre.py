"""The ledger of an envelope: the one way money is set aside, committed, paid or freed."""

from dataclasses import replace
from decimal import Decimal

from django.db import transaction

from aap.models import Dossier, Enveloppe, Mouvement, Nature
from comptes.roles import Role
from moteur import horloge, journal
from moteur.contraintes import traduire
from moteur.erreurs import Code, Refus
from moteur.machine import Acteur, Passage
from moteur.texte import en_euros


def endow(enveloppe: Enveloppe, montant: Decimal, par: Acteur) -> Mouvement:
    """Add to the endowment of an envelope, or withdraw from it with a negative amount.

    Raises: Refus ENVELOPPE_INSUFFISANTE when more is withdrawn than is left.
    """
    passage = Passage(par=par, role=Role.ADMINISTRATEUR, le=horloge.maintenant(), donnees={})
    with transaction.atomic():
        return _write(Mouvement(enveloppe=enveloppe, nature=Nature.DOTATION, montant=montant), passage)


def record(
    dossier: Dossier, nature: Nature, montant: Decimal, passage: Passage, *, rang: int | None = None
) -> Mouvement:
    """Write a movement of a dossier on the envelope of its AAP. Call it inside the act's transaction.

    Locks: the envelope (by trigger), after the dossier. `rang`: 1 or 2, for a `versement`.
    Raises: Refus ENVELOPPE_INSUFFISANTE with what is left, VERSEMENT_DEJA_EFFECTUE.
    """
    mouvement = Mouvement(
        enveloppe=dossier.aap.enveloppe, dossier=dossier, nature=nature, montant=montant, versement_rang=rang
    )
    return _write(mouvement, passage)


def _write(mouvement: Mouvement, passage: Passage) -> Mouvement:
    """Insert, in a savepoint so that a refusal can tell what is left, and journal on the envelope's chain."""
    enveloppe = mouvement.enveloppe
    mouvement.le = passage.le
    try:
        with traduire(), transaction.atomic():
            mouvement.save(force_insert=True)
    except Refus as refus:
        raise _with_amounts(refus, enveloppe, mouvement.montant) from refus
    donnees: dict[str, object] = {"montant": f"{mouvement.montant:.2f}"}
    if mouvement.dossier_id:
        donnees["dossier"] = f"dossier:{mouvement.dossier_id}"
    if mouvement.versement_rang:
        donnees["rang"] = mouvement.versement_rang
    journal.append_to(enveloppe.cle, enveloppe.cle, mouvement.nature, replace(passage, donnees=donnees))
    return mouvement


def _with_amounts(refus: Refus, enveloppe: Enveloppe, montant: Decimal) -> Refus:
    if refus.code is not Code.ENVELOPPE_INSUFFISANTE:
        return refus
    reste = enveloppe.position().disponible
    phrase = f"{refus.message} Demandé : {en_euros(montant)} ; disponible : {en_euros(reste)}."
    return Refus(refus.code, phrase, demande=f"{montant:.2f}", disponible=f"{reste:.2f}")
