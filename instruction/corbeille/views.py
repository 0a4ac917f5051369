from collections.abc import Callable
from datetime import date

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from comptes.acces import Lecture, Privee, page_d_action, page_de_lecture
from comptes.models import Utilisateur
from instruction.corbeille import gestes, lecture
from instruction.models import TacheSuivie
from moteur import horloge
from moteur.erreurs import Code, Refus
from moteur.texte import en_toutes_lettres


@page_de_lecture
def corbeille(request: Lecture) -> HttpResponse:
    """What there is to do: hers, or what she may take when nothing is hers and nothing was asked."""
    lot = request.GET.get("lot", "")
    if lot and lot not in lecture.LOTS:
        raise Http404
    lue = lecture.read(request.user, lot, horloge.aujourdhui())
    return render(request, "instruction/corbeille/corbeille.html", {"corbeille": lue, "lots": lecture.LOTS})


@page_d_action
def prendre(request: Privee, pk: int) -> HttpResponse:
    tache = _hers(request, pk)
    return _done(request, lambda: gestes.prendre(tache, request.user), "Tâche prise : elle est dans les vôtres.")


@page_d_action
def rendre(request: Privee, pk: int) -> HttpResponse:
    tache = _hers(request, pk)
    return _done(request, lambda: gestes.rendre(tache, request.user), "Tâche rendue à l'équipe.")


@page_d_action
def confier(request: Privee, pk: int) -> HttpResponse:
    tache = _hers(request, pk)
    equipe = {str(un.pk): un for un in lecture.team(request.user, horloge.aujourdhui())}
    a = equipe.get(request.POST.get("a", ""))
    return _done(request, lambda: gestes.confier(tache, request.user, _chosen(a)), f"Tâche confiée à {a}.")


@page_d_action
def reporter(request: Privee, pk: int) -> HttpResponse:
    tache = _hers(request, pk)
    au = _day(request.POST.get("au", ""))
    dit = f"Tâche reportée au {en_toutes_lettres(au)}." if au else ""
    return _done(request, lambda: gestes.reporter(tache, request.user, _given(au)), dit)


def _hers(request: Privee, pk: int) -> TacheSuivie:
    """A task she may see; any other does not exist."""
    return get_object_or_404(lecture.hers(request.user, horloge.aujourdhui()).select_related("process"), pk=pk)


def _done(request: Privee, geste: Callable[[], None], dit: str) -> HttpResponse:
    try:
        geste()
    except Refus as refus:
        messages.error(request, refus.message)
    else:
        messages.success(request, dit)
    lot = request.POST.get("lot", lecture.HABITUEL)
    return redirect(f"{reverse('corbeille')}?lot={lot if lot in lecture.LOTS else lecture.HABITUEL}")


def _chosen(a: Utilisateur | None) -> Utilisateur:
    if a is None:
        raise Refus(Code.DONNEES_INVALIDES, "Choisissez à qui confier cette tâche.")
    return a


def _given(au: date | None) -> date:
    if au is None:
        raise Refus(Code.DONNEES_INVALIDES, "Donnez le jour où cette tâche doit revenir.")
    return au


def _day(texte: str) -> date | None:
    try:
        return date.fromisoformat(texte)
    except ValueError:
        return None
