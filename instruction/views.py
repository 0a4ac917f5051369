from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from aap.models import Dossier
from aap.presence import Voisinage, announce, others, sentence, with_presences
from comptes.acces import Lecture, Privee, page_d_action, page_de_lecture
from comptes.models import Utilisateur
from comptes.roles import Role
from instruction import fiche
from instruction.actes.catalogue import offered
from instruction.historique import Choix
from instruction.liste.views import is_porteur
from instruction.notes.lecture import Saisie
from instruction.regard import look
from moteur import horloge


@page_de_lecture
def dossier(request: Lecture, pk: int) -> HttpResponse:
    """One dossier, for those who instruct it. What this person may not read does not exist; its porteur has a page of
    her own, which says the same things to her."""
    jour = horloge.aujourdhui()
    visibles = Dossier.objects.visible_to(request.user, jour)
    trouve = get_object_or_404(fiche.load(with_presences(visibles.with_deport(request.user, jour))), pk=pk)
    regard = look(request.user, trouve, jour)
    if not regard.interne and trouve.est_partage_avec(request.user, Role.PORTEUR):
        return redirect("portail:suivi", pk)
    lue = fiche.read(trouve, regard, jour, Choix.from_query(request.GET))
    presence = _around(trouve, request.user) if regard.interne and not request.demonstration else None
    contexte = {"fiche": lue, "saisie": Saisie(), "presence": presence, "actes": offered(trouve, request.user)}
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
