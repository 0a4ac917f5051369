from django.urls import path, register_converter

from aap.models import Section
from portail.vues import accueil, depot, saisie

app_name = "portail"


class SectionConverter:
    """A section by its code; any other address does not exist."""

    regex = "|".join(Section.values)

    def to_python(self, value: str) -> Section:
        return Section(value)

    def to_url(self, value: str) -> str:
        return value


register_converter(SectionConverter, "section")

urlpatterns = [
    path("", accueil.accueil, name="accueil"),
    path("nouveau/", accueil.nouveau, name="nouveau"),
    path("organisme/", accueil.rejoindre, name="rejoindre"),
    path("<int:pk>/deposer/", depot.deposer, name="deposer"),
    path("<int:pk>/champ/<section:section>/", saisie.champ, name="champ"),
    path("<int:pk>/<slug:code>/", saisie.etape, name="etape"),
]
