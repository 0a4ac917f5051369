"""Writes the register in the formats of the public one. Source: regles.md §11.2."""

import csv
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, Any

from grappes.generation.journalier import Journalier
from grappes.generation.lignes import geolocalisation, structureej, structureet
from grappes.generation.stock import Etablissement, Stock
from moteur.erreurs import Code, Refus
from moteur.texte import cite

Suivi = Callable[[int, int], None]

JURIDIQUES, GEOGRAPHIQUES, GEOLOCALISES = "cs1100501", "cs1100502", "cs1100507"
#: The numbers the real files bear on their first line.
EXTRACTIONS = {JURIDIQUES: 98, GEOGRAPHIQUES: 111, GEOLOCALISES: 98}
PAS_DU_SUIVI = 500


@dataclass(slots=True)
class Bilan:
    """What was written. `fermes`: closed establishments, in the daily file only."""

    fichiers: tuple[Path, ...]
    organismes: int = 0
    essms: int = 0
    autres: int = 0
    fermes: int = 0


class Csv:
    """One stock file: its first line, then rows."""

    def __init__(self, flux: IO[str], extraction: int | None = None, le: date | None = None) -> None:
        self._flux = flux
        self.write: Callable[[tuple[str, ...]], Any] = csv.writer(flux, delimiter=";", lineterminator="\n").writerow
        if extraction is not None and le is not None:
            flux.write(f"finess;etalab;{extraction};{le.isoformat()}\n")

    def append(self, lignes: IO[str]) -> None:
        lignes.seek(0)
        shutil.copyfileobj(lignes, self._flux)


def file_names(le: date, *, as_json: bool) -> dict[str, str]:
    """The name of each file; the daily one only on demand."""
    noms = {numero: f"etalab-{numero}-stock-{le:%Y%m%d}-0339.csv" for numero in EXTRACTIONS}
    return noms | {"json": f"finess-structures-journalier-{le:%Y%m%d}.json"} if as_json else noms


def write_stock(
    stock: Stock,
    dossier: Path,
    *,
    suivi: Suivi,
    encodage: str = "utf-8",
    as_json: bool = False,
    force: bool = False,
) -> Bilan:
    """Write the files of that register. Raises: Refus when one is there already and `force` is not given."""
    cibles = {cle: dossier / nom for cle, nom in file_names(stock.le, as_json=as_json).items()}
    _check(dossier, tuple(cibles.values()), force=force)
    bilan = Bilan(tuple(cibles.values()))
    try:
        dossier.mkdir(parents=True, exist_ok=True)
        with ExitStack() as pile:
            flux = {
                cle: pile.enter_context(_replacing(cible, "utf-8" if cle == "json" else encodage))
                for cle, cible in cibles.items()
            }
            attente = pile.enter_context(tempfile.TemporaryFile("w+", encoding=encodage, newline="", dir=dossier))
            sorties = {cle: Csv(flux[cle], n, stock.le) for cle, n in EXTRACTIONS.items()}
            journalier = pile.enter_context(Journalier(flux["json"], stock.le)) if as_json else None
            _write(stock, sorties, Csv(attente), journalier, bilan, suivi)
            sorties[GEOLOCALISES].append(attente)
    except OSError as erreur:
        raise Refus(
            Code.DONNEES_INVALIDES,
            f"impossible d'écrire dans {cite(dossier)} ({erreur.strerror}) : choisissez un autre dossier avec --vers.",
        ) from erreur
    return bilan


def _write(
    stock: Stock, sorties: dict[str, Csv], positions: Csv, journalier: Journalier | None, bilan: Bilan, suivi: Suivi
) -> None:
    """One pass: the coordinates wait in `positions`, since the combined file has them after all the rest."""
    for un in stock:
        if isinstance(un, Etablissement):
            if journalier:
                journalier.etablissement(un)
            _count(un, bilan)
            if un.ferme_le is None:
                ligne = structureet(un)
                sorties[GEOGRAPHIQUES].write(ligne)
                sorties[GEOLOCALISES].write(ligne)
                positions.write(geolocalisation(un))
            if (bilan.essms + bilan.autres) % PAS_DU_SUIVI == 0:
                suivi(bilan.essms + bilan.autres, stock.essms + stock.autres)
        else:
            if journalier:
                journalier.organisme(un)
            sorties[JURIDIQUES].write(structureej(un))
            bilan.organismes += 1


def _count(un: Etablissement, bilan: Bilan) -> None:
    if un.ferme_le:
        bilan.fermes += 1
    elif un.rubrique.essms:
        bilan.essms += 1
    else:
        bilan.autres += 1


def _check(dossier: Path, cibles: tuple[Path, ...], *, force: bool) -> None:
    presents = [cible.name for cible in cibles if cible.exists()]
    if presents and not force:
        raise Refus(
            Code.DONNEES_INVALIDES,
            f"{cite(presents[0])} est déjà dans {cite(dossier)} : choisissez un autre dossier avec --vers, "
            "ou ajoutez --force pour le remplacer.",
            fichiers=presents,
        )


@contextmanager
def _replacing(cible: Path, encodage: str) -> Iterator[IO[str]]:
    """Write beside the target, which appears whole or not at all."""
    provisoire = cible.with_name(f"{cible.name}.partiel")
    try:
        with provisoire.open("w", encoding=encodage, newline="") as flux:
            yield flux
        os.replace(provisoire, cible)
    finally:
        provisoire.unlink(missing_ok=True)
