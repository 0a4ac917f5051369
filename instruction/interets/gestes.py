"""Declaring an interest, and what it undoes in the agenda: one thing for whoever clicks, one transaction."""

from typing import Any

from django.db import transaction
from viewflow.workflow.status import STATUS

from aap.models import Dossier
from comptes.models import Utilisateur
from grappes.interets import declarer_interet
from grappes.models import Interet, OrganismeGestionnaire
from instruction.models import TacheSuivie
from moteur import horloge


@transaction.atomic
def declare(personne: Utilisateur, og: OrganismeGestionnaire, par: Utilisateur, **donnees: Any) -> Interet:
    """As `declarer_interet`; then the tasks that she had taken on those dossiers are anybody's again."""
    interet = declarer_interet(personne, og, par, **donnees)
    give_back(personne)
    return interet


def give_back(personne: Utilisateur) -> int:
    """Free the open tasks of this person on the dossiers she keeps out of; how many."""
    deports = Dossier.objects.deported(personne, horloge.aujourdhui()).order_by().values("pk")
    siennes = TacheSuivie.objects.open().filter(owner=personne, process__dossier__in=deports)
    return siennes.update(owner=None, status=STATUS.NEW, assigned=None, reportee_au=None)
