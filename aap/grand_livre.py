"""The ledger of an envelope: the one way money is set aside, committed, paid or freed."""

from decimal import Decimal

from django.db import transaction

from aap.models import Dossier, Enveloppe, Mouvement, Nature
from moteur import journal
from moteur.contraintes import traduire
from moteur.erreurs import Code, Refus
from moteur.machine import Passage
from moteur.texte import en_euros


def record(
    dossier: Dossier, nature: Nature, montant: Decimal, passage: Passage, *, rang: int | None = None
) -> Mouvement:
    """Write a movement of a dossier on the envelope of its AAP, and its line in the envelope's journal.

    Locks: the envelope (by trigger), after the dossier. `rang`: 1 or 2, for a `versement`.
    Raises: Refus ENVELOPPE_INSUFFISANTE with what is left, VERSEMENT_DEJA_EFFECTUE.
    """
    enveloppe = dossier.aap.enveloppe
    try:
        with traduire(), transaction.atomic():
            mouvement = Mouvement.objects.create(
                enveloppe=enveloppe, dossier=dossier, nature=nature, montant=montant, le=passage.le,
                versement_rang=rang,
            )  # fmt: skip
    except Refus as refus:
        raise _with_amounts(refus, enveloppe, montant) from refus
    trace = Passage(
        par=passage.par,
        role=passage.role,
        le=passage.le,
        donnees={"dossier": dossier.cle, "montant": f"{montant:.2f}"} | ({"rang": rang} if rang else {}),
    )
    journal.append_to(enveloppe.cle, enveloppe.cle, nature.value, trace)
    return mouvement


def _with_amounts(refus: Refus, enveloppe: Enveloppe, montant: Decimal) -> Refus:
    if refus.code is not Code.ENVELOPPE_INSUFFISANTE:
        return refus
    reste = enveloppe.position().disponible
    phrase = f"{refus.message} Demandé : {en_euros(montant)} ; disponible : {en_euros(reste)}."
    return Refus(refus.code, phrase, demande=f"{montant:.2f}", disponible=f"{reste:.2f}")
