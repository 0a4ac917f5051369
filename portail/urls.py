from django.urls import include, path, re_path, register_converter

from aap.models import Section
from instruction.documents import views as documents
from portail.usages import urls as usages
from portail.vues import (
    accueil,
    agenda,
    complements,
    depot,
    formulaires,
    grappe,
    messages,
    personnes,
    pieces,
    presence,
    recus,
    saisie,
    suivi,
)

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
    path("<int:pk>/", suivi.dossier, name="suivi"),
    path("<int:pk>/depose/", suivi.depose, name="depose"),
    path("<int:pk>/recus/<int:recu>/", recus.telecharger, name="recu"),
    path("<int:pk>/agenda/<slug:action>.ics", agenda.echeance, name="agenda"),
    path("<int:pk>/personnes/", personnes.personnes, name="personnes"),
    re_path(r"^(?P<pk>[0-9]+)/personnes/(?P<acte>retirer|transmettre)/$", personnes.changer, name="personne"),
    path("<int:pk>/deposer/", depot.deposer, name="deposer"),
    path("<int:pk>/presence/<str:lieu>/", presence.presence, name="presence"),
    path("<int:pk>/champ/<section:section>/", saisie.champ, name="champ"),
    path("<int:pk>/grappe/", grappe.grappe, name="grappe"),
    path("<int:pk>/grappe/recherche/", grappe.recherche, name="recherche"),
    path("<int:pk>/grappe/ajouter/", grappe.ajouter, name="ajouter"),
    path("<int:pk>/grappe/retirer/", grappe.retirer, name="retirer"),
    path("<int:pk>/pieces/", pieces.etape, name="pieces"),
    path("<int:pk>/pieces/<slug:code>/fournir/", pieces.fournir, name="fournir"),
    path("<int:pk>/pieces/<int:piece>/", documents.telecharger, name="piece"),
    path("<int:pk>/pieces/<int:piece>/apercu/", documents.apercu, name="apercu"),
    path("<int:pk>/pieces/<int:piece>/lire/", documents.lire, name="lire"),
    path("<int:pk>/pieces/<int:piece>/tableur/", documents.tableur, name="tableur"),
    path("<int:pk>/formulaire/<section:section>/joindre/", formulaires.joindre, name="joindre"),
    path("<int:pk>/formulaire/<section:section>/<str:og>/reprendre/", formulaires.reprendre, name="reprendre"),
    path("<int:pk>/formulaire/<section:section>/<str:og>/", formulaires.formulaire, name="formulaire"),
    path("<int:pk>/usages/", include(usages.urlpatterns)),
    path("<int:pk>/messages/", messages.messages, name="messages"),
    path("<int:pk>/messages/ecrire/", messages.ecrire, name="messages-ecrire"),
    path("<int:pk>/messages/lus/", messages.lus, name="messages-lus"),
    path("<int:pk>/complements/", complements.complements, name="complements"),
    path("<int:pk>/<slug:code>/", saisie.etape, name="etape"),
]
