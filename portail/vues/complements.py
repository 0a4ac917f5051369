from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from aap.complements import answers
from aap.models import Dossier
from comptes.acces import Privee
from portail.acces import page_du_porteur
from portail.complements import banner


@require_http_methods(["GET", "HEAD"])
@page_du_porteur
def complements(request: Privee, dossier: Dossier) -> HttpResponse:
    """What the ARS asks, where to answer it, and what she has changed so far."""
    bandeau = banner(dossier)
    if bandeau is None:
        return redirect("dossier", dossier.pk)
    reponse = next(iter(answers(dossier)), None)
    contexte = {"dossier": dossier, "complements": bandeau, "reponse": reponse}
    return render(request, "portail/complements.html", contexte)
