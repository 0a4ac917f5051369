"""Step 4: the documents, given by whoever carries the dossier. They are read in `instruction.documents`."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from aap.documents.depot import deposit
from aap.documents.limites import check_size
from aap.models import Dossier
from aap.presence import announce
from comptes.acces import Privee
from moteur.erreurs import Refus
from portail import panneau, pieces
from portail.acces import OUVERTS, page_du_porteur
from portail.vues.saisie import step_page
from ui.envois import upload


@require_http_methods(["GET", "HEAD"])
@page_du_porteur
def etape(request: Privee, dossier: Dossier) -> HttpResponse:
    """Each document due, and what was given of it."""
    if dossier.etat not in OUVERTS:
        return redirect("dossier", dossier.pk)
    return show(request, dossier)


def _too_heavy(request: Privee, dossier: Dossier, code: str) -> HttpResponse:
    try:
        check_size(int(request.META["CONTENT_LENGTH"]))
    except Refus as refus:
        return _refuse(request, dossier, code, refus, 413)
    raise AssertionError("asked of heavy files only")


@require_POST
@upload(page_du_porteur, _too_heavy)
def fournir(request: Privee, dossier: Dossier, code: str) -> HttpResponse:
    """Take a file. Every refusal says what to do, and leaves nothing behind."""
    try:
        deposit(dossier, request.user, code=code, fichier=request.FILES.get("fichier"))
    except Refus as refus:
        return _refuse(request, dossier, code, refus, 409)
    announce(dossier, request.user, lieu="pieces", ecrit=True)
    if request.htmx:
        return _part(request, dossier, code, recue=True)
    return redirect("portail:pieces", dossier.pk)


def _refuse(request: Privee, dossier: Dossier, code: str, refus: Refus, status: int) -> HttpResponse:
    if request.htmx:
        return _part(request, dossier, code, refus=refus, status=status)
    return show(request, dossier, refus=refus, status=status)


def show(request: Privee, dossier: Dossier, *, refus: Refus | None = None, status: int = 200) -> HttpResponse:
    """The page of the step."""
    contexte = _given(dossier) | step_page(request, dossier, "pieces") | {"refus": refus, "page_entiere": True}
    return render(request, "portail/etapes/pieces.html", contexte, status=status)


def _part(
    request: Privee, dossier: Dossier, code: str, *, refus: Refus | None = None, recue: bool = False, status: int = 200
) -> HttpResponse:
    """The one document, and the panel."""
    contexte = _given(dossier)
    demande = contexte["demandes"].of(code)
    if demande is None:
        raise Http404
    contexte |= {"demande": demande, "refus": refus, "recue": recue, "panneau": panneau.read(dossier)}
    return render(request, "portail/partials/_piece_envoyee.html", contexte, status=status)


def _given(dossier: Dossier) -> dict[str, Any]:
    return {
        "dossier": dossier,
        "demandes": pieces.read(dossier),
        "ouvert": dossier.etat in OUVERTS,
        "maximum": settings.PIECE_TAILLE_MAX,
    }
