from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from comptes.acces import Lecture, Privee, page_de_lecture, page_privee
from grappes.interets import terminer_interet
from grappes.models import Interet, NatureInteret
from instruction.interets.forms import FinInteret, NouvelInteret
from instruction.interets.gestes import declare
from instruction.interets.lecture import agents_of, read, shut_out
from moteur import horloge
from moteur.erreurs import Refus
from moteur.texte import en_toutes_lettres


@page_de_lecture
def interets(request: Lecture) -> HttpResponse:
    """Hers, and those of the people of her region where she is responsable."""
    _only_agents(request)
    return render(request, "instruction/interets/liste.html", {"page": read(request.user, horloge.aujourdhui())})


@page_privee
def declarer(request: Privee) -> HttpResponse:
    """Declare an interest. What it shuts is said beside the form."""
    _only_agents(request)
    jour = horloge.aujourdhui()
    form = NouvelInteret(request.POST or None, personnes=agents_of(request.user, jour), initial={"du": jour})
    if request.method == "POST" and form.is_valid():
        lues = form.cleaned_data
        try:
            interet = declare(
                form.concernee, lues["og"], request.user, nature=NatureInteret(lues["nature"]), du=lues["du"],
                commentaire=lues["commentaire"],
            )  # fmt: skip
        except Refus as refus:
            form.add_error(None, refus.message)
        else:
            messages.success(request, _consequence(interet))
            return redirect("interets")
    return render(request, "instruction/interets/declarer.html", {"form": form}, status=422 if form.errors else 200)


@page_privee
def terminer(request: Privee, pk: int) -> HttpResponse:
    """Say until when it lasts."""
    jour = horloge.aujourdhui()
    visibles = Interet.objects.visible_to(request.user, jour).select_related("personne", "og", "declare_par")
    interet = get_object_or_404(visibles, pk=pk)
    form = FinInteret(request.POST or None, initial={"au": jour})
    if request.method == "POST" and form.is_valid():
        try:
            terminer_interet(pk, request.user, au=form.cleaned_data["au"])
        except Refus as refus:
            form.add_error(None, refus.message)
        else:
            au = en_toutes_lettres(form.cleaned_data["au"])
            messages.success(request, f"C'est enregistré : cet intérêt dure jusqu'au {au} inclus, le déport aussi.")
            return redirect("interets")
    contexte = {"form": form, "interet": interet}
    return render(request, "instruction/interets/terminer.html", contexte, status=422 if form.errors else 200)


def _consequence(interet: Interet) -> str:
    """What the declaration has just changed."""
    nombre = shut_out(interet.personne, horloge.aujourdhui())
    dossiers = {0: "aucun dossier pour l'instant", 1: "un dossier"}.get(nombre, f"{nombre} dossiers")
    qui, og = interet.personne, interet.og
    return f"Intérêt déclaré. {qui} est en déport sur {dossiers}, et sur tout dossier à venir de {og}."


def _only_agents(request: Lecture | Privee) -> None:
    """A porteur has no dossier to judge."""
    if not request.user.is_agent(horloge.aujourdhui()):
        raise PermissionDenied
