"""The page of what does not exist, in French with `DEBUG` too: porteurs read the demonstration."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import Http404, HttpRequest, HttpResponse
from django.views.defaults import page_not_found


class EnFrancais:
    """Answer as without `DEBUG`, for an unknown address and for a page that finds nothing. Not used without `DEBUG`."""

    def __init__(self, suite: Callable[[HttpRequest], HttpResponse]) -> None:
        if not settings.DEBUG:
            raise MiddlewareNotUsed
        self.suite = suite

    def __call__(self, requete: HttpRequest) -> HttpResponse:
        reponse = self.suite(requete)
        if reponse.status_code == 404 and requete.resolver_match is None:
            return page_not_found(requete, Http404())
        return reponse

    def process_exception(self, requete: HttpRequest, erreur: Exception) -> Any:
        return page_not_found(requete, erreur) if isinstance(erreur, Http404) else None
