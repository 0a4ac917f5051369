"""The routes of the whole site."""

from django.urls import URLPattern, URLResolver, include, path

from portail.vues import recus
from vitrine.views import accueil

urlpatterns: list[URLPattern | URLResolver] = [
    path("", accueil, name="dossiers"),  # before the list it leads agents to, whose address is the same
    path("", include("comptes.urls")),
    path("", include("vitrine.urls")),
    path("", include("instruction.urls")),
    path("", include("courriels.urls")),
    path("mes-dossiers/", include("portail.urls")),
    path("aide/", include("portail.urls_aide")),
    path("recu/<str:code>/", recus.public, name="recu-public"),
]
