"""A file handed back to a browser: nothing it holds may run, load, send or open anything, nor pass for a page."""

from typing import IO, Any

from django.http import FileResponse, HttpResponse

CLOISON = "sandbox; default-src 'none'; img-src 'self'; frame-ancestors {}"


def serve(contenu: IO[Any], nom: str, mime: str, *, joint: bool) -> HttpResponse:
    """Block by block, as what we found it to be. `joint`: to keep; else a page of ours may show it in a frame."""
    reponse = FileResponse(contenu, as_attachment=joint, filename=nom, content_type=mime)
    return closed(reponse, cadre=not joint)  # type: ignore[arg-type]  # a stream of bytes all the same


def closed(reponse: HttpResponse, *, cadre: bool = False) -> HttpResponse:
    """The headers that shut a file in. `cadre`: our own pages may frame it, nobody else's."""
    reponse.headers["Content-Security-Policy"] = CLOISON.format("'self'" if cadre else "'none'")
    reponse.headers["X-Frame-Options"] = "SAMEORIGIN" if cadre else "DENY"
    reponse.headers["X-Content-Type-Options"] = "nosniff"
    reponse.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    reponse.headers["Cache-Control"] = "private, no-cache"
    return reponse
