"""The messages of a dossier, on the porteur's side. What is shared with the officers' page is in `instruction`."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from aap.models import Dossier
from comptes.acces import Privee
from instruction.echanges import envoi, lecture
from moteur.erreurs import Refus
from portail.acces import page_du_porteur
from ui.envois import upload


@require_http_methods(["GET", "HEAD"])
@page_du_porteur
def messages(request: Privee, dossier: Dossier) -> HttpResponse:
    """What was written about this dossier, the latest first, and where to write."""
    return _show(request, dossier)


def _too_heavy(request: Privee, dossier: Dossier) -> HttpResponse:
    return _show(request, dossier, refus=envoi.too_heavy(request), status=413)


@require_POST
@upload(page_du_porteur, _too_heavy)
def ecrire(request: Privee, dossier: Dossier) -> HttpResponse:
    """Write to the ARS. A refusal keeps what was typed."""
    try:
        envoi.post(request, dossier)
    except Refus as refus:
        return _show(request, dossier, refus=refus, texte=envoi.typed(request), status=409)
    return redirect("portail:messages", dossier.pk)


@require_POST
@page_du_porteur
def lus(request: Privee, dossier: Dossier) -> HttpResponse:
    """Mark as read what the page showed."""
    nouveaux = envoi.read_up_to(request, dossier)
    if request.htmx:
        return render(request, "instruction/echanges/partials/_lus.html", {"nouveaux": nouveaux})
    return redirect("portail:messages", dossier.pk)


def _show(
    request: Privee, dossier: Dossier, *, refus: Refus | None = None, texte: str = "", status: int = 200
) -> HttpResponse:
    fil = lecture.read(dossier, request.user, request.GET.get("page"))
    return render(request, "portail/messages.html", {"fil": fil, "refus": refus, "texte": texte}, status=status)
