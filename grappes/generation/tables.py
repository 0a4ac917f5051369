"""The tables of `fixtures/` as the generator needs them: categories, legal statuses, words."""

import csv
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from grappes.categories import Secteur, categorie

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
DOSSIER = FIXTURES / "finess"


def read_csv(fichier: Path) -> list[dict[str, str]]:
    with fichier.open(encoding="utf-8", newline="") as flux:
        return list(csv.DictReader(flux))


@dataclass(frozen=True)
class Rubrique:
    """A category as the register writes it, and how often it is met. `seul`: its bodies run one place only."""

    code: str
    libelle: str
    agregat: str
    libelle_agregat: str
    sigle: str
    ape: str
    tarif: str
    libelle_tarif: str
    poids: int
    seul: bool
    secteur: Secteur | None
    essms: bool


@dataclass(frozen=True)
class Statut:
    """The legal status of a body: what it runs (sectors or aggregates), how large it gets, how it is called."""

    code: str
    libelle: str
    essms: bool
    poids: int
    champ: tuple[str, ...]
    maximum: int
    noms: tuple[str, ...]


@cache
def rubriques() -> dict[str, Rubrique]:
    agregats = {ligne["code"]: ligne["libelle"] for ligne in read_csv(DOSSIER / "agregats.csv")}
    tarifs = {ligne["code"]: ligne["libelle"] for ligne in read_csv(DOSSIER / "tarifs.csv")}
    return {
        ligne["code"]: _rubrique(ligne, agregats[ligne["agregat"]], tarifs[ligne["tarif"]])
        for ligne in read_csv(DOSSIER / "categories.csv")
    }


def _rubrique(ligne: dict[str, str], libelle_agregat: str, libelle_tarif: str) -> Rubrique:
    connue = categorie(ligne["code"])
    return Rubrique(
        code=ligne["code"],
        libelle=ligne["libelle"],
        agregat=ligne["agregat"],
        libelle_agregat=libelle_agregat,
        sigle=ligne["sigle"],
        ape=ligne["ape"],
        tarif=ligne["tarif"],
        libelle_tarif=libelle_tarif,
        poids=int(ligne["poids"]),
        seul=ligne["seul"] == "1",
        secteur=connue.secteur if connue else None,
        essms=connue is not None and connue.statut != "exclue",
    )


@cache
def statuts(*, essms: bool) -> tuple[Statut, ...]:
    tous = (
        Statut(
            code=ligne["code"],
            libelle=ligne["libelle"],
            essms=ligne["genre"] == "essms",
            poids=int(ligne["poids"]),
            champ=tuple(ligne["champ"].split()),
            maximum=int(ligne["max"]),
            noms=tuple(ligne["noms"].split("|")),
        )
        for ligne in read_csv(DOSSIER / "statuts.csv")
    )
    return tuple(statut for statut in tous if statut.essms is essms)


@cache
def mots() -> dict[str, Any]:
    """The words of noms.toml."""
    return tomllib.loads((DOSSIER / "noms.toml").read_text(encoding="utf-8"))
