"""The pages of a région: heat map, what is late, the causes that dossiers share."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from aap.models import Dossier
from accompagnement.annotation import annotate_shared, attach, linked
from accompagnement.models import ActionPlan, Annotation, Risque
from accompagnement.querysets import with_levels
from accompagnement.suivis import ACCOMPAGNANTS
from comptes.acces import Lecture, Privee, page_d_action, page_de_lecture
from comptes.models import Utilisateur
from instruction.grades import carte
from instruction.grades.acces import check_reader
from instruction.grades.forms import DireRisque, Rattacher
from instruction.grades.gestes import SANS_GESTE, Geste, attempt
from instruction.grades.lecture import risk_lines
from moteur import horloge

PAR_PAGE = 25
CANDIDATS_MAX = 100


@page_de_lecture
def accueil(request: Lecture) -> HttpResponse:
    """Dossiers × axes, and what calls for attention."""
    check_reader(request.user)
    lue = carte.read_map(request.user, request.GET, horloge.aujourdhui())
    return render(request, "instruction/grades/accueil.html", {"carte": lue})


@page_de_lecture
def retards(request: Lecture) -> HttpResponse:
    """The actions whose day has passed: those of the plans, and those that a risk calls for."""
    check_reader(request.user)
    jour = horloge.aujourdhui()
    suivis = carte.followed(request.user, jour).order_by().values("pk")
    plans = ActionPlan.objects.late(jour).filter(dossier__in=suivis).select_related("dossier__grappe")
    risques = (
        Annotation.objects.current().filter(dossier__in=suivis, pour_le__lt=jour).select_related("dossier__grappe")
    )
    pages = [
        _page(plans, request.GET.get("page")),
        _page(risques.order_by("pour_le", "pk"), request.GET.get("risques")),
    ]
    return render(request, "instruction/grades/retards.html", {"plans": pages[0], "risques": pages[1], "jour": jour})


@page_de_lecture
def risques(request: Lecture) -> HttpResponse:
    """The causes that several dossiers share."""
    check_reader(request.user)
    visibles = Risque.objects.visible_to(request.user, horloge.aujourdhui()).alive().select_related("region")
    page = _page(visibles, request.GET.get("page"))
    return render(request, "instruction/grades/risques.html", {"page": page})


@page_de_lecture
def risque(request: Lecture, pk: int) -> HttpResponse:
    """One shared cause: the dossiers it touches, what was said of it."""
    return _show(request, _readable(request.user, pk))


@page_d_action
def annoter(request: Privee, pk: int) -> HttpResponse:
    """Annotate every dossier that shares it, at once."""
    trouve = _readable(request.user, pk)
    formulaire = DireRisque(request.POST)
    geste = attempt(lambda: annotate_shared(trouve, request.user, formulaire.donnees()), formulaire)
    if not geste.reussi:
        return _show(request, trouve, annotation=formulaire, geste=geste)
    combien = len(geste.fait)
    messages.success(request, f"Annotation enregistrée sur {combien} dossier{'s' if combien > 1 else ''}.")
    return redirect("grades-risque", pk)


@page_d_action
def rattacher(request: Privee, pk: int) -> HttpResponse:
    """Say that other dossiers share it too."""
    trouve = _readable(request.user, pk)
    formulaire = Rattacher(_candidates(trouve, request.user), request.POST)
    geste = attempt(lambda: attach(trouve, formulaire.cleaned_data["dossiers"], request.user), formulaire)
    if not geste.reussi:
        return _show(request, trouve, rattachement=formulaire, geste=geste)
    messages.success(request, "Dossiers rattachés : ce qui est dit de ce risque se lit aussi sur eux.")
    return redirect("grades-risque", pk)


def _readable(lecteur: Utilisateur, pk: int) -> Risque:
    check_reader(lecteur)
    visibles = Risque.objects.visible_to(lecteur, horloge.aujourdhui()).select_related("region", "par")
    trouve: Risque = get_object_or_404(visibles, pk=pk)
    return trouve


def _candidates(risque: Risque, lecteur: Utilisateur) -> list[Dossier]:
    """Dossiers of the région that do not share it yet, those with the same software first."""
    touches = linked(risque)
    logiciels = set(touches.values_list("logiciel", flat=True)) - {""}
    autres = carte.followed(lecteur, horloge.aujourdhui()).filter(aap__region=risque.region_id)
    autres = autres.exclude(pk__in=touches.values("pk")).select_related("grappe").order_by("reference")
    return sorted(autres[:CANDIDATS_MAX], key=lambda un: (un.logiciel not in logiciels, un.reference))


def _show(
    request: Any,
    risque: Risque,
    *,
    annotation: DireRisque | None = None,
    rattachement: Rattacher | None = None,
    geste: Geste = SANS_GESTE,
) -> HttpResponse:
    jour = horloge.aujourdhui()
    dossiers = with_levels(linked(risque).select_related("grappe__og_porteur").order_by("reference"))
    lignes = [
        (un, next(ligne for ligne in risk_lines(un) if ligne.axe == risque.axe)) for un in dossiers
    ]  # fmt: skip
    contexte = {
        "risque": risque,
        "lignes": lignes,
        "annotation": annotation or DireRisque(),
        "rattachement": rattachement or Rattacher(_candidates(risque, request.user)),
        "refus": geste.refus,
        "annote": _may(request.user, risque, jour),
    }
    return render(request, "instruction/grades/risque.html", contexte, status=geste.status)


def _may(personne: Utilisateur, risque: Risque, jour: Any) -> bool:
    roles = personne.roles_au(jour)
    return any(risque.region_id in roles.get(role, ()) for role in ACCOMPAGNANTS)


def _page(lignes: Any, numero: str | None) -> Any:
    pages = Paginator(lignes, PAR_PAGE)
    page = pages.get_page(numero)
    page.pages_list = pages.get_elided_page_range(page.number)  # type: ignore[attr-defined]  # read by the component
    return page
