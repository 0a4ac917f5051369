from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from aap.models import Etat
from comptes.acces import Privee, page_privee
from instruction import fiche
from moteur import horloge
from portail import suivi
from portail.acces import carried_by

#: Where a draft is read, and acted on.
PREMIERE_ETAPE = "appel"


@require_safe
@page_privee
def dossier(request: Privee, pk: int) -> HttpResponse:
    """The porteur's one page on her dossier."""
    return _page(request, pk, "portail/suivi.html")


@require_safe
@page_privee
def depose(request: Privee, pk: int) -> HttpResponse:
    """What just happened, the receipt, and what comes next."""
    if not get_object_or_404(carried_by(request.user), pk=pk).depose_le:
        return redirect("portail:suivi", pk)
    return _page(request, pk, "portail/depose.html")


def _page(request: Privee, pk: int, gabarit: str) -> HttpResponse:
    """A page on a dossier she carries, once filed; a draft is read in its steps."""
    trouve = get_object_or_404(fiche.load(carried_by(request.user)), pk=pk)
    if trouve.etat == Etat.BROUILLON:
        return redirect("portail:etape", trouve.pk, PREMIERE_ETAPE)
    return render(request, gabarit, {"suivi": suivi.read(trouve, horloge.aujourdhui())})
