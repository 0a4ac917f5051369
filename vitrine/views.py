"""Pages for everybody: no account, nothing stored."""

from typing import Any, cast

from allauth.core.ratelimit import consume_or_429
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_POST, require_safe
from django_htmx.middleware import HtmxDetails

from comptes.acces import reader_on_loan
from comptes.models import Utilisateur
from instruction.liste.views import dossiers
from moteur import horloge
from moteur.erreurs import Refus
from ui.lecture import lecture_seule
from vitrine import accessibilite as declaration
from vitrine import appels as registre
from vitrine import guide as textes
from vitrine.appels import Appel
from vitrine.etablissements import simulate
from vitrine.forms import Liste, Simulateur
from vitrine.menu import carries_only
from vitrine.regles_dites import documents, extras, headings, scale, targets
from vitrine.simulation import EN_CHIFFRES, answer, imagine


class Visite(HttpRequest):
    """The request of anybody, which may ask for the part of a page that changes."""

    htmx: HtmxDetails


@require_safe
def accueil(request: HttpRequest) -> HttpResponseBase:
    """The address of the site: her dossiers for who has some, the calls for anybody else.

    An address with a query is a link to a list already filtered: it asks to sign in rather than lose it.
    """
    if request.GET:
        return dossiers(request)
    if not isinstance(request.user, Utilisateur):
        return dossiers(request) if reader_on_loan() else redirect("vitrine:appels")
    return redirect("portail:accueil") if carries_only(request.user) else dossiers(request)


@require_safe
@lecture_seule
def appels(request: HttpRequest) -> HttpResponse:
    """Open, to come, closed."""
    return render(request, "vitrine/appels.html", {"appels": registre.read(horloge.aujourdhui())})


@require_safe
@lecture_seule
def appel(request: Visite, code: str) -> HttpResponse:
    """One call, its rules, and the simulator: the whole page, or the answer alone when htmx asks."""
    vu = _call(code)
    formulaire = Simulateur.read(vu.aap, request.GET)
    contexte: dict[str, Any] = {"appel": vu, "formulaire": formulaire, "reponse": None}
    if formulaire.is_valid():
        contexte["reponse"] = answer(vu, imagine(vu.aap, formulaire.cleaned_data), EN_CHIFFRES)
    if request.htmx and not request.htmx.history_restore_request:
        page = render(request, "vitrine/partials/_resultat.html", contexte)
    else:
        contexte |= _rules(vu) | {"liste": Liste(auto_id="liste_%s")}
        page = render(request, "vitrine/appel.html", contexte, status=422 if formulaire.errors else 200)
    patch_vary_headers(page, ["HX-Request"])  # else going back may show the part for the whole
    return page


@require_POST
def etablissements(request: HttpRequest, code: str) -> HttpResponse:
    """The simulator on real establishments. A few tries a minute and per address; nothing is written."""
    vu = _call(code)
    if trop := consume_or_429(request, action="simuler"):
        return cast(HttpResponse, trop)
    formulaire = Liste(request.POST, auto_id="liste_%s")
    contexte: dict[str, Any] = {"appel": vu, "liste": formulaire, "lue": None}
    if formulaire.is_valid():
        try:
            contexte["lue"] = simulate(vu, formulaire.cleaned_data, horloge.aujourdhui())
        except Refus as refus:
            formulaire.add_error("numeros", refus.message)
    return render(request, "vitrine/etablissements.html", contexte, status=422 if formulaire.errors else 200)


@require_safe
@lecture_seule
def guides(request: HttpRequest) -> HttpResponse:
    """The list of the guides."""
    return render(request, "vitrine/guides.html", {"guides": textes.GUIDES})


@require_safe
@lecture_seule
def guide(request: HttpRequest, nom: str) -> HttpResponse:
    """One guide."""
    if nom not in textes.GUIDES:
        raise Http404
    return _text(request, nom, textes.GUIDES[nom], fil=True)


@require_safe
@lecture_seule
def faq(request: HttpRequest) -> HttpResponse:
    """Questions and answers."""
    vu = _reference(request)
    contexte = {"texte": textes.read("faq", vu.aap.regles if vu else None), "appel": vu}
    return render(request, "vitrine/faq.html", contexte)


@require_safe
def accessibilite(request: HttpRequest) -> HttpResponse:
    """The accessibility statement."""
    return render(request, "vitrine/accessibilite.html", {"declaration": declaration.statement()})


@require_safe
@lecture_seule
def plan(request: HttpRequest) -> HttpResponse:
    """Every page that can be opened from nothing."""
    contexte = {"appels": registre.read(horloge.aujourdhui()), "guides": textes.GUIDES}
    return render(request, "vitrine/plan.html", contexte)


@require_safe
def mentions(request: HttpRequest) -> HttpResponse:
    """Who publishes the site."""
    return _notice(request, "mentions-legales", "Mentions légales")


@require_safe
def donnees(request: HttpRequest) -> HttpResponse:
    """What is kept of people."""
    return _notice(request, "donnees-personnelles", "Données personnelles et cookies")


def _text(request: HttpRequest, nom: str, titre: str, *, fil: bool) -> HttpResponse:
    vu = _reference(request)
    contexte = {"titre": titre, "texte": textes.read(nom, vu.aap.regles if vu else None), "appel": vu, "fil": fil}
    return render(request, "vitrine/texte.html", contexte)


def _notice(request: HttpRequest, nom: str, titre: str) -> HttpResponse:
    """A text without figures: no call to read."""
    contexte = {"titre": titre, "texte": textes.read(nom, None), "appel": None, "fil": False}
    return render(request, "vitrine/texte.html", contexte)


def _call(code: str) -> Appel:
    """The call of that code. Raises: Http404."""
    trouve = registre.published().filter(code=code).first() if "\0" not in code else None
    if trouve is None:
        raise Http404
    return Appel(trouve, horloge.aujourdhui())


def _reference(request: HttpRequest) -> Appel | None:
    """The call whose figures a guide shows: the one asked for, else the one of the day. Raises: Http404."""
    code = request.GET.get("appel")
    return _call(code) if code else registre.read(horloge.aujourdhui()).reference


def _rules(vu: Appel) -> dict[str, object]:
    regles = vu.aap.regles
    return {
        "regles": regles,
        "rubriques": headings(vu.aap),
        "bareme": scale(regles),
        "complements": extras(regles),
        "pieces": documents(regles),
        "cibles": targets(regles),
    }
