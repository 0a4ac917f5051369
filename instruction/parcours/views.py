from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from aap.models import Dossier
from comptes.acces import Lecture, page_de_lecture
from instruction.libelles import badge
from instruction.parcours.lecture import progress, read
from moteur import horloge


@page_de_lecture
def parcours(request: Lecture) -> HttpResponse:
    """The path of any dossier."""
    return render(request, "instruction/parcours/parcours.html", {"bandes": read(), "dossier": None})


@page_de_lecture
def parcours_du_dossier(request: Lecture, pk: int) -> HttpResponse:
    """Where a dossier stands on it. Not for its porteur: what is decided is hers to know once it is notified."""
    jour = horloge.aujourdhui()
    dossier = get_object_or_404(Dossier.objects.visible_to(request.user, jour).select_related("grappe"), pk=pk)
    if not request.user.is_agent(jour):
        raise PermissionDenied
    contexte = {"bandes": read(progress(dossier, jour)), "dossier": dossier, "badge": badge(dossier.etat)}
    return render(request, "instruction/parcours/parcours.html", contexte)
