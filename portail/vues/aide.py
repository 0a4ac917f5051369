"""Asking for help: what she asked, what was answered, whom to write to."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from aap.models import Dossier
from accompagnement.aide import demander_aide
from accompagnement.models import DemandeAide
from accompagnement.referents import contact_of, delays
from comptes.acces import Privee, page_privee
from comptes.models import Utilisateur
from comptes.roles import Role
from grappes.models import Membre
from instruction.aide.badges import badge
from moteur import horloge
from moteur.erreurs import Refus
from portail.acces import carried_by
from portail.forms import NouvelleDemandeAide

PAR_PAGE = 20


@require_http_methods(["GET", "HEAD"])
@page_privee
def accueil(request: Privee) -> HttpResponse:
    """Her requests and their answers, the latest first."""
    siennes = DemandeAide.objects.of_porteur(request.user).with_people().order_by("-deposee_le", "-pk")
    pages = Paginator(siennes, PAR_PAGE)
    page = pages.get_page(request.GET.get("page"))
    page.pages_list = pages.get_elided_page_range(page.number)  # type: ignore[attr-defined]  # read by the component
    vues = [(une, badge(une.etat), contact_of(une.departement_id, une.departement.region_id)) for une in page]
    return render(request, "portail/aide.html", {"page": page, "demandes": vues, "delais": delays()})


@require_http_methods(["GET", "HEAD", "POST"])
@page_privee
def nouvelle(request: Privee) -> HttpResponse:
    """Ask. `dossier`, in the address or the form: one of hers, any other does not exist (404)."""
    if Role.PORTEUR not in request.user.roles_au(horloge.aujourdhui()):
        return render(request, "portail/aide_sans_organisme.html", status=403)
    dossier = _asked_about(request)
    formulaire = NouvelleDemandeAide(carried_by(request.user), request.POST or None, initial=_start(request, dossier))
    status = 200
    if request.method == "POST":
        status = 422
        if formulaire.is_valid() and (demande := _ask(request, formulaire, dossier)):
            contact = contact_of(demande.departement_id, demande.departement.region_id)
            messages.success(request, f"Votre demande est partie. Votre contact : {contact.nom}, {contact.adresse}.")
            return redirect("aide:accueil")
    return render(request, "portail/aide_nouvelle.html", {"formulaire": formulaire}, status=status)


def _ask(request: Privee, formulaire: NouvelleDemandeAide, dossier: Dossier | None) -> DemandeAide | None:
    donnees = formulaire.cleaned_data
    try:
        return demander_aide(
            request.user, dossier, departement=donnees["departement"], sujet=donnees["sujet"], texte=donnees["texte"]
        )
    except Refus as refus:
        formulaire.add_error(None, refus.message)
        return None


def _asked_about(request: Privee) -> Dossier | None:
    numero = request.POST.get("dossier") if request.method == "POST" else request.GET.get("dossier")
    if not numero:
        return None
    if not (numero.isdecimal() and len(numero) < 19):
        raise Http404
    dossier: Dossier = get_object_or_404(carried_by(request.user), pk=int(numero))
    return dossier


def _start(request: Privee, dossier: Dossier | None) -> dict[str, Any]:
    """The dossier the link named, and where she most likely is: the département of its first ESSMS, else none."""
    return {"dossier": dossier.pk if dossier else None, "departement": _place(request.user, dossier)}


def _place(personne: Utilisateur, dossier: Dossier | None) -> str | None:
    dossiers = [dossier] if dossier else carried_by(personne)
    membres = Membre.objects.presents().filter(grappe__dossier__in=dossiers).order_by("essms__finess")
    return membres.values_list("essms__departement", flat=True).first()
