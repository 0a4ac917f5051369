"""The exchange format as JSON Schema, for those who write such files: docs/echange/dossiers.schema.json."""

from pathlib import Path
from typing import Any

from pydantic import Field

from aap.reception.schema import DOSSIERS_MAX, DossierRecu, Fichier
from moteur.fichiers import to_json

FICHIER = Path(__file__).resolve().parents[2] / "docs" / "echange" / "dossiers.schema.json"
TITRE = "Fichier de dossiers ESMS numérique"
DESCRIPTION = "Dossiers à importer, jugés un par un. Guide : docs/echange/README.md."


class _Publie(Fichier):
    """The whole of it, records included: the importer reads these one by one."""

    dossiers: list[DossierRecu] = Field(max_length=DOSSIERS_MAX, description="Dossiers, jugés un par un.")


def json_schema() -> dict[str, Any]:
    """JSON Schema 2020-12. Texts are those of the fields; the docstrings of the code stay in the code."""
    brut = _Publie.model_json_schema()
    parties = {nom: _without(partie, "title", "description") for nom, partie in brut.pop("$defs").items()}
    entete = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": TITRE,
        "description": DESCRIPTION,
    }
    return entete | _without(brut, "title", "description") | {"$defs": parties}


def text() -> bytes:
    """The published file, byte for byte."""
    return to_json(json_schema())


def _without(partie: dict[str, Any], *cles: str) -> dict[str, Any]:
    """A part without these keys, and its fields without their made-up titles."""
    reste = {cle: valeur for cle, valeur in partie.items() if cle not in cles}
    if "properties" in reste:
        reste["properties"] = {
            nom: {cle: valeur for cle, valeur in champ.items() if cle != "title"}
            for nom, champ in reste["properties"].items()
        }
    return reste
