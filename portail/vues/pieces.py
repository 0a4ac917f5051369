"""Step 4: the documents. Given by whoever carries the dossier, read by whoever may read it, run by nobody."""

from typing import IO, Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from aap.documents.depot import deposit
from aap.documents.entrepot import read
from aap.documents.formulaires import as_csv, load
from aap.documents.limites import check_size
from aap.models import Dossier, Format, PieceFournie
from aap.presence import announce
from comptes.acces import Lecture, Privee, page_de_lecture
from moteur import horloge
from moteur.erreurs import Refus
from portail import panneau, pieces
from portail.acces import OUVERTS, page_du_porteur
from portail.vues.saisie import step_page
from ui.envois import upload
from ui.telechargement import closed, serve

#: What a browser may show by itself; anything else is downloaded. A PDF too: its viewer refuses to run in a sandbox.
MONTRABLES = frozenset({Format.PNG, Format.JPEG})


@require_http_methods(["GET", "HEAD"])
@page_du_porteur
def etape(request: Privee, dossier: Dossier) -> HttpResponse:
    """Each document due, and what was given of it."""
    if dossier.etat not in OUVERTS:
        return redirect("dossier", dossier.pk)
    return show(request, dossier)


def _too_heavy(request: Privee, dossier: Dossier, code: str) -> HttpResponse:
    try:
        check_size(int(request.META["CONTENT_LENGTH"]))
    except Refus as refus:
        return _refuse(request, dossier, code, refus, 413)
    raise AssertionError("asked of heavy files only")


@require_POST
@upload(page_du_porteur, _too_heavy)
def fournir(request: Privee, dossier: Dossier, code: str) -> HttpResponse:
    """Take a file. Every refusal says what to do, and leaves nothing behind."""
    try:
        deposit(dossier, request.user, code=code, fichier=request.FILES.get("fichier"))
    except Refus as refus:
        return _refuse(request, dossier, code, refus, 409)
    announce(dossier, request.user, lieu="pieces", ecrit=True)
    if request.htmx:
        return _part(request, dossier, code, recue=True)
    return redirect("portail:pieces", dossier.pk)


@page_de_lecture
def telecharger(request: Lecture, pk: int, piece: int) -> HttpResponse:
    """A version of a document, to keep."""
    trouvee = _readable(request, pk, piece)
    return _serve(trouvee, _open(trouvee), joint=True)


@page_de_lecture
def apercu(request: Lecture, pk: int, piece: int) -> HttpResponse:
    """An image, shown alone."""
    trouvee = _readable(request, pk, piece)
    if trouvee.format not in MONTRABLES:
        raise Http404
    return _serve(trouvee, _open(trouvee), joint=False)


@page_de_lecture
def lire(request: Lecture, pk: int, piece: int) -> HttpResponse:
    """A form that was joined, as a page."""
    trouvee = _readable(request, pk, piece)
    return render(request, "portail/formulaire_joint.html", {"piece": trouvee, "formulaire": _form(trouvee)})


@page_de_lecture
def tableur(request: Lecture, pk: int, piece: int) -> HttpResponse:
    """The same, for a spreadsheet."""
    trouvee = _readable(request, pk, piece)
    reponse = HttpResponse(as_csv(_form(trouvee)), content_type="text/csv; charset=utf-8")
    nom = trouvee.nom.removesuffix(".json")
    reponse.headers["Content-Disposition"] = f'attachment; filename="{nom}.csv"'
    return closed(reponse)


def _readable(request: Lecture, pk: int, piece: int) -> PieceFournie:
    """That version, of a dossier this person may read; anything else does not exist (404)."""
    visibles = Dossier.objects.visible_to(request.user, horloge.aujourdhui()).filter(pk=pk)
    return get_object_or_404(PieceFournie.objects.select_related("dossier", "par"), pk=piece, dossier__in=visibles)


def _open(piece: PieceFournie) -> IO[Any]:
    try:
        return read(piece)
    except FileNotFoundError:
        raise Http404("Le contenu de ce document n'a pas été reçu ici.") from None


def _form(piece: PieceFournie) -> dict[str, Any]:
    with _open(piece) as contenu:
        try:
            return load(piece, contenu.read())
        except ValueError:
            raise Http404 from None


def _serve(piece: PieceFournie, contenu: IO[Any], *, joint: bool) -> HttpResponse:
    return serve(contenu, piece.nom, Format(piece.format).mime, joint=joint)


def _refuse(request: Privee, dossier: Dossier, code: str, refus: Refus, status: int) -> HttpResponse:
    if request.htmx:
        return _part(request, dossier, code, refus=refus, status=status)
    return show(request, dossier, refus=refus, status=status)


def show(request: Privee, dossier: Dossier, *, refus: Refus | None = None, status: int = 200) -> HttpResponse:
    """The page of the step."""
    contexte = _given(dossier) | step_page(request, dossier, "pieces") | {"refus": refus, "page_entiere": True}
    return render(request, "portail/etapes/pieces.html", contexte, status=status)


def _part(
    request: Privee, dossier: Dossier, code: str, *, refus: Refus | None = None, recue: bool = False, status: int = 200
) -> HttpResponse:
    """The one document, and the panel."""
    contexte = _given(dossier)
    demande = contexte["demandes"].of(code)
    if demande is None:
        raise Http404
    contexte |= {"demande": demande, "refus": refus, "recue": recue, "panneau": panneau.read(dossier)}
    return render(request, "portail/partials/_piece_envoyee.html", contexte, status=status)


def _given(dossier: Dossier) -> dict[str, Any]:
    return {
        "dossier": dossier,
        "demandes": pieces.read(dossier),
        "ouvert": dossier.etat in OUVERTS,
        "maximum": settings.PIECE_TAILLE_MAX,
    }
