"""Addresses of the usage declaration, under those of a dossier."""

from datetime import date

from django.urls import path, register_converter

from portail.usages.page import ETAPES
from portail.vues import declaration, usages


class MoisConverter:
    """A month ("2023-06") as its first day."""

    regex = "[12][0-9]{3}-(?:0[1-9]|1[0-2])"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(f"{value}-01")

    def to_url(self, value: date | str) -> str:
        return value if isinstance(value, str) else f"{value:%Y-%m}"


class EtapeConverter:
    """A step by its code; any other address does not exist."""

    regex = "|".join(etape.code for etape in ETAPES)

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(MoisConverter, "mois")
register_converter(EtapeConverter, "etape_usages")

urlpatterns = [
    path("", usages.accueil, name="usages"),
    path("vsr/", usages.vsr, name="usages-vsr"),
    path("soumettre/", usages.soumettre, name="usages-soumettre"),
    path("recu/<int:recu>/", usages.recu, name="usages-recu"),
    path("recu/<int:recu>/recu.json", usages.recu_json, name="usages-recu-json"),
    path("recu/<int:recu>/recu.csv", usages.recu_csv, name="usages-recu-csv"),
    path("<mois:mois>/<etape_usages:code>/", declaration.etape, name="usages-etape"),
    path("<mois:mois>/champ/", declaration.champ, name="usages-champ"),
    path("<mois:mois>/modele.xlsx", declaration.modele_xlsx, name="usages-modele-xlsx"),
    path("<mois:mois>/modele.csv", declaration.modele_csv, name="usages-modele-csv"),
    path("<mois:mois>/fichier/", declaration.fichier, name="usages-fichier"),
    path("<mois:mois>/colonnes/", declaration.colonnes, name="usages-colonnes"),
]
