"""Importing the national register, next to a bare COPY of the same files.

The floor: psycopg sends the bytes of the files, header aside, in blocks of a mebibyte, to `COPY … (FORMAT csv)` into
ordinary, logged tables that have one text column per column of the file and no index; one table per kind of row, since
rows of 32 and of 6 columns cannot share one. Nothing is parsed, checked nor compared on our side. Two other floors are
in the details: each line whole into a single text column, and rows parsed by `csv` then sent by `write_row`.
"""

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import psycopg
from psycopg import sql

from bench.base import bare_connection, throwaway
from bench.mesure import Chrono, Mesure, laps
from grappes.generation.fichiers import GEOLOCALISES, JURIDIQUES, write_stock
from grappes.generation.stock import Stock
from grappes.importation import Bilan, import_files

ESSMS = 35_000
CIBLE = 6.0
TOURS = 3
BLOC = 1 << 20
LE = date(2026, 5, 12)

COLONNES = sql.SQL("COPY {} FROM STDIN (FORMAT csv, DELIMITER ';')")
LIGNE = sql.SQL("COPY {} FROM STDIN (FORMAT csv, DELIMITER E'\\x01', QUOTE E'\\x02')")
RANGEE = sql.SQL("COPY {} FROM STDIN")

Connexion = psycopg.Connection[tuple[object, ...]]


class Partie(NamedTuple):
    """Rows of one kind that follow each other in a file. `largeur`: columns, the empty one at the end included."""

    table: str
    largeur: int
    lignes: int
    octets: bytes


def measure(vierge: str) -> list[Mesure]:
    """The first import into an empty register, then the same again, which changes nothing.

    Each lap on a copy of the database `vierge`.
    """
    premier, second, colonnes, ligne, rangees = (Chrono() for _ in range(5))
    with written(ESSMS) as fichiers:
        parties = [partie for fichier in fichiers for partie in split(fichier)]
        for _ in laps("importer_finess", TOURS):
            with throwaway(vierge), bare_connection() as connexion:
                bare_copy(connexion, parties, colonnes, COLONNES, _by_block)
                bare_copy(connexion, [partie._replace(largeur=1) for partie in parties], ligne, LIGNE, _by_block)
                bare_copy(connexion, parties, rangees, RANGEE, _by_row)
                bilan = import_twice(fichiers, premier, second)
    lus = sum(fichier["lignes"] for fichier in bilan.fichiers)
    assert lus == sum(partie.lignes for partie in parties)
    details = {
        "rows": lus, "bytes": sum(len(partie.octets) for partie in parties), "essms": ESSMS, "laps": TOURS,
        "compared_to": "COPY of the bytes, one text column per column of the file, logged tables without index",
    }  # fmt: skip
    autres = {
        "seconds": round(1 / premier.rate(1), 2),
        "ratio_to_one_text_column": round(ligne.rate(1) / premier.rate(1), 2),
        "ratio_to_csv_and_write_row": round(rangees.rate(1) / premier.rate(1), 2),
    }
    encore = {"seconds": round(1 / second.rate(1), 2)}
    nu = colonnes.rate(lus)
    return [
        Mesure(name="importer_finess", unit="rows/s", figure=premier.rate(lus), floor=nu, aim=CIBLE,
               details=details | autres),
        Mesure(name="importer_finess, again", unit="rows/s", figure=second.rate(lus), floor=nu,
               details=details | encore),
    ]  # fmt: skip


@contextmanager
def written(essms: int) -> Iterator[list[Path]]:
    """The generated national set: establishments with their coordinates, then legal bodies."""
    with TemporaryDirectory() as dossier:
        write_stock(Stock(essms, 1, LE), Path(dossier), suivi=lambda fait, total: None)
        yield [next(Path(dossier).glob(f"*{numero}*")) for numero in (GEOLOCALISES, JURIDIQUES)]


def split(fichier: Path) -> list[Partie]:
    """A generated file by kinds of rows; none of its fields holds a line break."""
    _, *lignes = fichier.read_bytes().splitlines(keepends=True)
    parties = []
    for genre, groupe in groupby(lignes, key=lambda ligne: ligne.partition(b";")[0]):
        memes = list(groupe)
        largeur = len(next(csv.reader([memes[0].decode()], delimiter=";")))
        parties.append(Partie(f"nu_{genre.decode()}", largeur, len(memes), b"".join(memes)))
    return parties


def bare_copy(
    connexion: Connexion,
    parties: Sequence[Partie],
    chrono: Chrono,
    ordre: sql.SQL,
    envoyer: Callable[[psycopg.Copy, Partie], object],
) -> None:
    """Fill new tables; making them is committed before, without which PostgreSQL would not log what it copies."""
    for partie in parties:
        nom, colonnes = sql.Identifier(partie.table), sql.SQL(", ").join(map(_column, range(partie.largeur)))
        connexion.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(nom))
        connexion.execute(sql.SQL("CREATE TABLE {} ({})").format(nom, colonnes))
    connexion.commit()
    with chrono.lap():
        for partie in parties:
            with connexion.cursor() as curseur, curseur.copy(ordre.format(sql.Identifier(partie.table))) as copie:
                envoyer(copie, partie)
        connexion.commit()


def _column(rang: int) -> sql.Composed:
    return sql.SQL("{} text").format(sql.Identifier(f"c{rang}"))


def _by_block(copie: psycopg.Copy, partie: Partie) -> None:
    for debut in range(0, len(partie.octets), BLOC):
        copie.write(partie.octets[debut : debut + BLOC])


def _by_row(copie: psycopg.Copy, partie: Partie) -> None:
    for rangee in csv.reader(partie.octets.decode().splitlines(), delimiter=";"):
        copie.write_row(rangee)


def import_twice(fichiers: Sequence[Path], premier: Chrono, second: Chrono) -> Bilan:
    with premier.lap():
        bilan = import_files(fichiers)
    assert bilan.inchanges == 0
    with second.lap():
        encore = import_files(fichiers)
    assert encore.inchanges == bilan.crees
    assert not any(encore.counts().values())
    return bilan
