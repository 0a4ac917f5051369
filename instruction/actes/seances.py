"""What is already set for the committees of a call: its sessions to come, the ranks of its waiting list."""

from datetime import date

from django.db.models import Count, Max

from aap.models import Aap, Dossier, Etat
from moteur import horloge


def sessions_ahead(aap: Aap) -> list[tuple[date, int]]:
    """(day, how many dossiers) of the sessions that are to come."""
    inscrits = Dossier.objects.filter(aap=aap, etat=Etat.EN_COMITE, seance__gte=horloge.aujourdhui())
    return list(inscrits.order_by("seance").values_list("seance").annotate(combien=Count("pk")))


def next_rank(aap: Aap) -> int:
    """The rank after the last one given."""
    attente = Dossier.objects.filter(aap=aap, etat=Etat.LISTE_ATTENTE)
    dernier: int | None = attente.aggregate(dernier=Max("rang_attente"))["dernier"]
    return (dernier or 0) + 1
