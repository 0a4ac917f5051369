"""Reads a spreadsheet given on standard input, in a process of its own: `python -I classeur.py ROWS COLUMNS`.

A file of a few kilobytes may claim a cell in the last row of the last column, and the library allocates all that lies
between, which ends the process. So it is not ours: memory and time are bounded here, and only text comes out.
Writes {"hauteur", "largeur", "lignes": [[text]]} of the first sheet that is not empty, or {} when all are.
"""

import json
import resource
import sys
from collections.abc import Iterable
from io import BytesIO

from python_calamine import CalamineWorkbook

MEMOIRE = 2**30
SECONDES = 10
LONGUEUR = 200


def main(lignes: int, colonnes: int) -> None:
    """Bound this process, then read."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMOIRE, MEMOIRE))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDES, SECONDES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    classeur = CalamineWorkbook.from_filelike(BytesIO(sys.stdin.buffer.read()))
    lue: dict[str, object] = {}
    for rang in range(len(classeur.sheet_names)):
        feuille = classeur.get_sheet_by_index(rang)
        if feuille.end is not None:
            rangees = feuille.to_python(skip_empty_area=False, nrows=lignes)
            lue = {
                "hauteur": feuille.end[0] + 1,
                "largeur": feuille.end[1] + 1,
                "lignes": [[as_text(cellule) for cellule in rangee[:colonnes]] for rangee in rangees],
            }
            break
    json.dump(lue, sys.stdout)


def as_text(cellule: object) -> str:
    """A whole number without its decimals, as the sheet shows it; the rest as it is, cut short."""
    if isinstance(cellule, bool):
        return "vrai" if cellule else "faux"
    if isinstance(cellule, float) and cellule.is_integer():
        return str(int(cellule))
    return str(cellule)[:LONGUEUR]


def bounds(arguments: Iterable[str]) -> tuple[int, int]:
    """How many rows and columns to write at most."""
    lignes, colonnes = (int(argument) for argument in arguments)
    return lignes, colonnes


if __name__ == "__main__":
    main(*bounds(sys.argv[1:]))
