from django.contrib import messages as bandeau
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from aap.models import Dossier
from aap.notes import MENTIONS_MAX, write
from comptes.acces import Lecture, Privee, page_d_action, page_de_lecture
from comptes.models import Utilisateur
from instruction.notes import lecture
from instruction.notes.lecture import Saisie
from instruction.regard import look
from moteur import horloge
from moteur.erreurs import Refus


@page_de_lecture
def notes(request: Lecture, pk: int) -> HttpResponse:
    """The internal notes of a dossier. Who may read none is not told that there are (404)."""
    return _show(request, _readable(request.user, pk), request.user)


@page_d_action
def ecrire(request: Privee, pk: int) -> HttpResponse:
    """Write one. A refusal keeps what was typed."""
    dossier = _readable(request.user, pk)
    saisie = _typed(request)
    try:
        write(dossier, request.user, texte=saisie.texte, mentions=saisie.mentions, partagee=saisie.partagee)
    except Refus as refus:
        return _show(request, dossier, request.user, saisie=saisie, refus=refus, status=409)
    bandeau.success(request, "Note enregistrée. Les personnes mentionnées en sont averties par courriel.")
    return redirect(reverse("dossier", args=[pk]) + "#notes")


def _readable(lecteur: Utilisateur, pk: int) -> Dossier:
    """That dossier; one she may not read does not exist (404)."""
    jour = horloge.aujourdhui()
    visibles = Dossier.objects.visible_to(lecteur, jour).with_deport(lecteur, jour)
    trouve: Dossier = get_object_or_404(visibles.with_rules().select_related("aap__region"), pk=pk)
    return trouve


def _typed(request: HttpRequest) -> Saisie:
    """The text as its author counts it, and the people chosen; what is not a key is left out."""
    choisies = {
        cle for cle in request.POST.getlist("mentions")[: MENTIONS_MAX + 1] if cle.isdecimal() and len(cle) < 10
    }
    return Saisie(
        texte=request.POST.get("texte", "").replace("\r\n", "\n"),
        mentions=frozenset(map(int, choisies)),
        partagee=request.POST.get("partagee") == "oui",
    )


def _show(
    request: HttpRequest,
    dossier: Dossier,
    lecteur: Utilisateur,
    *,
    saisie: Saisie | None = None,
    refus: Refus | None = None,
    status: int = 200,
) -> HttpResponse:
    jour = horloge.aujourdhui()
    regard = look(lecteur, dossier, jour)
    carnet, page = lecture.page(dossier, regard, jour, request.GET.get("page"))
    if not (carnet.ecrit or carnet.notes):
        raise Http404
    contexte = {"dossier": dossier, "carnet": carnet, "page": page, "saisie": saisie or Saisie(), "refus": refus}
    return render(request, "instruction/notes/notes.html", contexte, status=status)
