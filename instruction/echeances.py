"""Deadlines that have passed are told once: to the outbox, from where reminders leave."""

from collections.abc import Iterable

from aap.models import Dossier
from instruction.taches import deadlines
from moteur import horloge
from moteur.models import Envoi


def fire(dossiers: Iterable[Dossier]) -> int:
    """Write one outbox row per task past its deadline, never twice for the same one; return how many are new."""
    jour = horloge.aujourdhui()
    envois = [
        Envoi(
            sujet="dossier.echeance_depassee",
            charge={"objet": dossier.cle} | tache.as_dict(),
            cle=f"echeance:{dossier.cle}:{tache.action}:{tache.echeance}",
            cree_le=horloge.maintenant(),
        )
        for dossier in Dossier.objects.filter(pk__in=[d.pk for d in dossiers]).with_rules()
        for tache in deadlines(dossier)
        if tache.echeance and tache.echeance < jour
    ]
    avant = Envoi.objects.filter(cle__in=[envoi.cle for envoi in envois]).count()
    Envoi.objects.bulk_create(envois, ignore_conflicts=True)
    return len(envois) - avant
