from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from aap.objectifs import fixer_objectifs
from comptes.acces import Lecture, Privee, page_d_action, page_de_lecture
from instruction.objectifs.forms import Objectifs
from instruction.objectifs.lecture import Page, read, readable
from moteur import horloge
from moteur.erreurs import Refus


@page_de_lecture
def objectifs(request: Lecture, code: str) -> HttpResponse:
    """The working days that the agency of a call gives itself."""
    page = _page(request, code)
    return _show(request, page, Objectifs(page.delais, initial={"du": horloge.aujourdhui()}))


@page_d_action
def fixer(request: Privee, code: str) -> HttpResponse:
    """Fix them, from a day on."""
    page = _page(request, code)
    formulaire = Objectifs(page.delais, request.POST)
    if not formulaire.is_valid():
        return _show(request, page, formulaire, status=422)
    try:
        fixes = fixer_objectifs(page.aap, formulaire.jours, request.user, du=formulaire.cleaned_data["du"])
    except Refus as refus:
        return _show(request, page, formulaire, refus, status=422)
    if fixes:
        messages.success(request, "C'est fixé. Les tâches déjà ouvertes gardent leur date.")
    else:
        messages.info(request, "Rien n'a changé : ces objectifs étaient déjà ceux de l'agence.")
    return redirect("objectifs", code=code)


def _page(request: Lecture | Privee, code: str) -> Page:
    """The call of another region does not exist."""
    return read(get_object_or_404(readable(request.user, horloge.aujourdhui()), code=code), request.user)


def _show(
    request: Lecture | Privee, page: Page, formulaire: Objectifs, refus: Refus | None = None, status: int = 200
) -> HttpResponse:
    lignes = [(delai, None if delai.source else formulaire[delai.action]) for delai in page.delais]
    contexte = {"page": page, "formulaire": formulaire, "lignes": lignes, "refus": refus}
    return render(request, "instruction/objectifs/objectifs.html", contexte, status=status)
