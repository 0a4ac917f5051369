from django.urls import path, register_converter

from aap.models import Section
from portail.vues import accueil, depot, formulaires, grappe, pieces, saisie

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
    path("<int:pk>/grappe/", grappe.grappe, name="grappe"),
    path("<int:pk>/grappe/recherche/", grappe.recherche, name="recherche"),
    path("<int:pk>/grappe/ajouter/", grappe.ajouter, name="ajouter"),
    path("<int:pk>/grappe/retirer/", grappe.retirer, name="retirer"),
    path("<int:pk>/pieces/", pieces.etape, name="pieces"),
    path("<int:pk>/pieces/<slug:code>/fournir/", pieces.fournir, name="fournir"),
    path("<int:pk>/pieces/<int:piece>/", pieces.telecharger, name="piece"),
    path("<int:pk>/pieces/<int:piece>/apercu/", pieces.apercu, name="apercu"),
    path("<int:pk>/pieces/<int:piece>/lire/", pieces.lire, name="lire"),
    path("<int:pk>/pieces/<int:piece>/tableur/", pieces.tableur, name="tableur"),
    path("<int:pk>/formulaire/<section:section>/joindre/", formulaires.joindre, name="joindre"),
    path("<int:pk>/formulaire/<section:section>/<str:og>/", formulaires.formulaire, name="formulaire"),
    path("<int:pk>/<slug:code>/", saisie.etape, name="etape"),
]
