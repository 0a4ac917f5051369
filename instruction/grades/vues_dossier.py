"""The pages of one dossier: its risks, the support plan, who follows it."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from aap.models import Dossier
from accompagnement.models import Axe
from comptes.acces import Lecture, Privee, page_d_action, page_de_lecture
from comptes.models import Utilisateur
from instruction.grades.acces import may, readable
from instruction.grades.forms import Annoter, OuvrirRisque, Planifier, Suivre
from instruction.grades.gestes import SANS_GESTE, Geste, attempt
from instruction.grades.lecture import LigneRisque, read_plan, read_risks
from moteur import horloge
from moteur.porte import actes


@page_de_lecture
def risques(request: Lecture, pk: int) -> HttpResponse:
    """The five axes, each with all that was said of it; and the panel to annotate one, alone when htmx asks for it."""
    return _risks(request, readable(request.user, pk), axe=_axis(request.GET.get("axe")))


@page_d_action
def annoter(request: Privee, pk: int) -> HttpResponse:
    """Annotate a risk. A refusal keeps what was typed."""
    dossier = readable(request.user, pk)
    axe = _axis(request.POST.get("axe"))
    formulaire = Annoter(read_risks(dossier, request.user).partages, request.POST)
    geste = attempt(lambda: _do(dossier, "annoter_risque", request.user, formulaire.donnees()), formulaire)
    if not geste.reussi:
        return _risks(request, dossier, axe=axe, formulaire=formulaire, geste=geste)
    if request.htmx:
        return _risks(request, readable(request.user, pk), axe=axe, faite=True)
    messages.success(request, FAIT["annoter_risque"])
    return redirect("grades-risques-dossier", pk)


@page_d_action
def ouvrir_risque(request: Privee, pk: int) -> HttpResponse:
    """Name a cause that other dossiers may share, then choose them."""
    dossier = readable(request.user, pk)
    formulaire = OuvrirRisque(request.POST)
    geste = attempt(lambda: _do(dossier, "ouvrir_risque", request.user, formulaire.cleaned_data), formulaire)
    if not geste.reussi:
        return _risks(request, dossier, partage=formulaire, geste=geste)
    messages.success(request, FAIT["ouvrir_risque"])
    return redirect("grades-risque", geste.fait.pk)


@page_d_action
def detacher_risque(request: Privee, pk: int) -> HttpResponse:
    """The shared cause no longer concerns this dossier."""
    return _act(request, pk, "detacher_risque", _typed(request, "risque", "motif"), "grades-risques-dossier", _risks)


@page_de_lecture
def accompagnement(request: Lecture, pk: int) -> HttpResponse:
    """The support plan, phase by phase."""
    return _plan(request, readable(request.user, pk))


@page_d_action
def planifier(request: Privee, pk: int) -> HttpResponse:
    """Add an action."""
    dossier = readable(request.user, pk)
    formulaire = Planifier(request.POST)
    geste = attempt(lambda: _do(dossier, "planifier_action", request.user, formulaire.cleaned_data), formulaire)
    if not geste.reussi:
        return _plan(request, dossier, formulaire=formulaire, geste=geste)
    messages.success(request, FAIT["planifier_action"])
    return redirect("grades-accompagnement", pk)


@page_d_action
def suivre(request: Privee, pk: int, rang: int) -> HttpResponse:
    """Note where an action is."""
    dossier = readable(request.user, pk)
    formulaire = Suivre(request.POST)
    geste = attempt(
        lambda: _do(dossier, "suivre_action", request.user, {"rang": rang} | formulaire.cleaned_data), formulaire
    )
    if not geste.reussi:
        return _plan(request, dossier, suivi=(rang, formulaire), geste=geste)
    messages.success(request, FAIT["suivre_action"])
    return redirect("grades-accompagnement", pk)


@page_d_action
def affecter(request: Privee, pk: int) -> HttpResponse:
    """Have an adviser follow the dossier."""
    return _act(request, pk, "affecter_conseiller", _typed(request, "personne"), "grades-accompagnement", _plan)


@page_d_action
def retirer(request: Privee, pk: int) -> HttpResponse:
    """She follows it no longer."""
    return _act(request, pk, "retirer_conseiller", _typed(request, "personne"), "grades-accompagnement", _plan)


FAIT: Mapping[str, str] = {
    "annoter_risque": "Votre annotation est enregistrée, au nom de votre organisation.",
    "ouvrir_risque": "Le risque partagé est ouvert : rattachez-lui les autres dossiers qu'il touche.",
    "detacher_risque": "Le dossier n'est plus rattaché à ce risque. Ce qui en a été dit reste lisible.",
    "planifier_action": "L'action est ajoutée au plan.",
    "suivre_action": "Le suivi est noté.",
    "affecter_conseiller": "Ce conseiller suit maintenant le dossier.",
    "retirer_conseiller": "Ce conseiller ne suit plus le dossier.",
}


def _do(dossier: Dossier, acte: str, par: Utilisateur, donnees: Mapping[str, Any]) -> Any:
    return actes(Dossier)[acte].porte(dossier, par, **donnees)


def _typed(request: HttpRequest, *champs: str) -> dict[str, str]:
    return {champ: request.POST.get(champ, "") for champ in champs}


def _act(request: Privee, pk: int, acte: str, donnees: Mapping[str, Any], retour: str, montre: Any) -> HttpResponse:
    """Do it and come back; a refusal is said on the page it came from."""
    dossier = readable(request.user, pk)
    geste = attempt(lambda: _do(dossier, acte, request.user, donnees))
    if not geste.reussi:
        page: HttpResponse = montre(request, dossier, geste=geste)
        return page
    messages.success(request, FAIT[acte])
    return redirect(retour, pk)


def _axis(code: str | None) -> Axe | None:
    return Axe(code) if code in Axe.values else None


def _risks(
    request: Any,
    dossier: Dossier,
    *,
    axe: Axe | None = None,
    formulaire: Annoter | None = None,
    partage: OuvrirRisque | None = None,
    geste: Geste = SANS_GESTE,
    faite: bool = False,
) -> HttpResponse:
    panneau = read_risks(dossier, request.user)
    choisi = next((un for un in panneau.axes if un.ligne.axe == axe), None)
    contexte = {
        "panneau": panneau,
        "choisi": choisi,
        "formulaire": formulaire or Annoter(panneau.partages, initial=_initial(choisi.ligne if choisi else None)),
        "partage": partage or OuvrirRisque(initial={"axe": axe}),
        "refus": geste.refus,
        "faite": faite,
    }
    if request.htmx and choisi:
        # htmx does not show what comes with an error status, and this form is the answer.
        return render(request, "instruction/grades/partials/_panneau.html", contexte | {"htmx": True})
    return render(request, "instruction/grades/risques_dossier.html", contexte | {"htmx": False}, status=geste.status)


def _initial(ligne: LigneRisque | None) -> dict[str, Any]:
    """What the current annotation says, to be confirmed or changed. What is shared with the porteur is chosen anew."""
    if ligne is None:
        return {}
    courante = ligne.annotation
    if courante is None:
        return {"axe": ligne.axe}
    return {"axe": ligne.axe, "niveau": courante.niveau, "maitrise": courante.maitrise, "risque": courante.risque_id}


def _plan(
    request: Any,
    dossier: Dossier,
    *,
    formulaire: Planifier | None = None,
    suivi: tuple[int, Suivre] | None = None,
    geste: Geste = SANS_GESTE,
) -> HttpResponse:
    nomme = may(dossier, "affecter_conseiller", request.user)
    contexte: dict[str, Form | Any] = {
        "plan": read_plan(dossier, request.user, horloge.aujourdhui(), nomme=nomme),
        "formulaire": formulaire or Planifier(),
        "suivi": suivi,
        "refus": geste.refus,
        "nomme": nomme,
    }
    return render(request, "instruction/grades/accompagnement.html", contexte, status=geste.status)
