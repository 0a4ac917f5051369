from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from aap.documents.entrepot import read as open_file
from aap.models import Dossier, Format, PieceJointe
from aap.querysets import DossierQuerySet
from comptes.acces import Lecture, Privee, page_d_action, page_de_lecture
from comptes.models import Utilisateur
from instruction.echanges import envoi, lecture
from moteur import horloge
from moteur.erreurs import Refus
from ui.envois import upload
from ui.telechargement import serve


@page_de_lecture
def messages(request: Lecture, pk: int) -> HttpResponse:
    """The messages of a dossier this person may read."""
    return _show(request, _readable(request.user, pk), request.user)


def _too_heavy(request: Privee, pk: int) -> HttpResponse:
    return _show(request, _readable(request.user, pk), request.user, refus=envoi.too_heavy(request), status=413)


@upload(page_d_action, _too_heavy)
def ecrire(request: Privee, pk: int) -> HttpResponse:
    """Write to the porteur's people. A refusal keeps what was typed."""
    dossier = _readable(request.user, pk)
    try:
        envoi.post(request, dossier)
    except Refus as refus:
        return _show(request, dossier, request.user, refus=refus, texte=envoi.typed(request), status=409)
    return redirect("messages", pk)


@page_d_action
def lus(request: Privee, pk: int) -> HttpResponse:
    """Mark as read what the page showed."""
    nouveaux = envoi.read_up_to(request, _readable(request.user, pk))
    if request.htmx:
        return render(request, "instruction/echanges/partials/_lus.html", {"nouveaux": nouveaux})
    return redirect("messages", pk)


@page_de_lecture
def jointe(request: Lecture, pk: int, jointe: int) -> HttpResponse:
    """A file that came with a message, to keep. Both sides come here."""
    jointes = PieceJointe.objects.select_related("message").filter(message__dossier__in=_visible(request.user))
    trouvee = get_object_or_404(jointes, pk=jointe, message__dossier=pk)
    try:
        contenu = open_file(trouvee)
    except FileNotFoundError:
        raise Http404 from None
    return serve(contenu, trouvee.nom, Format(trouvee.format).mime, joint=True)


def _visible(lecteur: Utilisateur) -> DossierQuerySet:
    visibles: DossierQuerySet = Dossier.objects.visible_to(lecteur, horloge.aujourdhui())
    return visibles


def _readable(lecteur: Utilisateur, pk: int) -> Dossier:
    """That dossier; one she may not read does not exist (404)."""
    trouve: Dossier = get_object_or_404(_visible(lecteur).with_rules().select_related("aap__region"), pk=pk)
    return trouve


def _show(
    request: HttpRequest,
    dossier: Dossier,
    lecteur: Utilisateur,
    *,
    refus: Refus | None = None,
    texte: str = "",
    status: int = 200,
) -> HttpResponse:
    contexte = {"fil": lecture.read(dossier, lecteur, request.GET.get("page")), "refus": refus, "texte": texte}
    return render(request, "instruction/echanges/messages.html", contexte, status=status)
