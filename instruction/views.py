from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from aap.models import Dossier
from aap.presence import Voisinage, announce, others, sentence, with_presences
from comptes.acces import Lecture, Privee, page_d_action, page_de_lecture
from comptes.models import Utilisateur
from instruction import fiche
from instruction.actes.catalogue import offered
from instruction.liste.views import is_porteur
from moteur import horloge


@page_de_lecture
def dossier(request: Lecture, pk: int) -> HttpResponse:
    """One dossier. What this person may not read does not exist."""
    jour = horloge.aujourdhui()
    visibles = Dossier.objects.visible_to(request.user, jour)
    porteur = is_porteur(request.user)
    lue = fiche.read(
        get_object_or_404(fiche.load(with_presences(visibles.with_deport(request.user, jour))), pk=pk),
        jour,
        porteur=porteur,
    )
    presence = None if porteur or request.demonstration else _around(lue.dossier, request.user)
    contexte = {"fiche": lue, "presence": presence, "actes": offered(lue.dossier, request.user)}
    return render(request, "instruction/dossier.html", contexte)


@page_d_action
def presence(request: Privee, pk: int) -> HttpResponse:
    """Say that one has this dossier open; answer with who else has. Between agents: no porteur sees it or is seen."""
    visibles = Dossier.objects.visible_to(request.user, horloge.aujourdhui())
    ouvert = get_object_or_404(with_presences(visibles), pk=pk)
    if is_porteur(request.user):
        raise PermissionDenied
    announce(ouvert, request.user)
    return render(request, "ui/partials/_presents.html", {"presence": _around(ouvert, request.user)})


def _around(dossier: Dossier, lecteur: Utilisateur) -> Voisinage:
    ecrivent, lisent = others(dossier, lecteur)
    return Voisinage(
        adresse=reverse("dossier-presence", args=[dossier.pk]),
        phrases=sentence([*ecrivent, *lisent], "consulte ce dossier", "consultent ce dossier"),
    )
