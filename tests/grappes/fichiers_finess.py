"""FINESS files for tests, written in the published format."""

import csv
import io
import json
from pathlib import Path
from typing import Any

from grappes.finess import with_key

ECHANTILLON = Path(__file__).resolve().parents[2] / "fixtures" / "finess" / "etalab-cs1100502-echantillon.csv"


def et(finess: str = "310000028", og: str = "310000010", **champs: str) -> list[str]:
    """A `structureet` row: an EHPAD of Toulouse unless told otherwise."""
    c = {"rs": "EHPAD LES LAVANDES", "long": "", "dep": "31", "ach": "31000 TOULOUSE", "cat": "500", "agr": "4401",
         "siret": "12345678901234", "ouv": "1990-01-02"} | champs  # fmt: skip
    return ["structureet", finess, og, c["rs"], c["long"], "", "", "4", "R", "DU PARC", "", "", "555", c["dep"], "X",
            c["ach"], "", "", c["cat"], "EHPAD", c["agr"], "EHPA", c["siret"], "8710A", "40", "Tarif", "", "", c["ouv"],
            "1990-01-02", "2024-04-22", ""]  # fmt: skip


def ej(finess: str = "310000010", nom: str = "ASSOCIATION DU PARC", siren: str = "123456789") -> list[str]:
    """A `structureej` row."""
    return [
        "structureej",
        finess,
        nom,
        "",
        *[""] * 9,
        "31",
        "X",
        "",
        "60",
        "Asso",
        "",
        "",
        siren,
        "8710A",
        "1980-01-01",
    ]


def geo(finess: str = "310000028", x: str = "574000.5", y: str = "6279000.25") -> list[str]:
    """A `geolocalisation` row."""
    return ["geolocalisation", finess, x, y, "1,IGN,BD_ADRESSE,EPSG:2154", "2026-05-12"]


def many(nombre: int) -> list[list[str]]:
    """As many ESSMS of one OG."""
    return [et(with_key(f"3101{rang:04d}"), rs=f"EHPAD {rang}") for rang in range(nombre)]


def stock(chemin: Path, lignes: list[list[str]], *, le: str = "2026-05-12", encodage: str = "utf-8") -> Path:
    """Write a stock as the State does: ends with a separator, quotes doubled where needed."""
    texte = io.StringIO()
    csv.writer(texte, delimiter=";", lineterminator="\n").writerows(
        ligne if ligne[0] == "structureet" else [*ligne, ""] for ligne in lignes
    )
    chemin.write_bytes(f"finess;etalab;111;{le}\n{texte.getvalue()}".encode(encodage))
    return chemin


def daily(chemin: Path, *ege: dict[str, Any], le: str = "2026-06-01") -> Path:
    """Write a daily JSON of one legal body."""
    pm = {"numFinessPm": "310000010", "denominationPm": "ASSOCIATION DU PARC", "siren": "123456789"}
    pmej = [{"informationsGeneralesPMEJ": pm, "ege": list(ege), "etatObjet": "A"}]
    chemin.write_text(json.dumps({"schemaVersion": "v1.0.0", "generatedAt": f"{le}T02:00:00Z", "pmej": pmej}))
    return chemin


def ege(**ailleurs: Any) -> dict[str, Any]:
    """An EHPAD of the daily JSON."""
    infos = {"numFinessEge": "310000028", "nomEgeCourt": "EHPAD LES LAVANDES", "siret": "12345678901234",
             "dateOuverture": "1990-01-02"}  # fmt: skip
    infos |= {cle: ailleurs.pop(cle) for cle in list(ailleurs) if cle in ("numFinessEge", "dateFermeture", "siret")}
    adresse = {"usageAdresse": "03", "cogCommune": "31555", "codePostal": "31000", "ligneAcheminement": "TOULOUSE",
               "coordonneesGeographique": {"coordonneeX": "1.44", "coordonneeY": "43.6"}}  # fmt: skip
    return {"informationsGeneralesEGE": infos, "categorieentiteGeographiqueExercice": "500", "adresse": [adresse],
            "etatObjet": "A"} | ailleurs  # fmt: skip
