"""The routes of the whole site."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("comptes.urls")),
    path("", include("instruction.urls")),
    path("", include("courriels.urls")),
    path("mes-dossiers/", include("portail.urls")),
]
