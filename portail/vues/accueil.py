from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from aap.ouverture import open_draft
from comptes.acces import Privee, page_privee
from moteur import horloge
from moteur.erreurs import Refus
from portail.acces import carried_by
from portail.cartes import read_cards
from portail.forms import NouveauDossier, RejoindreOrganisme
from portail.organismes import join


@require_GET
@page_privee
def accueil(request: Privee) -> HttpResponse:
    """The porteur's home: what is asked of her first, then her dossiers."""
    cartes = read_cards(carried_by(request.user), horloge.aujourdhui())
    a_vous = sum(carte.a_vous for carte in cartes)
    return render(request, "portail/accueil.html", {"cartes": cartes, "a_vous": a_vous})


@require_http_methods(["GET", "HEAD", "POST"])
@page_privee
def nouveau(request: Privee) -> HttpResponse:
    """Open a draft: which call, for which organisation, what project. Whoever acts for none says first for which."""
    formulaire = NouveauDossier(request.user, request.POST or None, initial={"aap": request.GET.get("aap")})
    if not formulaire.acts:
        return redirect(f"{reverse('portail:rejoindre')}?{request.GET.urlencode()}")
    if request.method == "POST" and formulaire.is_valid():
        try:
            dossier = open_draft(par=request.user, **formulaire.cleaned_data)
        except Refus as refus:
            formulaire.add_error(None, refus.message)
        else:
            return redirect("portail:etape", dossier.pk, "grappe")
    return render(request, "portail/nouveau.html", {"formulaire": formulaire})


@require_http_methods(["GET", "HEAD", "POST"])
@page_privee
def rejoindre(request: Privee) -> HttpResponse:
    """Say for which organisation one acts."""
    formulaire = RejoindreOrganisme(request.POST or None)
    if request.method == "POST" and formulaire.is_valid():
        try:
            og = join(request.user, **formulaire.cleaned_data)
        except Refus as refus:
            formulaire.add_error("finess", refus.message)
        else:
            messages.success(request, f"Vous agissez désormais pour {og}.")
            return redirect(f"{reverse('portail:nouveau')}?{request.GET.urlencode()}")
    return render(request, "portail/rejoindre.html", {"formulaire": formulaire})
