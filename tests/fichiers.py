"""Real files, made with the standard library: what a porteur sends, and what somebody hostile sends."""

import struct
import zlib
from collections.abc import Mapping
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from django.core.files.uploadedfile import SimpleUploadedFile

ODT = b"application/vnd.oasis.opendocument.text"
ODS = b"application/vnd.oasis.opendocument.spreadsheet"
MANIFESTE = (
    b'<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
)
WORD = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
EXCEL = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"


def pdf(texte: str = "Bonjour", taille: int = 0) -> bytes:
    """A page with that text; `taille`: bytes to fill it up to, in a stream object."""
    objets = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>",
    ]
    flux = b"BT /F1 12 Tf 72 720 Td (" + texte.encode("latin-1", "replace") + b") Tj ET"
    flux += b" " * max(0, taille - len(flux) - 600)
    objets.append(b"<< /Length %d >>\nstream\n" % len(flux) + flux + b"\nendstream")
    sortie, places = bytearray(b"%PDF-1.4\n"), []
    for rang, objet in enumerate(objets, start=1):
        places.append(len(sortie))
        sortie += b"%d 0 obj\n" % rang + objet + b"\nendobj\n"
    table = len(sortie)
    sortie += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objets) + 1)
    sortie += b"".join(b"%010d 00000 n \n" % place for place in places)
    sortie += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objets) + 1, table)
    return bytes(sortie)


def png(cote: int = 2) -> bytes:
    def morceau(nom: bytes, contenu: bytes) -> bytes:
        return struct.pack(">I", len(contenu)) + nom + contenu + struct.pack(">I", zlib.crc32(nom + contenu))

    lignes = b"".join(b"\0" + b"\x20\x40\x80" * cote for _ in range(cote))
    return (
        b"\x89PNG\r\n\x1a\n"
        + morceau(b"IHDR", struct.pack(">IIBBBBB", cote, cote, 8, 2, 0, 0, 0))
        + morceau(b"IDAT", zlib.compress(lignes))
        + morceau(b"IEND", b"")
    )


def jpeg() -> bytes:
    return b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9"


def archive(entrees: dict[str, bytes], *, stockees: tuple[str, ...] = ()) -> bytes:
    sortie = BytesIO()
    with ZipFile(sortie, "w", ZIP_DEFLATED) as zip_:
        for nom, contenu in entrees.items():
            zip_.writestr(nom, contenu, ZIP_STORED if nom in stockees else ZIP_DEFLATED)
    return sortie.getvalue()


def opendocument(mimetype: bytes = ODT, autres: Mapping[str, bytes] | None = None) -> bytes:
    entrees = {"mimetype": mimetype, "META-INF/manifest.xml": MANIFESTE, "content.xml": b"<office:document/>"}
    return archive(entrees | dict(autres or {}), stockees=("mimetype",))


def openxml(
    principal: bytes = WORD, partie: str = "word/document.xml", autres: Mapping[str, bytes] | None = None
) -> bytes:
    types = b'<Types><Override PartName="/' + partie.encode() + b'" ContentType="' + principal + b'"/></Types>'
    return archive({"[Content_Types].xml": types, partie: b"<w:document/>"} | dict(autres or {}))


