"""Rows as a file that people open: CSV, XLSX, ODS. Never more than a batch of rows in memory.

No text is taken for a formula by the program that opens it.
"""

import csv
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import Decimal
from io import StringIO
from tempfile import TemporaryFile
from typing import IO, Any
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import xlsxwriter  # type: ignore[import-untyped]

Rangees = Iterable[Iterable[Any]]

#: What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection).
FORMULES = ("=", "+", "-", "@", "\t", "\r")
#: xlsxwriter: no text is taken for a formula, a link or a number.
TEXTES_TELS_QUELS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
LOT = 500
ODS = "application/vnd.oasis.opendocument.spreadsheet"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_MANIFESTE = f"""<?xml version="1.0" encoding="UTF-8"?>
<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3">
<manifest:file-entry manifest:full-path="/" manifest:media-type="{ODS}"/>
<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>
</manifest:manifest>"""
_DEBUT = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 office:version="1.3"><office:body><office:spreadsheet><table:table table:name={nom}>"""
_FIN = "</table:table></office:spreadsheet></office:body></office:document-content>"


def csv_of(rangees: Rangees) -> Iterator[str]:
    """Semicolons and a byte order mark, as French spreadsheets expect; text by batches."""
    tampon = StringIO()
    ecrire = csv.writer(tampon, delimiter=";")
    tampon.write("\ufeff")
    for rang, rangee in enumerate(rangees, start=1):
        ecrire.writerow([_plain(cellule) for cellule in rangee])
        if rang % LOT == 0:
            yield _emptied(tampon)
    yield _emptied(tampon)


def xlsx_of(rangees: Rangees, nom: str) -> IO[bytes]:
    """A workbook of one sheet, on disk while it is written, read from its beginning."""
    sortie = TemporaryFile()  # noqa: SIM115 - the response that sends it closes it
    with xlsxwriter.Workbook(sortie, {"constant_memory": True} | TEXTES_TELS_QUELS) as classeur:
        feuille = classeur.add_worksheet(nom)
        jour = classeur.add_format({"num_format": "dd/mm/yyyy"})
        titre = classeur.add_format({"bold": True, "bg_color": "#E3E3FD"})
        feuille.freeze_panes(1, 1)
        for ligne, rangee in enumerate(rangees):
            for colonne, cellule in enumerate(rangee):
                _cell(feuille, ligne, colonne, cellule, jour if ligne else titre)
    sortie.seek(0)
    return sortie


def ods_of(rangees: Rangees, nom: str) -> IO[bytes]:
    """The same as an OpenDocument sheet, written row after row."""
    sortie = TemporaryFile()  # noqa: SIM115 - the response that sends it closes it
    with ZipFile(sortie, "w", ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", ODS, ZIP_STORED)  # first, and not compressed: the format asks for it
        archive.writestr("META-INF/manifest.xml", _MANIFESTE)
        with archive.open("content.xml", "w", force_zip64=True) as contenu:
            contenu.write(_DEBUT.format(nom=quoteattr(nom)).encode())
            for rangee in rangees:
                contenu.write(f"<table:table-row>{''.join(map(_ods_cell, rangee))}</table:table-row>".encode())
            contenu.write(_FIN.encode())
    sortie.seek(0)
    return sortie


def _emptied(tampon: StringIO) -> str:
    texte = tampon.getvalue()
    tampon.seek(0)
    tampon.truncate()
    return texte


def _plain(cellule: Any) -> str:
    """As text that a spreadsheet reads back as what it is, and never runs."""
    if isinstance(cellule, Decimal):
        return f"{cellule:f}".replace(".", ",")
    if isinstance(cellule, date):
        return f"{cellule:%d/%m/%Y}"
    texte = "" if cellule is None else str(cellule)
    return f"'{texte}" if texte.startswith(FORMULES) else texte


def _cell(feuille: Any, ligne: int, colonne: int, cellule: Any, forme: Any) -> None:
    if isinstance(cellule, Decimal | int | float):
        feuille.write_number(ligne, colonne, cellule)
    elif isinstance(cellule, date):
        feuille.write_datetime(ligne, colonne, cellule, forme)
    elif cellule:
        feuille.write_string(ligne, colonne, str(cellule), forme if ligne == 0 else None)


def _ods_cell(cellule: Any) -> str:
    if cellule is None or cellule == "":
        return "<table:table-cell/>"
    if isinstance(cellule, Decimal | int | float):
        return f'<table:table-cell office:value-type="float" office:value="{cellule}"/>'
    if isinstance(cellule, date):
        return f'<table:table-cell office:value-type="date" office:date-value="{cellule:%Y-%m-%d}"/>'
    texte = escape(_printable(str(cellule)))
    return f'<table:table-cell office:value-type="string"><text:p>{texte}</text:p></table:table-cell>'


def _printable(texte: str) -> str:
    """Without the control characters that XML cannot hold."""
    return "".join(signe for signe in texte if signe >= " " or signe in "\t\n")


#: How each format is written: its content type, and whether it comes as text or as a file.
FORMATS: dict[str, tuple[str, Callable[..., Any]]] = {
    "csv": ("text/csv; charset=utf-8", lambda rangees, nom: csv_of(rangees)),
    "xlsx": (XLSX, xlsx_of),
    "ods": (ODS, ods_of),
}
