from django.conf import settings
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from aap.models import Dossier
from comptes.acces import Privee
from instruction.libelles import actions
from moteur import horloge
from portail import suivi
from portail.acces import page_du_porteur
from portail.agenda import due_date_file


@require_safe
@page_du_porteur
def echeance(request: Privee, dossier: Dossier, action: str) -> HttpResponse:
    """The due date of a thing asked of the porteur, for her calendar. No longer asked: it does not exist."""
    tache = suivi.due(dossier, action)
    if tache is None or tache.echeance is None:
        raise Http404("Cette échéance n'existe pas, ou n'est plus attendue.")
    fichier = due_date_file(
        dossier=dossier.pk, reference=dossier.reference, action=action, quoi=actions()[action],
        echeance=tache.echeance, adresse=settings.ADRESSE_SITE + reverse("portail:suivi", args=[dossier.pk]),
        ecrit_le=horloge.maintenant(),
    )  # fmt: skip
    reponse = HttpResponse(fichier, content_type="text/calendar; charset=utf-8")
    reponse.headers["Content-Disposition"] = f'attachment; filename="echeance-{dossier.pk}-{action}.ics"'
    return reponse
