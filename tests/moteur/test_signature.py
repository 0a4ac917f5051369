"""The data of an act, read by the annotations of the function that carries it out."""

import json
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, ConfigDict, Field

from moteur import signature
from moteur.erreurs import Code, Refus
from moteur.signature import Motif


class Couleur(StrEnum):
    ROUGE = "rouge"
    VERT = "vert"


class Point(BaseModel):
    model_config = ConfigDict(extra="forbid")
    x: Annotated[int, Field(ge=0, strict=True)]


def agir(
    objet: object,
    passage: object,
    *,
    le: date,
    rang: Annotated[int, Field(ge=1, le=2)] = 1,
    couleur: Couleur | None = None,
    points: dict[str, Point] | None = None,
    part: Decimal = Decimal("0.5"),
) -> None:
    """Positional parameters are not data."""


def motiver(objet: object, passage: object, *, motif: Motif, le: date) -> None: ...


def refused(fonction: Any, donnees: dict[str, Any]) -> Refus:
    with pytest.raises(Refus) as refus:
        signature.lire(fonction, donnees)
    json.dumps(refus.value.details)
    return refus.value


def test_reads_by_annotations() -> None:
    lu = signature.lire(agir, {"le": "2022-05-01", "couleur": "vert", "points": {"a": {"x": 3}}, "part": "0.80"})
    assert lu == {
        "le": date(2022, 5, 1), "rang": 1, "couleur": Couleur.VERT, "points": {"a": Point(x=3)},
        "part": Decimal("0.80"),
    }  # fmt: skip


def test_keys_are_the_keyword_only_parameters() -> None:
    assert signature.cles(agir) == {"le", "rang", "couleur", "points", "part"}


def test_journal_form_is_json_and_reads_back() -> None:
    lu = signature.lire(agir, {"le": "2022-05-01", "couleur": "vert", "points": {"a": {"x": 3}}})
    brut = signature.jsonable(agir, lu)
    assert json.loads(json.dumps(brut)) == brut
    assert (brut["le"], brut["couleur"], brut["part"]) == ("2022-05-01", "vert", "0.5")
    assert signature.lire(agir, brut) == lu


@pytest.mark.parametrize(
    ("donnees", "chemin", "message"),
    [
        ({}, "le", "clé obligatoire absente"),
        ({"le": "2022-05-01", "autre": 1}, "autre", "clé inconnue"),
        ({"le": "demain"}, "le", "date attendue"),
        ({"le": "2022-02-30"}, "le", "date attendue"),
        ({"le": ["2022-05-01"]}, "le", "date attendue"),
        ({"le": "2022-05-01", "rang": 3}, "rang", "2 au plus"),
        ({"le": "2022-05-01", "rang": "un"}, "rang", "nombre entier"),
        ({"le": "2022-05-01", "rang": 1.5}, "rang", "nombre entier"),
        ({"le": "2022-05-01", "couleur": "bleu"}, "couleur", "rouge"),
        ({"le": "2022-05-01", "points": {"a": {"x": -1}}}, "points.a.x", "0 au moins"),
        ({"le": "2022-05-01", "points": {"a": {"x": True}}}, "points.a.x", "entier"),
        ({"le": "2022-05-01", "points": {"a": {"y": 1}}}, "points.a.y", "clé inconnue"),
        ({"le": "2022-05-01", "points": []}, "points", "objet attendu"),
        ({"le": "2022-05-01", "part": "NaN"}, "part", "nombre"),
        ({"le": "2022-05-01", "part": "beaucoup"}, "part", "nombre décimal"),
    ],
)
def test_fault_names_its_key(donnees: dict[str, Any], chemin: str, message: str) -> None:
    refus = refused(agir, donnees)
    assert refus.code is Code.DONNEES_INVALIDES
    fautes: Any = refus.details["fautes"]
    assert chemin in [faute["chemin"] for faute in fautes]
    assert message in refus.message
    assert refus.message.endswith(".")


def test_every_fault_is_told() -> None:
    fautes: Any = refused(agir, {"rang": 0, "couleur": 1, "autre": 2}).details["fautes"]
    assert {faute["chemin"] for faute in fautes} == {"le", "rang", "couleur", "autre"}


@pytest.mark.parametrize("donnees", [{}, {"motif": ""}, {"motif": " \n\t"}, {"motif": None}, {"motif": 3}])
def test_absent_reason_has_its_own_code(donnees: dict[str, Any]) -> None:
    assert refused(motiver, donnees | {"le": "2022-05-01"}).code is Code.MOTIF_REQUIS


def test_reason_is_trimmed_and_bounded() -> None:
    assert signature.lire(motiver, {"motif": "  Trop tard. ", "le": "2022-05-01"})["motif"] == "Trop tard."
    refused(motiver, {"motif": "x" * 5001, "le": "2022-05-01"})


def test_wrapped_function_is_read_through() -> None:
    def porte(**donnees: Any) -> None: ...

    porte.__wrapped__ = agir  # type: ignore[attr-defined]
    assert signature.cles(porte) == signature.cles(agir)


def dater(objet: object, passage: object, *, le: signature.Jour) -> None: ...


@pytest.mark.parametrize(
    "valeur", [0, 1654041600, "1654041600", "20220501", "2022-W18-7", "2022-13-01", True, 1.5, None]
)
def test_a_day_is_written_as_one_writes_days(valeur: object) -> None:
    with pytest.raises(Refus) as refus:
        signature.lire(dater, {"le": valeur})
    assert refus.value.code is Code.DONNEES_INVALIDES
    assert "date attendue" in refus.value.message


@pytest.mark.parametrize("valeur", ["0001-01-01", "1999-12-31", "2101-01-01"])
def test_a_day_is_of_this_century(valeur: str) -> None:
    with pytest.raises(Refus, match="année entre 2000 et 2100"):
        signature.lire(dater, {"le": valeur})


def test_a_day_is_read() -> None:
    assert signature.lire(dater, {"le": "2024-02-29"}) == {"le": date(2024, 2, 29)}


def test_wrapping_a_function_makes_no_other_model() -> None:
    """A play wraps the doors anew each time: the models it reads its data with are those of the functions."""

    def wrapped(*args: Any, **donnees: Any) -> None: ...

    wrapped.__wrapped__ = dater  # type: ignore[attr-defined]
    avant = signature._modele.cache_info().currsize
    signature.cles(dater)
    signature.cles(wrapped)
    assert signature._modele.cache_info().currsize <= avant + 1
