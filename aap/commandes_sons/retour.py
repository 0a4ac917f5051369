"""The rejected rows, given back in the format they came in with their reasons: corrected, they are sent again."""

import csv
from collections.abc import Iterator
from pathlib import Path

from aap.commandes_sons.lecture import COLONNES, MOTIFS, VERSION, Ligne, Lot
from moteur.fichiers import to_json
from moteur.lots import BilanLot, Jugement


def write_rejected(lot: Lot, bilan: BilanLot, chemin: Path) -> None:
    """Write them, after the import; the file is read once more. Raises: OSError, Refus."""
    if lot.format == "csv":
        _write_csv(lot, bilan, chemin)
    else:
        _write_json(lot, bilan, chemin)


def _write_csv(lot: Lot, bilan: BilanLot, chemin: Path) -> None:
    """The reasons come first: a row with too many cells keeps them all. With a mark that spreadsheets expect."""
    entete = lot.entete
    with chemin.open("w", encoding="utf-8-sig", newline="") as flux:
        sortie = csv.writer(flux, delimiter=";", lineterminator="\r\n")
        sortie.writerow([MOTIFS, *(nom for nom in entete if nom != MOTIFS)])
        for ligne, jugement in _rejected(lot, bilan):
            rang = entete.index(MOTIFS) if MOTIFS in entete else len(ligne.brute)
            sortie.writerow([_reasons(jugement), *ligne.brute[:rang], *ligne.brute[rang + 1 :]])


def _write_json(lot: Lot, bilan: BilanLot, chemin: Path) -> None:
    commandes = []
    for ligne, jugement in _rejected(lot, bilan):
        brute = ligne.brute if isinstance(ligne.brute, dict) else {COLONNES[0]: ligne.brute}
        commandes.append({**brute, MOTIFS: [faute.as_dict() for faute in jugement.fautes]})
    chemin.write_bytes(to_json({"version": VERSION, "commandes": commandes}))


def _rejected(lot: Lot, bilan: BilanLot) -> Iterator[tuple[Ligne, Jugement]]:
    rejetes = {jugement.rang: jugement for jugement in bilan.rejetes}
    for rang, ligne in enumerate(lot.lines(), start=1):
        if rang in rejetes:
            yield ligne, rejetes[rang]


def _reasons(jugement: Jugement) -> str:
    return " | ".join(f"{faute.chemin} : {faute.message}" for faute in jugement.fautes)
