"""FINESS files: bytes in, typed rows or rejections out. Pure: no database, no clock."""

from collections.abc import Callable, Iterator

from grappes.lecture_finess import quotidien, stock
from grappes.lecture_finess.fichier import Fichier
from grappes.lecture_finess.lignes import Entete, Ligne


def read_header(fichier: Fichier) -> Entete:
    """What the file says of itself. Raises: Refus when it is not a FINESS file."""
    return quotidien.read_header(fichier) if fichier.json else stock.read_header(fichier)


def read_rows(fichier: Fichier, avance: Callable[[int], object]) -> Iterator[Ligne]:
    """Its rows, one at a time. `avance` is told how many bytes were read. Raises: Refus when it is damaged."""
    lire: Callable[[Fichier, Callable[[int], object]], Iterator[Ligne]]
    lire = quotidien.read_rows if fichier.json else stock.read_rows
    return lire(fichier, avance)
