"""The published format, held to the code: the schema, the example, the guide."""

import json
import re
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from pydantic import BaseModel

from aap.reception import schema
from aap.reception.importation import import_file
from aap.reception.lecture import read_file
from aap.reception.publication import FICHIER, json_schema, text
from moteur import horloge
from moteur.lots import Issue
from tests.aap.envois import JOUR, abime, dossier, envoi, issues, ouvrir
from tests.aap.test_reception_lecture import DOSSIERS
from tests.fabriques import personne

PROJET = Path(__file__).resolve().parents[2]
EXEMPLE = PROJET / "fixtures" / "echange" / "dossiers-exemple.json"
GUIDE = (PROJET / "docs" / "echange" / "README.md").read_text("utf-8")
VALIDATEUR = jsonschema.Draft202012Validator(json_schema())


def test_the_published_schema_is_up_to_date() -> None:
    """When this fails: `python manage.py schema_dossiers`, then read what changed."""
    assert FICHIER.read_bytes() == text()


def test_every_field_is_described_in_french_and_in_the_guide() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())
    dites = set(re.findall(r"`(\w+)`", GUIDE))
    for partie in vars(schema).values():
        if isinstance(partie, type) and issubclass(partie, BaseModel) and partie.__module__ == schema.__name__:
            assert {nom for nom, champ in partie.model_fields.items() if not champ.description} == set()
            assert set(partie.model_fields) - dites == set()
    assert {issue.value for issue in Issue} <= dites


def test_the_example_is_valid_and_goes_in_whole(db: None) -> None:
    VALIDATEUR.validate(json.loads(EXEMPLE.read_text("utf-8")))
    with horloge.figer(JOUR):
        ouvrir()
        bilan = import_file(read_file(EXEMPLE), personne("instructeur"))
    assert (issues(bilan), [un.fautes for un in bilan.rejetes]) == (["importe", "importe"], [])


@given(DOSSIERS)
def test_what_we_read_is_valid(brut: dict[str, object]) -> None:
    VALIDATEUR.validate(envoi(brut))


@pytest.mark.parametrize(
    ("chemin", "valeur"),
    [
        ("aide_demandee", 12.5),
        ("aide_demandee", "12.345"),
        ("porteur.finess_ej", "1234"),
        ("segur", "oui"),
        ("projet", "achat"),
        ("grappe.essms", []),
        ("pieces.0.empreinte", "abc"),
        ("inconnue", 1),
    ],
)
def test_what_we_refuse_is_not(chemin: str, valeur: object) -> None:
    with pytest.raises(jsonschema.ValidationError):
        VALIDATEUR.validate(envoi(abime(dossier(), chemin, valeur)))
