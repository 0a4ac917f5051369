from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accompagnement.models import DemandeAide, EtatAide
from accompagnement.querysets import DemandeAideQuerySet
from comptes.acces import Lecture, Privee, page_d_action, page_de_lecture
from comptes.models import Utilisateur
from instruction.aide.badges import badge
from moteur import horloge
from moteur.erreurs import Refus
from moteur.porte import check_right, edges, franchir

PAR_PAGE = 25


@page_de_lecture
def demandes(request: Lecture) -> HttpResponse:
    """The requests this person may read: those that await somebody, or all of them; the most urgent first."""
    toutes = "toutes" in request.GET
    visibles = _visible(request.user)
    if not toutes:
        visibles = visibles.exclude(etat=EtatAide.RESOLUE)
    pages = Paginator(visibles.with_people().by_urgency(), PAR_PAGE)
    page = pages.get_page(request.GET.get("page"))
    page.pages_list = pages.get_elided_page_range(page.number)  # type: ignore[attr-defined]  # read by the component
    vues = [(demande, badge(demande.etat)) for demande in page]
    contexte = {"page": page, "demandes": vues, "toutes": toutes, "jour": horloge.aujourdhui()}
    return render(request, "instruction/aide/demandes.html", contexte)


@page_de_lecture
def demande(request: Lecture, pk: int) -> HttpResponse:
    """One request, and what this person may do with it."""
    return _show(request, _readable(request.user, pk), request.user)


@page_d_action
def prendre(request: Privee, pk: int) -> HttpResponse:
    """See to it."""
    return _cross(request, pk, "prendre_en_charge")


@page_d_action
def resoudre(request: Privee, pk: int) -> HttpResponse:
    """Answer it."""
    return _cross(request, pk, "resoudre", reponse=request.POST.get("reponse", "").replace("\r\n", "\n"))


@page_d_action
def transmettre(request: Privee, pk: int) -> HttpResponse:
    """Pass it on to the national referent."""
    return _cross(request, pk, "transmettre", motif=request.POST.get("motif", ""))


FAIT = {
    "prendre_en_charge": "Vous avez pris cette demande en charge. Le porteur voit votre nom.",
    "resoudre": "Votre réponse est enregistrée : le porteur la lit sur sa page d'aide.",
    "transmettre": "La demande est transmise au référent national.",
}


def _cross(request: Privee, pk: int, transition: str, **donnees: str) -> HttpResponse:
    trouvee = _readable(request.user, pk)
    try:
        franchir(trouvee, transition, request.user, **donnees)
    except Refus as refus:
        fraiche = _readable(request.user, pk)
        return _show(request, fraiche, request.user, refus=refus, saisi=donnees, status=409)
    messages.success(request, FAIT[transition])
    return redirect("demande-aide", pk)


def _visible(lecteur: Utilisateur) -> DemandeAideQuerySet:
    visibles: DemandeAideQuerySet = DemandeAide.objects.visible_to(lecteur, horloge.aujourdhui())
    return visibles


def _readable(lecteur: Utilisateur, pk: int) -> DemandeAide:
    trouvee: DemandeAide = get_object_or_404(_visible(lecteur).with_people(), pk=pk)
    return trouvee


def _show(
    request: HttpRequest,
    demande: DemandeAide,
    lecteur: Utilisateur,
    *,
    refus: Refus | None = None,
    saisi: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    contexte = {
        "demande": demande,
        "badge": badge(demande.etat),
        "refus": refus,
        "saisi": {"reponse": "", "motif": ""} | (saisi or {}),
        "possibles": [nom for nom in FAIT if _may(demande, nom, lecteur)],
    }
    return render(request, "instruction/aide/demande.html", contexte, status=status)


def _may(demande: DemandeAide, transition: str, lecteur: Utilisateur) -> bool:
    """Whether the page offers it: the door alone decides."""
    arete = edges(DemandeAide, transition).get(demande.etat)
    if arete is None:
        return False
    try:
        check_right(demande, lecteur, arete.libelle, arete.roles)
    except Refus:
        return False
    return True
