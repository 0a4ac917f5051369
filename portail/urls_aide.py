"""The porteur's requests for help, under an address of their own: they may be about no dossier."""

from django.urls import path

from portail.vues import aide

app_name = "aide"

urlpatterns = [
    path("", aide.accueil, name="accueil"),
    path("nouvelle/", aide.nouvelle, name="nouvelle"),
]
