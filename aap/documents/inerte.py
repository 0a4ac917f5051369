"""Whether a PDF does nothing by itself: what a page may show in place. In doubt, it is handed over to be kept.

Names of a PDF are read everywhere they can be: in the clear, and in what its streams hold once inflated (objects may
be packed there). Nothing is interpreted. An encrypted PDF hides them: it is not shown.
"""

import re
import zlib
from typing import IO

#: What acts: scripts, actions run at opening or by a key, files within, forms that run, media, and what hides these.
ACTIFS = frozenset(
    {b"JavaScript", b"JS", b"Launch", b"OpenAction", b"AA", b"EmbeddedFile", b"EmbeddedFiles", b"RichMedia", b"XFA",
     b"SubmitForm", b"ImportData", b"GoToR", b"GoToE", b"Movie", b"Sound", b"Rendition", b"Encrypt"}
)  # fmt: skip
#: Bytes looked at in all, once inflated, and streams: beyond, it is not judged inert.
INSPECTES = 64 * 2**20
FLUX_MAX = 20_000

FLUX = re.compile(rb"stream\r?\n")
NOM = re.compile(rb"/([^\x00\t\n\x0c\r ()<>\[\]{}/%]+)")
#: Where to open at: a place in the document, which the most common office suite always writes. It does nothing.
ENDROIT = re.compile(rb"/OpenAction\s*\[")
ECHAPPE = re.compile(rb"#([0-9A-Fa-f]{2})")


def is_inert(contenu: IO[bytes]) -> bool:
    """Whether nothing in this PDF acts by itself."""
    brut = contenu.read(INSPECTES)
    if contenu.read(1) or _acts(brut):
        return False
    reste = INSPECTES
    for rang, flux in enumerate(FLUX.finditer(brut)):
        gonfle = _inflate(brut, flux.end(), reste)
        reste -= len(gonfle)
        if rang >= FLUX_MAX or reste <= 0 or _acts(gonfle):
            return False
    return True


def _acts(octets: bytes) -> bool:
    return any(_unescape(nom) in ACTIFS for nom in set(NOM.findall(ENDROIT.sub(b"[", octets))))


def _unescape(nom: bytes) -> bytes:
    """#4AS is JS."""
    return ECHAPPE.sub(lambda code: bytes([int(code[1], 16)]), nom)


def _inflate(brut: bytes, debut: int, maximum: int) -> bytes:
    """What a stream holds, as far as it inflates; nothing of one that is not deflated."""
    detente = zlib.decompressobj()
    try:
        return detente.decompress(brut[debut : debut + INSPECTES], maximum)
    except zlib.error:
        return b""
