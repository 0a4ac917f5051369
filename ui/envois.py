"""A file too heavy is refused before it is read, and a file from elsewhere before it is believed."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt, csrf_protect

Vue = Callable[..., HttpResponseBase]
#: What a form weighs besides its file.
MARGE = 2**16


def upload(accueil: Callable[[Vue], Vue], trop_lourd: Vue) -> Callable[[Vue], Vue]:
    """A view that takes a file: `accueil` says who may, then its announced size, then CSRF, then the view.

    The site's CSRF check reads the whole body to find its token. Here it waits until the size is known to be fair:
    beyond it not a byte is read, and `trop_lourd` answers.
    """

    def decorate(vue: Vue) -> Vue:
        protegee = csrf_protect(vue)

        @wraps(vue)
        def weighs(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if _announced(request) > settings.PIECE_TAILLE_MAX + MARGE:
                return trop_lourd(request, *args, **kwargs)
            return protegee(request, *args, **kwargs)

        return csrf_exempt(accueil(weighs))

    return decorate


def _announced(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0
