"""A document, for whoever may read its dossier. Nothing it holds ever runs (docs/adr/0013-documents.md)."""

from typing import IO, Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_vary_headers

from aap.documents.entrepot import read
from aap.documents.formulaires import as_csv, load
from aap.models import Dossier, Format, PieceFournie
from comptes.acces import Lecture, page_de_lecture
from instruction.documents.lecture import Apercu, as_text, is_showable, kind
from moteur import horloge
from ui.telechargement import closed, serve


@page_de_lecture
def telecharger(request: Lecture, pk: int, piece: int) -> HttpResponse:
    """A version of a document, to keep."""
    trouvee = _readable(request, pk, piece)
    if not trouvee.format:
        return _announced(trouvee)
    return serve(_open(trouvee), trouvee.nom, Format(trouvee.format).mime, joint=True)


@page_de_lecture
def apercu(request: Lecture, pk: int, piece: int) -> HttpResponse:
    """Its content, to be shown by a page of ours: an image, or a PDF in which nothing acts."""
    trouvee = _readable(request, pk, piece)
    contenu = _open(trouvee)
    if not is_showable(contenu, trouvee):
        contenu.close()
        raise Http404("Ce document ne se montre pas : téléchargez-le.")
    return serve(contenu, trouvee.nom, Format(trouvee.format).mime, joint=False)


@page_de_lecture
def voir(request: Lecture, pk: int, piece: int) -> HttpResponse:
    """The document in place: the part of the page of the dossier when htmx asks, else a page of its own."""
    trouvee = _readable(request, pk, piece)
    partiel = request.htmx and not request.htmx.history_restore_request
    page = "instruction/documents/_apercu.html" if partiel else "instruction/documents/voir.html"
    reponse = render(request, page, {"piece": trouvee, "seul": not partiel} | _shown(trouvee))
    patch_vary_headers(reponse, ["HX-Request"])  # else going back may show the part for the whole
    return reponse


@page_de_lecture
def lire(request: Lecture, pk: int, piece: int) -> HttpResponse:
    """A form that was joined, as a page."""
    trouvee = _readable(request, pk, piece)
    if not trouvee.format:
        return _announced(trouvee)
    return render(
        request, "instruction/documents/formulaire_joint.html", {"piece": trouvee, "formulaire": _form(trouvee)}
    )


@page_de_lecture
def tableur(request: Lecture, pk: int, piece: int) -> HttpResponse:
    """The same, for a spreadsheet."""
    trouvee = _readable(request, pk, piece)
    if not trouvee.format:
        return _announced(trouvee)
    reponse = HttpResponse(as_csv(_form(trouvee)), content_type="text/csv; charset=utf-8")
    nom = trouvee.nom.removesuffix(".json")
    reponse.headers["Content-Disposition"] = f'attachment; filename="{nom}.csv"'
    return closed(reponse)


def _readable(request: Lecture, pk: int, piece: int) -> PieceFournie:
    """That version, of a dossier this person may read; anything else does not exist (404)."""
    visibles = Dossier.objects.visible_to(request.user, horloge.aujourdhui()).filter(pk=pk)
    return get_object_or_404(PieceFournie.objects.select_related("dossier", "par"), pk=piece, dossier__in=visibles)


def _announced(piece: PieceFournie) -> HttpResponse:
    """It has no content to hand over: its page says so."""
    return redirect("piece-voir", piece.dossier_id, piece.pk)


def _shown(piece: PieceFournie) -> dict[str, Any]:
    """What the preview needs, and how it is shown: nothing of a document that has no content, or would act."""
    genre = kind(piece)
    try:
        contenu = read(piece)
    except FileNotFoundError:
        return {"apercu": "absent"}
    with contenu:
        if genre is Apercu.TEXTE:
            texte, entier = as_text(contenu)
            return {"apercu": genre.value, "texte": texte, "entier": entier}
        if genre is Apercu.FORMULAIRE:
            return {"apercu": genre.value, "formulaire": _form(piece)}
        if genre is Apercu.PDF and not is_showable(contenu, piece):
            return {"apercu": "actif"}
    return {"apercu": genre.value}


def _open(piece: PieceFournie) -> IO[Any]:
    try:
        return read(piece)
    except FileNotFoundError:
        raise Http404("Ce document n'a été donné que par son empreinte.") from None


def _form(piece: PieceFournie) -> dict[str, Any]:
    with _open(piece) as contenu:
        try:
            return load(piece, contenu.read())
        except ValueError:
            raise Http404 from None
