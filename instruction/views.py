from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.cache import patch_vary_headers

from aap.models import Dossier
from aap.reception.accueil import may_import
from comptes.acces import Lecture, page_de_lecture
from comptes.models import Utilisateur
from comptes.roles import Role
from instruction import fiche, liste
from moteur import horloge


@page_de_lecture
def dossiers(request: Lecture) -> HttpResponse:
    """The dossiers this person may read."""
    jour = horloge.aujourdhui()
    filtre = liste.Filtre.from_query(request.GET)
    lue = liste.read_list(request.user, filtre, jour, porteur=_is_porteur(request.user))
    partiel = request.htmx and not request.htmx.history_restore_request
    page = "instruction/partials/_resultats.html" if partiel else "instruction/dossiers.html"
    reponse = render(request, page, {"liste": lue, "importe": may_import(request.user)})
    patch_vary_headers(reponse, ["HX-Request"])  # else going back may show the part for the whole
    return reponse


@page_de_lecture
def dossier(request: Lecture, pk: int) -> HttpResponse:
    """One dossier. What this person may not read does not exist."""
    jour = horloge.aujourdhui()
    visibles = Dossier.objects.visible_to(request.user, jour)
    lue = fiche.read(get_object_or_404(fiche.load(visibles), pk=pk), jour, porteur=_is_porteur(request.user))
    return render(request, "instruction/dossier.html", {"fiche": lue})


def _is_porteur(lecteur: Utilisateur) -> bool:
    return lecteur.roles_au(horloge.aujourdhui()).keys() == {Role.PORTEUR}
