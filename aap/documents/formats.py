"""What a file is, from its content and never from what its sender says of it. Pure.

A short list written out, not a library that guesses among a thousand types: what is not on it is refused.
"""

import re
from collections.abc import Callable, Mapping
from typing import BinaryIO

from aap.documents.bureautique import BLOC, check_office
from aap.documents.erreurs import Ecarte
from aap.documents.noms import extension
from aap.models import Format

ACCEPTES = {
    "pdf": Format.PDF, "odt": Format.ODT, "ods": Format.ODS, "docx": Format.DOCX, "xlsx": Format.XLSX,
    "png": Format.PNG, "jpg": Format.JPEG, "jpeg": Format.JPEG, "csv": Format.CSV, "txt": Format.TXT,
}  # fmt: skip
EN_CLAIR = "PDF, ODT, ODS, DOCX, XLSX, PNG, JPEG, CSV ou TXT"
#: How known contents begin, and what to call them.
DEBUTS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "un PDF"),
    (b"\x89PNG\r\n\x1a\n", "une image PNG"),
    (b"\xff\xd8\xff", "une image JPEG"),
    (b"GIF8", "une image GIF"),
    (b"PK\x03\x04", "un document de bureautique ou une archive"),
    (b"PK\x05\x06", "une archive vide"),
    (b"\xd0\xcf\x11\xe0", "un ancien document Office (.doc, .xls) ou un document protégé par un mot de passe"),
    (b"Rar!", "une archive RAR"),
    (b"7z\xbc\xaf", "une archive 7-Zip"),
    (b"\x1f\x8b", "une archive compressée"),
    (b"MZ", "un programme"),
    (b"\x7fELF", "un programme"),
    (b"#!", "un script"),
    (b"{\\rtf", "un document RTF"),
)
BALISE = re.compile(rb"<[!?a-zA-Z]")
BINAIRE = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")


def recognise(nom: str, contenu: BinaryIO) -> Format:
    """The format of a file, its name and its content agreeing. Raises: Ecarte."""
    attendu = ACCEPTES.get(extension(nom))
    if attendu is None:
        raise Ecarte(f"« {nom} » n'est pas dans un format accepté : {EN_CLAIR}. Convertissez-le, puis renvoyez-le.")
    contenu.seek(0)
    tete = contenu.read(1024)
    if not tete:
        raise Ecarte(f"« {nom} » est vide. Ouvrez-le pour vérifier ce qu'il contient, puis renvoyez-le.")
    if not _begins_as(attendu, tete):
        raise Ecarte(
            f"« {nom} » n'est pas un fichier {attendu.label} : son contenu est {_describe(tete)}. "
            f"Enregistrez-le au format {attendu.label} depuis votre logiciel, puis renvoyez-le."
        )
    if controle := _CONTROLES.get(attendu):
        controle(contenu)
    elif attendu not in (Format.PNG, Format.JPEG):
        check_office(contenu, attendu)
    return attendu


def _begins_as(attendu: Format, tete: bytes) -> bool:
    if attendu in (Format.CSV, Format.TXT):
        return _describe(tete) == INCONNU
    debut = _DEBUT.get(attendu, b"PK\x03\x04")
    return tete.startswith(debut)


def _describe(tete: bytes) -> str:
    for debut, mots in DEBUTS:
        if tete.startswith(debut):
            return mots
    if BALISE.match(tete.removeprefix(b"\xef\xbb\xbf").lstrip()):
        return "une page web ou une image SVG"
    return INCONNU


def _check_pdf(contenu: BinaryIO) -> None:
    """A PDF ends as it should: a copy cut short is refused here rather than found months later."""
    taille = contenu.seek(0, 2)
    contenu.seek(max(0, taille - 4096))
    if b"%%EOF" not in contenu.read():
        raise Ecarte("Ce PDF est incomplet : sa fin manque. Enregistrez-le de nouveau, puis renvoyez-le.")


def _check_text(contenu: BinaryIO) -> None:
    contenu.seek(0)
    while bloc := contenu.read(BLOC):
        if BINAIRE.search(bloc):
            raise Ecarte(
                "Ce fichier n'est pas du texte simple. Enregistrez-le en CSV ou en texte (UTF-8), puis renvoyez-le."
            )


INCONNU = "d'un type non reconnu"
_DEBUT = {Format.PDF: b"%PDF-", Format.PNG: b"\x89PNG\r\n\x1a\n", Format.JPEG: b"\xff\xd8\xff"}
_CONTROLES: Mapping[Format, Callable[[BinaryIO], None]] = {
    Format.PDF: _check_pdf,
    Format.CSV: _check_text,
    Format.TXT: _check_text,
}
