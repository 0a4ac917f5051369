"""The reading end of the outbox: each row is handled once, whoever else is at it, and one bad row stops no other."""

import logging
from collections.abc import Callable, Sequence

from django.db import transaction
from django.db.models import F

from moteur import horloge
from moteur.models import Envoi

#: Rows handled in one transaction: enough to share the queries, few enough to be done in a second or two.
LOT = 500

Traitement = Callable[[Sequence[Envoi]], object]

journal = logging.getLogger(__name__)


def consume(traiter: Traitement, nombre: int = LOT) -> int:
    """Hand the next rows to `traiter` and mark them handled, in one transaction; return how many were.

    What `traiter` writes is kept if and only if its rows are marked. A row that fails keeps why, and comes back after
    the others, as long as it takes: a bad release must lose nothing. Locks: those rows; another consumer takes
    the next ones (docs/verrous.md).
    """
    with transaction.atomic():
        envois = claim(nombre)
        faits = [envoi.pk for envoi in _handle(traiter, envois)]
        Envoi.objects.filter(pk__in=faits).update(traite_le=horloge.maintenant())
    return len(faits)


def claim(nombre: int) -> list[Envoi]:
    """The oldest rows that nobody handled or holds, those that failed last; ours until the transaction ends."""
    restants = Envoi.objects.filter(traite_le=None).order_by("essais", "pk")
    return list(restants.select_for_update(skip_locked=True, no_key=True)[:nombre])


def _handle(traiter: Traitement, envois: Sequence[Envoi]) -> Sequence[Envoi]:
    """Those that were handled: all of them at once, or else one by one, without the bad ones."""
    if _attempt(traiter, envois) is None:
        return envois
    return [envoi for envoi in envois if not _note(envoi, _attempt(traiter, [envoi]))]


def _attempt(traiter: Traitement, envois: Sequence[Envoi]) -> Exception | None:
    try:
        with transaction.atomic():
            traiter(envois)
    except Exception as erreur:  # noqa: BLE001 - whatever a row provokes, the others must go on; it is noted on the row
        return erreur
    return None


def _note(envoi: Envoi, erreur: Exception | None) -> bool:
    """Write on the row why it failed; whether it did."""
    if erreur is None:
        return False
    journal.error("envoi %s (%s) : %s", envoi.pk, envoi.sujet, erreur, exc_info=erreur)
    Envoi.objects.filter(pk=envoi.pk).update(essais=F("essais") + 1, erreur=repr(erreur)[:2000])
    return True
