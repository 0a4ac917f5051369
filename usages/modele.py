"""The file to download and fill in: the ESSMS of the grappe, a column per figure. It is read back as it is."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]

from aap.faits import FaitsEssms
from moteur import horloge
from moteur.tableaux import TEXTES_TELS_QUELS
from usages.calcul import COMPTES
from usages.chiffres import LIBELLES
from usages.recus import table
from usages.saisie import Etude
from usages.services import NOMBRE_MAX

ENTETES = ("FINESS", "Établissement", *LIBELLES.values())
LARGEURS = (12, 42, *[16] * len(COMPTES))


def as_csv(etude: Etude) -> str:
    """The template as CSV, with what was typed so far."""
    return table([ENTETES, *(_row(etude, un) for un in etude.essms)])


def as_xlsx(etude: Etude) -> bytes:
    """The same as a workbook: numbers kept as text where they are names, cells that take whole numbers only."""
    sortie = BytesIO()
    with xlsxwriter.Workbook(sortie, {"in_memory": True} | TEXTES_TELS_QUELS) as classeur:
        classeur.set_properties({"created": horloge.maintenant().replace(tzinfo=None)})
        feuille = classeur.add_worksheet("Usages")
        titre = classeur.add_format({"bold": True, "text_wrap": True, "bg_color": "#E3E3FD", "valign": "top"})
        texte = classeur.add_format({"num_format": "@"})
        for rang, (entete, largeur) in enumerate(zip(ENTETES, LARGEURS, strict=True)):
            feuille.set_column(rang, rang, largeur)
            feuille.write_string(0, rang, entete, titre)
        for ligne, un in enumerate(etude.essms, start=1):
            _write_row(feuille, ligne, _row(etude, un), texte)
        feuille.freeze_panes(1, 2)
        feuille.data_validation(
            1, 2, len(etude.essms), len(ENTETES) - 1,
            {"validate": "integer", "criteria": "between", "minimum": 0, "maximum": NOMBRE_MAX,
             "error_title": "Nombre entier attendu", "error_message": "Écrivez un nombre entier, positif ou nul."},
        )  # fmt: skip
    return sortie.getvalue()


def _write_row(feuille: Any, ligne: int, cellules: Sequence[str | int], texte: object) -> None:
    for rang, cellule in enumerate(cellules):
        if isinstance(cellule, int):
            feuille.write_number(ligne, rang, cellule)
        elif cellule:
            feuille.write_string(ligne, rang, cellule, texte)


def _row(etude: Etude, un: FaitsEssms) -> list[str | int]:
    lus = etude.chiffres[un.finess]
    return [un.finess, un.nom, *(lus.get(compte, "") for compte in COMPTES)]
