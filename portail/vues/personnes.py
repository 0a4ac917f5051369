from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from aap.models import Dossier
from aap.portage import retirer_coediteur, transmettre
from comptes.acces import Privee
from moteur.erreurs import Refus
from portail.acces import page_du_porteur
from portail.forms import DonnerAcces
from portail.personnes import let_in, people

ACTES = {"retirer": retirer_coediteur, "transmettre": transmettre}


@require_http_methods(["GET", "HEAD", "POST"])
@page_du_porteur
def personnes(request: Privee, dossier: Dossier) -> HttpResponse:
    """Who acts on this dossier, and a form to let one more in."""
    formulaire = DonnerAcces(dossier, request.user, request.POST or None)
    if request.method == "POST" and formulaire.is_valid():
        try:
            messages.success(request, let_in(dossier, request.user, **formulaire.cleaned_data))
        except Refus as refus:
            formulaire.add_error("courriel", refus.message)
        else:
            return redirect("portail:personnes", dossier.pk)
    return _show(request, dossier, formulaire)


@require_POST
@page_du_porteur
def changer(request: Privee, dossier: Dossier, acte: str) -> HttpResponse:
    """Take a person out, or hand the dossier over to her."""
    try:
        ACTES[acte](dossier, request.user, personne=request.POST.get("personne", ""))
    except Refus as refus:
        return _show(request, dossier, DonnerAcces(dossier, request.user), refus=refus)
    return redirect("portail:personnes", dossier.pk)


def _show(request: Privee, dossier: Dossier, formulaire: DonnerAcces, refus: Refus | None = None) -> HttpResponse:
    contexte = {"dossier": dossier, "formulaire": formulaire, "personnes": people(dossier), "refus": refus}
    return render(request, "portail/personnes.html", contexte, status=409 if refus else 200)