def bombe(octets: int = 300 * 2**20) -> bytes:
    """A docx of some hundred kilobytes that unpacks to that many bytes of zeros."""
    sortie = BytesIO()
    with ZipFile(sortie, "w", ZIP_DEFLATED) as zip_:
        zip_.writestr("[Content_Types].xml", b"<Types>" + WORD + b"</Types>")
        with zip_.open("word/document.xml", "w") as flux:
            for _ in range(octets // 2**20):
                flux.write(b"\0" * 2**20)
    return sortie.getvalue()


def menteuse(octets: int = 30 * 2**20) -> bytes:
    """The same, whose table of contents says that it holds 100 000 bytes."""
    brut = bytearray(bombe(octets))
    for signature, place in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        debut = brut.rfind(signature)
        brut[debut + place : debut + place + 4] = struct.pack("<L", 100_000)
    return bytes(brut)


def chiffree(contenu: bytes) -> bytes:
    """An archive each entry of which says it is encrypted."""
    brut = bytearray(contenu)
    for signature, place in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        debut = -1
        while (debut := brut.find(signature, debut + 1)) >= 0:
            brut[debut + place] |= 1
    return bytes(brut)


def abimee(contenu: bytes) -> bytes:
    """An archive whose last entry is not what its checksum says."""
    brut = bytearray(contenu)
    place = brut.rfind(b"PK\x01\x02") + 16
    brut[place] ^= 1
    return bytes(brut)


def envoye(nom: str, contenu: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(nom, contenu, content_type="application/octet-stream")


#: A good file of each format accepted.
BONS: dict[str, bytes] = {
    "lettre.pdf": pdf(),
    "cadre.odt": opendocument(),
    "tableau.ods": opendocument(ODS),
    "cadre.docx": openxml(),
    "tableau.xlsx": openxml(EXCEL, "xl/workbook.xml"),
    "scan.png": png(),
    "photo.JPG": jpeg(),
    "photo.jpeg": jpeg(),
    "essms.csv": "finess;nom\n310000010;Les Tilleuls é\n".encode(),
    "note.txt": "Une note, écrite sous Windows.\r\n".encode("cp1252"),
}

#: A hostile or mistaken file of each kind, and words of the sentence that refuses it.
MAUVAIS: dict[str, tuple[bytes, str]] = {
    "page.pdf": (b"<!DOCTYPE html><script>alert(1)</script>", "page web"),
    "bom.csv": (b"\xef\xbb\xbf  <html><script>alert(1)</script>", "page web"),
    "dessin.svg": (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "format accepté"),
    "dessin.png": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image SVG"),
    "note.txt.exe": (b"MZ\x90\0", "format accepté"),
    "programme.pdf": (b"MZ\x90\0" + b"\0" * 60, "un programme"),
    "elf.docx": (b"\x7fELF" + b"\0" * 60, "un programme"),
    "script.txt": (b"#!/bin/sh\nrm -rf /\n", "un script"),
    "binaire.csv": (b"a;b\n\0\x01\x02", "texte simple"),
    "rien.pdf": (b"", "est vide"),
    "rien.csv": (b"", "est vide"),
    "coupe.pdf": (pdf()[:-8], "incomplet"),
    "sans-point": (pdf(), "format accepté"),
    "ancien.docx": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504, "mot de passe"),
    "archive.docx": (archive({"a.txt": b"a"}), "une archive"),
    "tableur.docx": (openxml(EXCEL, "xl/workbook.xml"), "une archive"),
    "tableur.odt": (opendocument(ODS), "une archive"),
    "chiffre.docx": (chiffree(openxml()), "mot de passe"),
    "chiffre.odt": (opendocument(autres={"META-INF/manifest.xml": b"<manifest:encryption-data/>"}), "mot de passe"),
    "macros.docx": (openxml(autres={"word/vbaProject.bin": b"x"}), "macros"),
    "poupee.docx": (openxml(autres={"word/embeddings/autre.xlsx": openxml()}), "contient un autre"),
    "poupee-tar.docx": (openxml(autres={"word/media/a.tar": b"ustar"}), "contient un autre"),
    "poupee-cachee.docx": (openxml(autres={"word/media/image1.png": archive({"a": b"a"})}), "contient un autre"),
    "programme-cache.odt": (opendocument(autres={"Pictures/1.png": b"MZ\x90\0\0\0\0\0"}), "contient un autre"),
    "sortie.docx": (openxml(autres={"../../etc/cron.d/x": b"x"}), "bureautique"),
    "foule.docx": (openxml(autres={f"word/{rang}": b"" for rang in range(2_001)}), "éléments"),
    "bavard.docx": (openxml(autres={f"word/{rang}{'a' * 400}": b"" for rang in range(1_900)}), "éléments"),
    "coupe.docx": (openxml()[:-30], "incomplet"),
    "abime.docx": (abimee(openxml(autres={"word/media/plan.bin": bytes(range(256)) * 100})), "abîmé"),
    "bombe.docx": (bombe(), "démesuré"),
    "menteuse.docx": (menteuse(), "abîmé"),
}
