"""The digest of the day: one per person and per day in Paris, whoever makes it and however often it is tried."""

from datetime import datetime, time

from django.conf import settings
from django.db import IntegrityError, transaction

from courriels import expedition, preferences
from courriels.models import Courriel, Nature, Rythme, Sort
from courriels.redaction import write_digest
from moteur import horloge

#: Paris time at which the digest of a day is closed; what happens later goes to the next one.
HEURE = time(7, 0)


def send_digests() -> int:
    """Make today's digest of everybody for whom something waits; return how many were made. Nothing before `HEURE`.

    Run it every hour: what a stopped machine missed at seven is made up for later in the day.
    """
    arrete = datetime.combine(horloge.aujourdhui(), HEURE, horloge.PARIS)
    if horloge.maintenant() < arrete:
        return 0
    attendent = Courriel.objects.filter(sort=Sort.AU_RESUME, fait_le__lt=arrete)
    personnes = attendent.order_by("destinataire").values_list("destinataire", flat=True).distinct()
    return sum(_digest_once(personne, arrete) for personne in list(personnes))


def _digest_once(personne: int, arrete: datetime) -> bool:
    """Whether it was made here. The unique key is the judge: whoever comes second undoes everything."""
    try:
        with transaction.atomic():
            return _digest(personne, arrete)
    except IntegrityError:
        return False


def _digest(personne: int, arrete: datetime) -> bool:
    attendent = Courriel.objects.filter(destinataire=personne, sort=Sort.AU_RESUME, fait_le__lt=arrete)
    courriels = list(attendent.select_for_update(skip_locked=True, no_key=True).order_by("fait_le", "pk"))
    choix = preferences.choices([personne])
    voulus = [un for un in courriels if preferences.rhythm(choix, personne, Nature(un.nature)) != Rythme.AUCUN]
    ecartes = [un.pk for un in courriels if un not in voulus]
    Courriel.objects.filter(pk__in=ecartes).update(sort=Sort.ECARTE)
    if not voulus:
        return False
    jour = horloge.jour(arrete)
    dit = write_digest(voulus, jour, preferences.token(personne))
    resume = Courriel.objects.create(
        evenement=f"resume:{jour.isoformat()}", destinataire_id=personne, nature=Nature.RESUME,
        sort=Sort.A_ENVOYER if settings.COURRIELS_ENVOYES else Sort.RETENU,
        sujet=dit.sujet, texte=dit.texte, html=dit.html, fait_le=arrete, cree_le=horloge.maintenant(),
    )  # fmt: skip
    Courriel.objects.filter(pk__in=[un.pk for un in voulus]).update(sort=Sort.REPRIS, resume=resume)
    if resume.sort == Sort.A_ENVOYER:
        expedition.enqueue_one(resume)
    return True
