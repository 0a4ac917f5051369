from typing import cast

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from comptes.acces import Lecture, page_de_lecture
from comptes.models import Utilisateur
from courriels.forms import PreferencesForm
from courriels.models import Courriel, Nature, Rythme
from courriels.preferences import bearer, choices, choose, rhythm

PAR_PAGE = 50
#: An e-mail is somebody's text: shown apart, it runs nothing, loads nothing and sends nothing.
SEUL = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; base-uri 'none'"


@page_de_lecture
def apercu(request: Lecture) -> HttpResponse:
    """Every e-mail that was written, the latest first. In development only."""
    _only_in_development()
    pages = Paginator(Courriel.objects.select_related("destinataire").defer("texte", "html"), PAR_PAGE)
    page = pages.get_page(request.GET.get("page"))
    page.pages_list = pages.get_elided_page_range(page.number)  # type: ignore[attr-defined]  # read by the component
    return render(request, "courriels/apercu.html", {"page": page, "envoyes": settings.COURRIELS_ENVOYES})


@page_de_lecture
def apercu_un(request: Lecture, pk: int) -> HttpResponse:
    """One e-mail as its reader gets it. In development only."""
    _only_in_development()
    courriels = Courriel.objects.select_related("destinataire", "resume")
    return render(request, "courriels/apercu_un.html", {"courriel": get_object_or_404(courriels, pk=pk)})


@xframe_options_sameorigin
@page_de_lecture
def apercu_html(request: Lecture, pk: int) -> HttpResponse:
    """Its HTML alone, for the frame of its page. In development only."""
    _only_in_development()
    return HttpResponse(get_object_or_404(Courriel, pk=pk).html, headers={"Content-Security-Policy": SEUL})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def mes_preferences(request: HttpRequest) -> HttpResponse:
    """How soon this person wants which e-mails."""
    qui = cast(Utilisateur, request.user)
    choix = choices([qui.pk])
    initial = {nature.value: rhythm(choix, qui.pk, nature) for nature in (Nature.ACTION, Nature.INFORMATION)}
    form = PreferencesForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        choose(qui, form.rhythms())
        return redirect(f"{reverse('courriels-preferences')}?enregistre=oui")
    contexte = {"form": form, "enregistre": "enregistre" in request.GET, "adresse": qui.email}
    return render(request, "courriels/preferences.html", contexte)


@csrf_exempt  # the signed link is the authority: a mail program posts it with no cookie (RFC 8058)
@require_http_methods(["GET", "HEAD", "POST"])
def desabonnement(request: HttpRequest, jeton: str) -> HttpResponse:
    """Stop the digests, from their link and without signing in: reading changes nothing, posting does."""
    qui = bearer(jeton)
    if qui is None:
        raise Http404
    fait = request.method == "POST"
    if fait:
        choose(qui, [(Nature.INFORMATION, Rythme.AUCUN)])
    return render(request, "courriels/desabonnement.html", {"fait": fait})


def _only_in_development() -> None:
    if not (settings.LOCAL and settings.DEBUG):
        raise Http404
