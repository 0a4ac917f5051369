"""What people call each rule of eligibility, by its code: on pages, in refusals and on receipts."""

from collections.abc import Mapping

TITRES: Mapping[str, str] = {
    "MIN_ESSMS": "Nombre d'ESSMS de la grappe",
    "ROUTAGE": "Appel à projets régional ou national",
    "FINESS_GEOGRAPHIQUE": "Numéros FINESS géographiques",
    "L312_1": "Établissements relevant de l'article L.312-1 du CASF",
    "UNICITE": "Aucun ESSMS déjà financé ailleurs",
    "CUMUL_SONS": "Aucune commande SONS d'un autre logiciel",
    "CUMUL_UE": "Aucun autre financement européen",
    "CONCURRENCE": "Mise en concurrence de l'acquisition",
    "LOGICIEL_REFERENCE": "Logiciel référencé Ségur",
    "PIECES": "Pièces du dossier",
}
