"""The daily JSON file of the national register, written piece by piece. Source: regles.md §11.2."""

import json
from datetime import date
from typing import IO, Any, Self

from grappes.generation.identites import Identite
from grappes.generation.stock import Etablissement, Organisme
from grappes.generation.territoires import Territoire

VERSION = "v1.0.0"
SIEGE, EXERCICE = "02", "03"


class Journalier:
    """One file: bodies, each with its establishments, open and closed."""

    def __init__(self, flux: IO[str], le: date) -> None:
        self._flux = flux
        self._le = le
        self._avant_corps = self._avant_ege = "\n"
        self._fin = ""
        entete = {"schemaVersion": VERSION, "generatedAt": f"{le.isoformat()}T02:06:22Z", "gco": [], "gcc": []}
        flux.write(f'{_dump(entete)[:-1]}, "pmej": [')

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *erreur: object) -> None:
        self._flux.write(f"{self._fin}]}}\n")

    def organisme(self, un: Organisme) -> None:
        """End the last body and start the next."""
        self._flux.write(f'{self._avant_corps}{_dump(_pmej(un, self._le))[:-1]}, "ege": [')
        self._avant_corps, self._avant_ege, self._fin = "]},\n", "\n", "]}"

    def etablissement(self, un: Etablissement) -> None:
        """Add an establishment to the body that was started last."""
        self._flux.write(f"{self._avant_ege}{_dump(_ege(un))}")
        self._avant_ege = ",\n"


def _pmej(un: Organisme, le: date) -> dict[str, Any]:
    return {
        "informationsGeneralesPMEJ": {
            "numFinessPm": un.finess,
            "denominationPm": un.identite.nom,
            "denominationLonguePmSmsse": un.identite.nom_long or None,
            "siren": un.siren,
            "statutJuridique": un.statut.code,
            "dateCreation": un.creation.isoformat(),
            "dateFermeture": None,
        },
        "adresse": [_adresse(un.identite, un.territoire, SIEGE)],
        "contact": _contact(un.identite),
        "etatObjet": "A",
        "dateDerniereMaj": f"{le.isoformat()}T00:00:00Z",
    }


def _ege(un: Etablissement) -> dict[str, Any]:
    return {
        "informationsGeneralesEGE": {
            "numFinessEge": un.finess,
            "nomEgeCourt": un.identite.nom,
            "nomEgeLong": un.identite.nom_long or None,
            "siret": un.siret or None,
            "dateOuverture": un.ouverture.isoformat(),
            "datePremiereAutorisation": un.autorisation.isoformat(),
            "dateFermeture": un.ferme_le.isoformat() if un.ferme_le else None,
        },
        "categorieentiteGeographiqueExercice": un.rubrique.code,
        "modefixationtarifaire": un.rubrique.tarif,
        "adresse": [
            _adresse(un.identite, un.territoire, EXERCICE)
            | {"coordonneesGeographique": {"coordonneeX": f"{un.x:.1f}", "coordonneeY": f"{un.y:.1f}"}}
        ],
        "contact": _contact(un.identite),
        "evenement": _evenements(un),
        "etatObjet": "I" if un.ferme_le else "A",
        "dateDerniereMaj": f"{un.maj.isoformat()}T00:00:00Z",
    }


def _adresse(qui: Identite, ou: Territoire, usage: str) -> dict[str, Any]:
    """`cogCommune`: five characters, 971 to 976 overseas."""
    postal, _, commune = qui.commune.acheminement.partition(" ")
    return {
        "usageAdresse": usage,
        "numeroVoie": qui.numero or None,
        "typeVoie": qui.type_voie or None,
        "libelleVoie": qui.voie or None,
        "lieuDit": qui.lieu_dit or None,
        "cogCommune": f"{ou.code[:2]}{qui.commune.code}",
        "codePostal": postal,
        "ligneAcheminement": commune,
    }


def _contact(qui: Identite) -> list[dict[str, Any]]:
    if not qui.telephone:
        return []
    return [{"typeContact": {"roleContact": "01"}, "telecom": {"telephone": qui.telephone}}]


def _evenements(un: Etablissement) -> list[dict[str, str]]:
    evenements = [("ouverture", un.ouverture, "A")] + ([("fermeture", un.ferme_le, "I")] if un.ferme_le else [])
    return [
        {"codeEvenement": code, "dateEvenement": le.isoformat(), "etatObjet1": etat, "identifiantObjet1": un.finess}
        for code, le, etat in evenements
    ]


def _dump(valeur: dict[str, Any]) -> str:
    return json.dumps(valeur, ensure_ascii=False)
