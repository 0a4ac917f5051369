from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from comptes.acces import Lecture, Privee, page_d_action, page_de_lecture
from grappes.models import DemandeGrappe, OrganismeGestionnaire
from grappes.services import declarer_recherche
from instruction.mise_en_relation.forms import Recherche
from instruction.mise_en_relation.lecture import Page, her_ogs, read
from moteur import horloge
from moteur.erreurs import Refus
from moteur.porte import franchir


@page_de_lecture
def accueil(request: Lecture) -> HttpResponse:
    """Her demands and their suggestions, the form to declare one, and the demands she may read."""
    page = read(request.user, horloge.aujourdhui())
    return _show(request, page, Recherche(ogs=page.ogs))


@page_d_action
def declarer(request: Privee) -> HttpResponse:
    """Declare that an OG looks for a grappe."""
    jour = horloge.aujourdhui()
    recherche = Recherche(request.POST, ogs=her_ogs(request.user, jour))
    if not recherche.is_valid():
        return _show(request, read(request.user, jour), recherche, status=422)
    donnees = dict(recherche.cleaned_data)
    og = OrganismeGestionnaire.objects.get(pk=donnees.pop("og"))
    try:
        declarer_recherche(og, request.user, **donnees)
    except Refus as refus:
        return _show(request, read(request.user, jour), recherche, refus, status=422)
    messages.success(request, "Votre recherche est déclarée : les organismes qui cherchent une grappe la voient.")
    return redirect("mise-en-relation")


@page_d_action
def retirer(request: Privee, pk: int) -> HttpResponse:
    """Stop looking."""
    return _cross(request, pk, "retirer", motif=request.POST.get("motif", ""))


@page_d_action
def pourvoir(request: Privee, pk: int) -> HttpResponse:
    """Say that a grappe was found."""
    return _cross(request, pk, "pourvoir", grappe=request.POST.get("grappe", ""))


def _cross(request: Privee, pk: int, transition: str, **donnees: str) -> HttpResponse:
    """A demand that is not hers does not exist."""
    jour = horloge.aujourdhui()
    siennes = DemandeGrappe.objects.of_person(request.user, jour)
    try:
        franchir(get_object_or_404(siennes, pk=pk), transition, request.user, **donnees)
    except Refus as refus:
        page = read(request.user, jour)
        return _show(request, page, Recherche(ogs=page.ogs), refus, status=422)
    messages.success(request, "C'est enregistré : cette demande n'est plus proposée à personne.")
    return redirect("mise-en-relation")


def _show(
    request: HttpRequest, page: Page, recherche: Recherche, refus: Refus | None = None, *, status: int = 200
) -> HttpResponse:
    contexte = {"page": page, "recherche": recherche, "refus": refus}
    return render(request, "instruction/mise_en_relation.html", contexte, status=status)
