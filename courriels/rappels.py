"""Due dates said in time: a week before, the day before, once each, to whose turn it is.

They go to the outbox like everything else, under a unique key; from there they become e-mails.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from django.db.models import Max

from aap.models import Dossier
from instruction.echeances import fire
from instruction.libelles import TERMINES
from instruction.taches import deadlines
from moteur import horloge
from moteur.erreurs import Refus
from moteur.models import Entree, Envoi

#: Days left, the tightest first: who was told nothing a week before is told the tightest one only.
SEUILS = (1, 7)
LOT = 500


def remind() -> int:
    """Write one outbox row per due date that comes near or has passed, never twice; return how many are new."""
    ouverts = Dossier.objects.filter(aap__rejeu=None).exclude(etat__in=TERMINES).order_by("pk")
    cles = list(ouverts.values_list("pk", flat=True))
    return sum(_remind(cles[debut : debut + LOT]) for debut in range(0, len(cles), LOT))


def _remind(cles: list[int]) -> int:
    dossiers = list(Dossier.objects.filter(pk__in=cles).with_rules().prefetch_related("aap__fenetres"))
    entres = _since(dossiers)
    envois = [envoi for dossier in dossiers for envoi in _near(dossier, entres.get(dossier.cle))]
    avant = Envoi.objects.filter(cle__in=[envoi.cle for envoi in envois]).count()
    Envoi.objects.bulk_create(envois, ignore_conflicts=True)
    return len(envois) - avant + fire(dossiers)


def _since(dossiers: list[Dossier]) -> dict[str, date]:
    """The day each dossier came to its state, by the name of the dossier."""
    entrees = Entree.objects.filter(objet__in=[dossier.cle for dossier in dossiers], vers__isnull=False)
    dernieres = entrees.order_by().values_list("objet").annotate(derniere=Max("le"))
    return {objet: horloge.jour(le) for objet, le in dernieres}


def _near(dossier: Dossier, depuis: date | None) -> Iterator[Envoi]:
    """Nothing for a threshold that was already passed when the thing was asked: the e-mail that asked it said so."""
    jour = horloge.aujourdhui()
    try:
        datees = [tache for tache in deadlines(dossier) if tache.echeance and tache.echeance >= jour]
    except Refus:
        return  # the rule set does not say: the page of the dossier does
    for tache in datees:
        assert tache.echeance is not None
        reste = (tache.echeance - jour).days
        seuil = next((seuil for seuil in SEUILS if reste <= seuil), None)
        if seuil is None or (depuis and depuis >= tache.echeance - timedelta(days=seuil)):
            continue
        yield Envoi(
            sujet="dossier.echeance_proche",
            charge={"objet": dossier.cle} | tache.as_dict(),
            cle=f"rappel:{dossier.cle}:{tache.action}:{tache.echeance}:{seuil}",
            cree_le=horloge.maintenant(),
        )
