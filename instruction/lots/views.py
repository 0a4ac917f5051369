from collections.abc import Callable
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django_htmx.http import HttpResponseClientRefresh

from comptes.acces import Lecture, Privee, page_d_action, page_privee
from comptes.models import Utilisateur
from instruction.lots import lecture, services
from instruction.lots.actes import EnMasse, may_batch, offered
from instruction.lots.forms import Donnees
from instruction.lots.selection import Selection, by_state, ready
from instruction.models import Lot
from moteur import horloge
from moteur.erreurs import Refus
from moteur.tableaux import FORMATS

REQUETE_MAX = 8_000


@page_privee
def accueil(request: Privee) -> HttpResponse:
    """Her batches."""
    _check_may(request.user)
    return render(request, "instruction/lots/lots.html", {"lots": lecture.hers(request.user)})


@page_privee
def nouveau(request: Privee) -> HttpResponse:
    """Which act, then what it asks."""
    _check_may(request.user)
    return _choose(request, Selection.from_query(request.GET), request.GET.get("acte", ""))


@page_d_action
def preparer(request: Privee) -> HttpResponse:
    """Keep the batch, and have it tried."""
    _check_may(request.user)
    selection = Selection.from_query(QueryDict(request.POST.get("selection", "")[:REQUETE_MAX]))
    acte = _act(request.user, request.POST.get("acte", ""))
    if acte is None:
        raise Http404
    saisie = Donnees(acte, request.user, horloge.aujourdhui(), request.POST)
    if not saisie.is_valid():
        return _choose(request, selection, acte.nom, saisie)
    try:
        lot = services.prepare(selection, acte, saisie.donnees(), request.user)
    except Refus as refus:
        messages.error(request, refus.message)
        return redirect("dossiers")
    services.settle_small(lot)
    return redirect("lot", lot.pk)


@page_privee
def lot(request: Privee, pk: int) -> HttpResponse:
    """How far it is, and what is said of each dossier."""
    lu = lecture.read(_hers(request.user, pk), request.GET.get("sort", ""), request.GET.get("page"))
    return render(request, "instruction/lots/lot.html", {"lu": lu, "formats": FORMATS})


@page_privee
def avancement(request: Privee, pk: int) -> HttpResponse:
    """The bar alone, asked again and again; at the end, the page is read again."""
    sien = _hers(request.user, pk)
    avance = lecture.progress(sien)
    if not avance.en_cours:
        return HttpResponseClientRefresh()
    return render(request, "instruction/lots/_avancement.html", {"lot": sien, "avancement": avance})


@page_d_action
def corriger(request: Privee, pk: int) -> HttpResponse:
    """The reasons typed, and the rows taken out, of the page that was shown."""
    sien = _hers(request.user, pk)
    lignes = [int(un) for un in request.POST.getlist("ligne") if un.isdecimal() and len(un) < 19]
    motifs = {ligne: request.POST.get(f"motif-{ligne}", "").replace("\r\n", "\n") for ligne in lignes}
    retirees = {ligne for ligne in lignes if f"retirer-{ligne}" in request.POST}
    ailleurs = QueryDict(request.POST.get("retour", "")[:200])
    retour = urlencode({nom: ailleurs[nom] for nom in ("sort", "page") if ailleurs.get(nom)})
    return _done(request, sien, lambda: services.correct(sien, motifs, retirees), "Lignes enregistrées.", retour)


@page_d_action
def lancer(request: Privee, pk: int) -> HttpResponse:
    """Have the possible rows done."""
    sien = _hers(request.user, pk)
    return _done(request, sien, lambda: services.launch(sien, request.user), "")


@page_d_action
def arreter(request: Privee, pk: int) -> HttpResponse:
    """Leave out what is not done yet."""
    sien = _hers(request.user, pk)
    return _done(request, sien, lambda: services.stop(sien, request.user), "Lot arrêté : ce qui est fait reste fait.")


@page_d_action
def reprendre(request: Privee, pk: int) -> HttpResponse:
    """A new batch of what was refused."""
    try:
        suite = services.take_up(_hers(request.user, pk), request.user)
    except Refus as refus:
        messages.error(request, refus.message)
        return redirect("lot", pk)
    services.settle_small(suite)
    return redirect("lot", suite.pk)


@page_privee
def rapport(request: Privee, pk: int, format: str) -> HttpResponseBase:
    """What became of each dossier, as a file."""
    if format not in FORMATS:
        raise Http404
    sien = _hers(request.user, pk)
    contenu, ecrire = FORMATS[format]
    nom = f"lot-{sien.pk}.{format}"
    if format == "csv":
        reponse = StreamingHttpResponse(ecrire(lecture.report(sien), "Lot"), content_type=contenu)
        reponse.headers["Content-Disposition"] = f'attachment; filename="{nom}"'
        return reponse
    return FileResponse(ecrire(lecture.report(sien), "Lot"), as_attachment=True, filename=nom, content_type=contenu)


def _choose(request: Privee | Lecture, selection: Selection, nom: str, saisie: Donnees | None = None) -> HttpResponse:
    jour = horloge.aujourdhui()
    comptes = by_state(selection, request.user, jour)
    acte = _act(request.user, nom)
    contexte = {
        "selection": selection,
        "total": comptes.total(),
        "actes": [
            (un, ready(un, comptes), selection.query(acte=un.nom)) for un in offered(request.user) if ready(un, comptes)
        ],
        "acte": acte,
        "prets": ready(acte, comptes) if acte else 0,
        "saisie": saisie or (Donnees(acte, request.user, jour) if acte else None),
        "immediat": services.IMMEDIAT,
    }
    return render(request, "instruction/lots/nouveau.html", contexte, status=422 if saisie else 200)


def _done(request: Privee, lot: Lot, geste: Callable[[], object], dit: str, retour: str = "") -> HttpResponse:
    try:
        geste()
    except Refus as refus:
        messages.error(request, refus.message)
    else:
        services.settle_small(lot)
        if dit:
            messages.success(request, dit)
    return redirect(f"{reverse('lot', args=[lot.pk])}{f'?{retour}' if retour else ''}")


def _act(lecteur: Utilisateur, nom: str) -> EnMasse | None:
    return next((un for un in offered(lecteur) if un.nom == nom), None)


def _check_may(lecteur: Utilisateur) -> None:
    if not may_batch(lecteur):
        raise PermissionDenied


def _hers(lecteur: Utilisateur, pk: int) -> Lot:
    """A batch she prepared; another's does not exist."""
    _check_may(lecteur)
    return get_object_or_404(Lot.objects.select_related("par"), pk=pk, par=lecteur)
