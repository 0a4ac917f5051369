"""Whom to write to for help, and how long an answer may take: data, fixtures/referents.toml. Pure."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from moteur.erreurs import Code, Refus

FICHIER = Path(__file__).resolve().parents[1] / "fixtures" / "referents.toml"


class Contact(BaseModel):
    """A person or a service, and an address."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    nom: str
    adresse: str


class Delai(BaseModel):
    """A number of calendar days, with where it comes from."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    valeur: int = Field(ge=1, le=365)
    source: str
    confiance: Literal["verifie", "une_source", "a_confirmer"]


class Delais(BaseModel):
    """Days to see to a request, then days to answer it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    prise_en_charge: Delai
    reponse: Delai


class Referents(BaseModel):
    """`regions` and `departements`: INSEE code → contact."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    delais: Delais
    regions: dict[str, Contact]
    departements: dict[str, Contact]


def contact_of(departement: str, region: str) -> Contact:
    """The territorial contact of a département, else the address of its région. INSEE codes. None is made up.

    Raises: Refus REGLE_NON_RENSEIGNEE when the file knows neither.
    """
    connus = _read()
    contact = connus.departements.get(departement) or connus.regions.get(region)
    if contact is None:
        raise Refus(
            Code.REGLE_NON_RENSEIGNEE,
            f"Aucun contact n'est renseigné pour le département {departement} ni pour sa région : adressez-vous au "
            "standard de votre ARS.",
            regle=f"departements.{departement}",
        )
    return contact


def delays() -> Delais:
    """How long before a request goes to the national referent."""
    return _read().delais


@cache
def _read() -> Referents:
    with FICHIER.open("rb") as fichier:
        return Referents.model_validate(tomllib.load(fichier))
