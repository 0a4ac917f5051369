from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from comptes import delegations as services
from comptes.acces import Lecture, Privee, page_de_lecture, page_privee
from comptes.models import Delegation
from instruction.delegations.forms import NouvelleDelegation, Revocation
from instruction.delegations.lecture import colleagues, own_titles, read
from moteur import horloge
from moteur.erreurs import Refus
from moteur.texte import en_toutes_lettres


@page_de_lecture
def delegations(request: Lecture) -> HttpResponse:
    """Those she gave, those she received, and those of her region where she is responsable."""
    _only_agents(request)
    contexte = {"page": read(request.user, horloge.aujourdhui())}
    return render(request, "instruction/delegations/liste.html", contexte)


@page_privee
def donner(request: Privee) -> HttpResponse:
    """Lend one of her roles. What it opens, and what it does not, is said beside the form."""
    _only_agents(request)
    jour = horloge.aujourdhui()
    titres = own_titles(request.user, jour)
    if not titres:
        raise PermissionDenied
    form = NouvelleDelegation(
        request.POST or None,
        titres=titres,
        collegues=colleagues(request.user, titres, jour),
        initial={"du": jour, "nature": request.GET.get("nature", "")},
    )
    if request.method == "POST" and form.is_valid():
        try:
            donnee = services.deleguer(form.choisi, form.etendue, request.user)
        except Refus as refus:
            form.add_error(None, refus.message)
        else:
            fin = en_toutes_lettres(donnee.au)
            messages.success(
                request, f"C'est enregistré : {donnee.delegataire} agit en votre nom jusqu'au {fin} inclus."
            )
            return redirect("delegations")
    statut = 422 if form.errors else 200
    return render(request, "instruction/delegations/donner.html", {"form": form}, status=statut)


@page_privee
def revoquer(request: Privee, pk: int) -> HttpResponse:
    """Take it back from a day on."""
    jour = horloge.aujourdhui()
    visibles = Delegation.objects.visible_to(request.user, jour).select_related("delegant", "delegataire", "region")
    delegation = get_object_or_404(visibles, pk=pk)
    if not services.may_revoke(request.user, delegation, jour):
        raise PermissionDenied
    form = Revocation(request.POST or None, initial={"des": jour})
    if request.method == "POST" and form.is_valid():
        try:
            revoquee = services.revoquer(pk, request.user, **form.cleaned_data)
        except Refus as refus:
            form.add_error(None, refus.message)
        else:
            des = en_toutes_lettres(form.cleaned_data["des"])
            messages.success(
                request, f"Délégation révoquée : {revoquee.delegataire} n'agit plus en votre nom à compter du {des}."
            )
            return redirect("delegations")
    contexte = {"form": form, "delegation": delegation}
    return render(request, "instruction/delegations/revoquer.html", contexte, status=422 if form.errors else 200)


def _only_agents(request: Lecture | Privee) -> None:
    """A porteur lends nothing and is lent nothing."""
    if not request.user.is_agent(horloge.aujourdhui()):
        raise PermissionDenied
