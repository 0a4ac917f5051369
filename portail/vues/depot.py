from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from aap.models import Dossier
from comptes.acces import Privee
from moteur.erreurs import Refus
from moteur.porte import franchir
from portail.acces import OUVERTS, page_du_porteur
from portail.vues.saisie import step_page


@require_POST
@page_du_porteur
def deposer(request: Privee, dossier: Dossier) -> HttpResponse:
    """File the dossier, or say everything that is missing. A second click finds it filed."""
    try:
        franchir(dossier, "deposer" if dossier.etat == "brouillon" else "completer", request.user)
    except Refus as refus:
        if Dossier.objects.filter(pk=dossier.pk).exclude(etat__in=OUVERTS).exists():
            return redirect("portail:depose", dossier.pk)
        contexte = step_page(request, dossier, "depot") | {"refus": refus}
        return render(request, "portail/etapes/depot.html", contexte, status=409)
    return redirect("portail:depose", dossier.pk)
