"""Who stands in for whom: the tasks of a person who is away are also her deputy's, until the last day."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.db.models import Q

from comptes.models import Delegation, Utilisateur
from comptes.models.delegation import Nature
from instruction.models import TacheSuivie
from moteur import horloge


def replaced(agent: Utilisateur, jour: date) -> list[Delegation]:
    """Those she stands in for. No query when nobody lends her a role."""
    if not agent.holds_delegations(jour):
        return []
    recues = Delegation.objects.filter(delegataire=agent, nature=Nature.SUPPLEANCE).en_vigueur(jour)
    return list(recues.select_related("delegant").order_by("pk"))


def away(agent: Utilisateur, jour: date) -> list[Delegation]:
    """Her own absences that day, with who stands in for her."""
    donnees = Delegation.objects.filter(delegant=agent, nature=Nature.SUPPLEANCE).en_vigueur(jour)
    return list(donnees.select_related("delegataire").order_by("au", "pk"))


def of(agent: Utilisateur, suppleances: Iterable[Delegation]) -> Q:
    """Tasks that are hers to do: those she took, and those of whom she stands in for, in the role that is lent."""
    siennes = Q(owner=agent)
    for une in suppleances:
        siennes |= Q(owner=une.delegant_id, role=une.role, region=une.region_id)
    return siennes


def absent(tache: TacheSuivie, suppleances: Iterable[Delegation]) -> str:
    """In whose absence a task is shown; empty otherwise."""
    titre = (tache.owner_id, tache.role, tache.region_id)
    return next((str(une.delegant) for une in suppleances if (une.delegant_id, une.role, une.region_id) == titre), "")


def is_in_hand(tache: TacheSuivie, par: Utilisateur) -> bool:
    """Whether it is hers, or of somebody she stands in for today."""
    return tache.owner_id == par.pk or bool(tache.owner_id and absent(tache, replaced(par, horloge.aujourdhui())))


def deputies(taches: Sequence[TacheSuivie], jour: date) -> dict[int, list[int]]:
    """Task → those who are to be told of it: who took it, or while she is away who stands in for her. One query."""
    prises = [tache for tache in taches if tache.owner_id]
    donnees = Delegation.objects.filter(delegant__in={tache.owner_id for tache in prises}, nature=Nature.SUPPLEANCE)
    lues = list(donnees.en_vigueur(jour).order_by("pk")) if prises else []
    return {
        tache.pk: [
            une.delegataire_id for une in lues
            if (une.delegant_id, une.role, une.region_id) == (tache.owner_id, tache.role, tache.region_id)
        ] or [tache.owner_id]
        for tache in prises
    }  # fmt: skip
