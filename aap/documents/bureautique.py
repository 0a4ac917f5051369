"""Office files are archives: opened with bounds, to the last byte, before anybody else opens them. Pure.

What an archive says of itself is not believed: each entry is unpacked and counted, 64 KiB at a time, and its
checksum verified. The bounds are far above what a real document of 20 MB needs.
"""

import re
import struct
import zlib
from collections.abc import Iterable
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from aap.documents.erreurs import Ecarte
from aap.models import Format

ENTREES_MAX = 2_000
#: Bytes of the table of contents: 2000 entries of long names.
TABLE_MAX = 600_000
DEPLIE_MAX = 200 * 2**20
#: Beyond this many bytes unpacked, an archive may not swell more than RAPPORT_MAX times.
SEUIL_RAPPORT = 10 * 2**20
RAPPORT_MAX = 100
BLOC = 2**16
FIN = struct.Struct("<4s4H2LH")
ARCHIVES = re.compile(r"\.(zip|7z|rar|gz|bz2|xz|tar|tgz|jar|docx|xlsx|pptx|odt|ods|odp)$", re.IGNORECASE)
MACROS = re.compile(r"(^|/)(vbaProject\.bin|Basic/.+\.xml)$", re.IGNORECASE)
INTRUS = (b"PK\x03\x04", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"MZ", b"\x7fELF")
#: What the library raises, one way or another, on what is not a sound archive.
ABIME = (
    BadZipFile, zlib.error, EOFError, NotImplementedError, struct.error, RuntimeError, ValueError, OSError, KeyError,
)  # fmt: skip
OPENDOCUMENT = {
    Format.ODT: b"application/vnd.oasis.opendocument.text",
    Format.ODS: b"application/vnd.oasis.opendocument.spreadsheet",
}
OPENXML = {
    Format.DOCX: b"wordprocessingml.document.main+xml",
    Format.XLSX: b"spreadsheetml.sheet.main+xml",
}
PDF = "Enregistrez-le en PDF depuis votre logiciel, puis renvoyez-le."


def check_office(contenu: BinaryIO, attendu: Format) -> None:
    """Hold an office file to its bounds and to its format. Raises: Ecarte."""
    _check_table(contenu)
    try:
        with ZipFile(contenu) as archive:
            entrees = archive.infolist()
            _check_entries(entrees)
            for entree in entrees:
                _unpack(archive, entree)
            _check_format(archive, attendu)
    except Ecarte:
        raise
    except ABIME:
        raise Ecarte(
            "Ce fichier est abîmé ou incomplet. Ouvrez-le dans votre logiciel, enregistrez-le de nouveau."
        ) from None


def _check_table(contenu: BinaryIO) -> None:
    """The table of contents is short. Read by hand: the library would first hold it whole in memory."""
    taille = contenu.seek(0, 2)
    contenu.seek(max(0, taille - 2**16 - FIN.size))
    queue = contenu.read()
    place = queue.rfind(b"PK\x05\x06")
    if place < 0 or len(queue) - place < FIN.size:
        raise Ecarte("Ce fichier est incomplet : sa fin manque. Renvoyez-le.")
    _, _, _, _, _, table, _, _ = FIN.unpack_from(queue, place)
    if table > TABLE_MAX or b"PK\x06\x07" in queue:
        raise Ecarte(f"Ce fichier contient trop d'éléments : {ENTREES_MAX} au plus. {PDF}")


def _check_entries(entrees: list[ZipInfo]) -> None:
    if len(entrees) > ENTREES_MAX:
        raise Ecarte(f"Ce fichier contient {len(entrees)} éléments : {ENTREES_MAX} au plus. {PDF}")
    for entree in entrees:
        if entree.flag_bits & 1:
            raise Ecarte("Ce fichier est protégé par un mot de passe. Retirez la protection, puis renvoyez-le.")
        if entree.compress_type not in (ZIP_STORED, ZIP_DEFLATED) or _is_path_out(entree.filename):
            raise Ecarte(f"Ce fichier n'est pas fait comme un document de bureautique. {PDF}")
        if MACROS.search(entree.filename):
            raise Ecarte(f"Ce fichier contient des macros, qui ne sont pas acceptées. {PDF}")
        if ARCHIVES.search(entree.filename):
            raise Ecarte(f"Ce fichier en contient un autre ({entree.filename[-80:]}), ce qui n'est pas accepté. {PDF}")
    _check_swelling(sum(une.file_size for une in entrees), sum(une.compress_size for une in entrees))


def _check_swelling(deplie: int, plie: int) -> None:
    if deplie > DEPLIE_MAX or deplie > SEUIL_RAPPORT and deplie > RAPPORT_MAX * max(plie, 1):
        raise Ecarte(f"Une fois ouvert, ce fichier serait démesuré ({deplie // 2**20} Mo). {PDF}")


def _unpack(archive: ZipFile, entree: ZipInfo) -> None:
    """Read it all: the library stops at the size announced, and its checksum then tells the lie."""
    with archive.open(entree) as flux:
        if flux.read(8).startswith(INTRUS):
            raise Ecarte(f"Ce fichier en contient un autre ({entree.filename[-80:]}), ce qui n'est pas accepté. {PDF}")
        while flux.read(BLOC):
            pass


def _check_format(archive: ZipFile, attendu: Format) -> None:
    noms = archive.namelist()
    if attendu in OPENDOCUMENT:
        conforme = _start(archive, noms, "mimetype") == OPENDOCUMENT[attendu]
        if b"encryption-data" in _start(archive, noms, "META-INF/manifest.xml"):
            raise Ecarte("Ce fichier est protégé par un mot de passe. Retirez la protection, puis renvoyez-le.")
    else:
        conforme = OPENXML[attendu] in _start(archive, noms, "[Content_Types].xml")
    if not conforme:
        raise Ecarte(f"Ce fichier est une archive, pas un fichier {attendu.label}. {PDF}")


def _start(archive: ZipFile, noms: Iterable[str], nom: str) -> bytes:
    """The beginning of an entry, 1 MiB at most; empty when it is not there."""
    if nom not in noms:
        return b""
    with archive.open(nom) as flux:
        return flux.read(2**20)


def _is_path_out(nom: str) -> bool:
    return nom.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", nom) or ":" in nom[:2]
