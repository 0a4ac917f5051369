from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from aap.models import Dossier
from comptes.acces import Lecture, page_de_lecture
from instruction import fiche
from instruction.liste.views import is_porteur
from moteur import horloge


@page_de_lecture
def dossier(request: Lecture, pk: int) -> HttpResponse:
    """One dossier. What this person may not read does not exist."""
    jour = horloge.aujourdhui()
    visibles = Dossier.objects.visible_to(request.user, jour)
    lue = fiche.read(get_object_or_404(fiche.load(visibles), pk=pk), jour, porteur=is_porteur(request.user))
    return render(request, "instruction/dossier.html", {"fiche": lue})
