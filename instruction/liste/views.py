from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers

from aap.reception.accueil import may_import
from comptes.acces import Lecture, Privee, page_d_action, page_de_lecture
from comptes.models import Utilisateur
from comptes.roles import Role
from instruction.liste import colonnes, vues
from instruction.liste.actifs import in_force
from instruction.liste.export import rows
from instruction.liste.filtre import Filtre
from instruction.liste.lecture import matching, read_list
from instruction.lots.actes import may_batch
from moteur import horloge
from moteur.erreurs import Refus
from moteur.tableaux import FORMATS


@page_de_lecture
def dossiers(request: Lecture) -> HttpResponse:
    """The dossiers this person may read."""
    jour, filtre = horloge.aujourdhui(), Filtre.from_query(request.GET)
    lue = read_list(request.user, filtre, jour)
    partiel = request.htmx and not request.htmx.history_restore_request
    page = "instruction/liste/_resultats.html" if partiel else "instruction/liste/dossiers.html"
    contexte = {
        "liste": lue,
        "actifs": in_force(filtre, lue.choix),
        "colonnes": colonnes.choices(filtre),
        "formats": FORMATS,
        "importe": may_import(request.user),
        "par_lot": not request.demonstration and may_batch(request.user),
    }
    reponse = render(request, page, contexte)
    patch_vary_headers(reponse, ["HX-Request"])  # else going back may show the part for the whole
    return reponse


@page_de_lecture
def exporter(request: Lecture, format: str) -> HttpResponseBase:
    """Exactly what is filtered, in the same order. Sent as it is read."""
    if format not in FORMATS:
        raise Http404
    jour, filtre = horloge.aujourdhui(), Filtre.from_query(request.GET)
    contenu, ecrire = FORMATS[format]
    lues = rows(matching(request.user, filtre, jour), filtre.tri)
    nom = f"dossiers-{jour:%Y-%m-%d}.{format}"
    if format == "csv":
        reponse: HttpResponseBase = StreamingHttpResponse(ecrire(lues, "Dossiers"), content_type=contenu)
        reponse.headers["Content-Disposition"] = f'attachment; filename="{nom}"'
        return reponse
    return FileResponse(ecrire(lues, "Dossiers"), as_attachment=True, filename=nom, content_type=contenu)


@page_d_action
def garder_vue(request: Privee) -> HttpResponse:
    """Keep this filter under a name."""
    filtre = Filtre.from_query(QueryDict(request.POST.get("requete", "")[:1000]))
    try:
        vue = vues.keep(request.user, request.POST.get("nom", ""), filtre)
    except Refus as refus:
        messages.error(request, refus.message)
    else:
        messages.success(request, f"Vue « {vue.nom} » enregistrée.")
    return redirect(f"{reverse('dossiers')}?{filtre.query()}")


@page_d_action
def oublier_vue(request: Privee, pk: int) -> HttpResponse:
    """Delete one of one's views."""
    if not vues.forget(request.user, pk):
        raise Http404
    messages.success(request, "Vue supprimée.")
    return redirect("dossiers")


def is_porteur(lecteur: Utilisateur) -> bool:
    """Whether the list speaks to a porteur of her own dossiers."""
    return lecteur.roles_au(horloge.aujourdhui()).keys() == {Role.PORTEUR}
