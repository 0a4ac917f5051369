"""The receipt: for those who may read the dossier, the PDF; for anybody who holds its address, its authenticity."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.core.ratelimit import consume_or_429
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from aap.models import Dossier, Recu
from comptes.acces import Lecture, page_de_lecture
from moteur import horloge
from portail.recu import contenu, mise_en_page
from portail.recu.verification import TROP_LOURD, compare
from ui.envois import upload

#: Enough for a whole office behind one address; too little to try addresses, or to have receipts set for nothing.
CADENCE = {"recu": "60/m/ip"}


@page_de_lecture
def telecharger(request: Lecture, pk: int, recu: int) -> HttpResponse:
    """The receipt as a PDF, set anew from what was frozen: always the same bytes."""
    visibles = Dossier.objects.visible_to(request.user, horloge.aujourdhui()).filter(pk=pk)
    trouve = get_object_or_404(contenu.load(Recu.objects.filter(dossier__in=visibles)), pk=recu)
    reponse = HttpResponse(mise_en_page.render(trouve), content_type="application/pdf")
    reponse.headers["Content-Disposition"] = f'attachment; filename="{_name(trouve)}"'
    reponse.headers["X-Content-Type-Options"] = "nosniff"
    reponse.headers["Cache-Control"] = "private, no-cache"
    return reponse


def _open_to_all(vue: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A page anybody may ask for, at a bounded pace."""

    @require_http_methods(["GET", "HEAD", "POST"])
    @never_cache
    @wraps(vue)
    def opens(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        trop: HttpResponse | None = consume_or_429(request, action="recu", config=CADENCE, limit_get=True)
        return trop or vue(request, *args, **kwargs)

    return opens


def _too_heavy(request: HttpRequest, code: str) -> HttpResponse:
    return _public(request, code, {"reponse": TROP_LOURD}, status=413)


@upload(_open_to_all, _too_heavy)
def public(request: HttpRequest, code: str) -> HttpResponse:
    """Says that a receipt is authentic, and nothing of the dossier; compares with it what one holds."""
    return _public(request, code, {})


def _public(request: HttpRequest, code: str, contexte: dict[str, Any], *, status: int = 200) -> HttpResponse:
    recu = contenu.load(Recu.objects.filter(code=code, dossier__aap__rejeu=None)).first()
    if recu is None:
        return render(request, "portail/recu_inconnu.html", status=404)
    if request.method == "POST" and not contexte:
        saisie = request.POST.get("empreinte", "")
        contexte = {"saisie": saisie[:100], "reponse": compare(recu, saisie, request.FILES.get("fichier"))}
    return render(request, "portail/recu_public.html", {"recu": recu, "saisie": ""} | contexte, status=status)


def _name(recu: Recu) -> str:
    """recu-76-0001-2022-04-01.pdf: plain letters only, whatever the reference."""
    reference = "".join(signe if signe.isascii() and signe.isalnum() else "-" for signe in recu.dossier.reference)
    return f"recu-{reference}-{horloge.jour(recu.delivre_le):%Y-%m-%d}.pdf"
