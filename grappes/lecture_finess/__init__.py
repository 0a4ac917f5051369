"""FINESS files: bytes in, typed rows or rejections out. Pure: no database, no clock."""

from collections.abc import Callable, Iterator

from grappes.lecture_finess import quotidien, stock
from grappes.lecture_finess.fichier import Fichier
from grappes.lecture_finess.lignes import Entete, Ligne
from grappes.lecture_finess.stock import Recognisers, T, recognise_nothing


def read_header(fichier: Fichier) -> Entete:
    """What the file says of itself. Raises: Refus when it is not a FINESS file."""
    return quotidien.read_header(fichier) if fichier.json else stock.read_header(fichier)


def read_rows(
    fichier: Fichier,
    avance: Callable[[int], object],
    recognisers: Recognisers[T] = recognise_nothing,
) -> Iterator[Ligne | T]:
    """Its rows, one at a time. `avance` is told how many bytes were read. Raises: Refus when it is damaged.

    `recognisers`: what is asked first of each line of a stock (`grappes.lecture_finess.stock`).
    """
    if fichier.json:
        return quotidien.read_rows(fichier, avance)
    return stock.read_rows(fichier, avance, recognisers)
