"""Who reads a page or acts on one: the person signed in, or nobody. The local demonstration lends a reader."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from comptes.models import Utilisateur
from comptes.roles import LECTEURS_NATIONAUX
from moteur import horloge
from ui.lecture import Vue, lecture_seule


class Lecture(HttpRequest):
    """The request of a page that reads. `demonstration`: its reader was lent, not signed in."""

    user: Utilisateur
    htmx: HtmxDetails
    demonstration: bool


def page_de_lecture(vue: Callable[..., HttpResponseBase]) -> Vue:
    """A page read by a known person, that writes nothing. Anybody else is sent to the sign-in page."""

    @require_safe
    @wraps(vue)
    def opens(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        lecture = cast(Lecture, request)
        lecture.demonstration = False
        if not request.user.is_authenticated:
            lecteur = reader_on_loan()
            if lecteur is None:
                return redirect_to_login(request.get_full_path())
            lecture.user, lecture.demonstration = lecteur, True
        return lecture_seule(vue)(lecture, *args, **kwargs)

    return opens


class Privee(HttpRequest):
    """The request of a page that reads and writes for the person signed in."""

    user: Utilisateur
    htmx: HtmxDetails


def page_privee(vue: Callable[..., HttpResponseBase]) -> Vue:
    """A page of the person signed in, who may write there. Anybody else is sent to the sign-in page, and back.

    Reading it (GET) still writes nothing. A part asked by htmx sends the whole page to sign in, not a fragment of it.
    """
    lit = lecture_seule(vue)

    @never_cache
    @wraps(vue)
    def opens(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        privee = cast(Privee, request)
        if not request.user.is_authenticated:
            return _sign_in_first(privee)
        return (lit if request.method in ("GET", "HEAD") else vue)(privee, *args, **kwargs)

    return opens


def page_d_action(vue: Callable[..., HttpResponseBase]) -> Vue:
    """A page that acts, by POST only."""
    return require_POST(page_privee(vue))


def _sign_in_first(request: Privee) -> HttpResponse:
    if not request.htmx:
        return redirect_to_login(request.get_full_path())
    page = request.htmx.current_url_abs_path or request.get_full_path()
    return HttpResponseClientRedirect(redirect_to_login(page).url)


def reader_on_loan() -> Utilisateur | None:
    """The account visitors of the local demonstration read with; None anywhere else.

    Never lent unless the base is the embedded one, DEBUG is on and the account may only read.
    """
    if not (settings.LOCAL and settings.DEBUG and settings.LECTEUR_DEMO):
        return None
    lecteur = Utilisateur.objects.filter(username=settings.LECTEUR_DEMO, is_active=True, is_superuser=False).first()
    if lecteur is None:
        return None
    roles = lecteur.roles_au(horloge.aujourdhui()).keys()
    return lecteur if roles and roles <= LECTEURS_NATIONAUX else None
