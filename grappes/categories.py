"""FINESS categories and the sector each belongs to. Source: regles.md §1, "Sectors and FINESS categories"."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal, cast

FICHIER = Path(__file__).resolve().parents[1] / "fixtures" / "categories.csv"
AGREGATS_SANITAIRES = ("11", "12")

Statut = Literal["eligible", "exclue", "a_confirmer"]


class Secteur(StrEnum):
    """The seven domains of the programme."""

    PA = "PA"
    PH = "PH"
    DOM = "DOM"
    PDS = "PDS"
    PDE = "PDE"
    AHI = "AHI"
    PJM = "PJM"


@dataclass(frozen=True)
class Categorie:
    """One FINESS category. `agregat`: 4 digits where verified, else the 2-digit prefix, else empty."""

    code: str
    libelle: str
    secteur: Secteur | None
    statut: Statut
    agregat: str
    motif: str


# What generators use when a sector has to become a category.
CATEGORIE_TYPE: Mapping[Secteur, str] = MappingProxyType(
    {
        Secteur.PA: "500",
        Secteur.PH: "255",
        Secteur.DOM: "354",
        Secteur.PDS: "197",
        Secteur.PDE: "177",
        Secteur.AHI: "214",
        Secteur.PJM: "340",
    }
)


def categorie(code: str) -> Categorie | None:
    """The category of this code; None when the table does not know it. A code alone never proves L.312-1."""
    return _table().get(code)


def every() -> Iterable[Categorie]:
    """All the categories of the table."""
    return _table().values()


def is_sanitaire(agregat: str) -> bool:
    """Every 11xx and 12xx aggregate is sanitaire, hence outside L.312-1. Source: regles.md §1."""
    return agregat.startswith(AGREGATS_SANITAIRES)


@cache
def _table() -> Mapping[str, Categorie]:
    with FICHIER.open(encoding="utf-8", newline="") as flux:
        lignes = [_read(ligne) for ligne in csv.DictReader(flux)]
    return MappingProxyType({ligne.code: ligne for ligne in lignes})


def _read(ligne: dict[str, str]) -> Categorie:
    statut = ligne["statut"]
    if statut not in ("eligible", "exclue", "a_confirmer"):
        raise ValueError(f"categories.csv, {ligne['code']}: unknown statut {statut!r}")
    return Categorie(
        code=ligne["code"],
        libelle=ligne["libelle"],
        secteur=Secteur(ligne["secteur"]) if ligne["secteur"] else None,
        statut=cast(Statut, statut),
        agregat=ligne["agregat"],
        motif=ligne["motif"],
    )
