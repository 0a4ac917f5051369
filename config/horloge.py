"""The clock of the local demonstration: its pages are read on the day its campaign stops."""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse

from moteur import horloge

Reponse = Callable[[HttpRequest], HttpResponse]


def figee(suite: Reponse) -> Reponse:
    """Hold the business clock at `settings.HORLOGE` during each request. Not used where it is not set."""
    if settings.HORLOGE is None:
        raise MiddlewareNotUsed
    instant = horloge.ouverture(settings.HORLOGE)

    def answers(requete: HttpRequest) -> HttpResponse:
        requete.jour_arrete = settings.HORLOGE  # type: ignore[attr-defined]  # the pages say which day it is
        with horloge.figer(instant):
            return suite(requete)

    return answers
