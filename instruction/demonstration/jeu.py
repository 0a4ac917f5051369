"""Play the campaign once, for good."""

from datetime import date
from typing import Any

from django.db import connection, transaction

from aap.models import Aap
from instruction.demonstration import accompagnement, appel_ouvert, comptes, fichiers, fin_d_annee
from instruction.demonstration.campagne import scenario
from instruction.rejeu import Suivi, play
from moteur import horloge, journal

VERROU = 0xDE30


def install(suivi: Suivi | None = None) -> list[dict[str, Any]] | None:
    """Play the demonstration, all or nothing, and return what was refused on the way; None when it is there already.

    Locks: one installation at a time. Raises: Refus when this is not the local demonstration.
    """
    comptes.check_local()
    with transaction.atomic():
        with connection.cursor() as curseur:
            curseur.execute("SELECT pg_advisory_xact_lock(%s)", [VERROU])
        if call() is not None:
            comptes.renew()
            return None
        joue = scenario()
        gens = comptes.create()
        bilan = play(joue, keep=True, suivi=suivi, personnes=gens)
        with horloge.figer(joue.evenements[-1].le):
            appel_ouvert.install(gens["administrateur"], gens["porteur"])
            accompagnement.share(Aap.objects.get(code=joue.aap.code, rejeu=None), gens["conseiller_grades"])
            fin_d_annee.install(gens)
        with horloge.figer(joue.evenements[-1].le):
            journal.seal()
    return [_named(refus, joue.evenements[refus["evenement"]].dossier) for refus in bilan["refus"]]


def call() -> Aap | None:
    """The AAP of the demonstration, once it is installed."""
    return Aap.objects.filter(code=fichiers.campagne().code, rejeu=None).first()


def day() -> date:
    """The day on which the demonstration stops."""
    return fichiers.campagne().aujourdhui


def _named(refus: dict[str, Any], reference: str | None) -> dict[str, Any]:
    return refus | {"dossier": reference}
