from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from aap.models import Dossier
from aap.presence import announce
from comptes.acces import Privee
from portail.acces import page_du_porteur
from portail.presence import around, is_place


@require_POST
@page_du_porteur
def presence(request: Privee, dossier: Dossier, lieu: str) -> HttpResponse:
    """Say that this step is open; answer with who else is there, and what they changed since the page was read."""
    if not is_place(lieu):
        raise Http404
    announce(dossier, request.user, lieu=lieu, ecrit=request.POST.get("ecrit") == "oui")
    vue = request.POST.get("vue", "")
    lue = int(vue) if vue.isdecimal() and len(vue) < 10 else dossier.version
    return render(request, "ui/partials/_presents.html", {"presence": around(dossier, request.user, lieu, vue=lue)})
