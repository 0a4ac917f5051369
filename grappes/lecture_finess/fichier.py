"""The bytes of a file: encoding, fingerprint, compression. Nothing is ever held whole in memory."""

import codecs
import gzip
import hashlib
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from grappes.lecture_finess.lignes import refuse
from moteur.texte import cite

MORCEAU = 1 << 20
MAGIE_GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class Fichier:
    """A file read once from end to end. `encodage`: "utf-8" or "cp1252"; `taille`: bytes on the disk."""

    chemin: Path
    taille: int
    encodage: str
    empreinte: str
    json: bool
    fini: bool

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """Its bytes, decompressed."""
        with _open(self.chemin) as flux:
            yield flux


def examine(chemin: Path) -> Fichier:
    """Read a file once: UTF-8 if every byte agrees, else cp1252. Raises: Refus."""
    sha256 = hashlib.sha256()
    utf8: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder("utf-8")("strict")
    cp1252 = codecs.getincrementaldecoder("cp1252")("strict")
    debut = fin = b""
    cp1252_lisible = True
    try:
        with _open(chemin) as flux:
            while morceau := flux.read(MORCEAU):
                sha256.update(morceau)
                debut, fin = debut or morceau[:64], morceau[-1:]
                utf8 = utf8 if utf8 and _decodes(utf8, morceau) else None
                cp1252_lisible = cp1252_lisible and _decodes(cp1252, morceau)
    except (OSError, EOFError, zlib.error) as erreur:
        raise refuse(
            f"{cite(chemin)} ne se lit pas ({erreur}) : vérifiez le chemin, ou téléchargez-le de nouveau."
        ) from erreur
    encodage = "utf-8" if utf8 and _decodes(utf8, b"", final=True) else "cp1252"
    if encodage == "cp1252" and not cp1252_lisible:
        raise refuse(f"{cite(chemin.name)} n'est un texte ni en UTF-8 ni en Windows-1252 : donnez le fichier publié.")
    texte = debut.removeprefix(codecs.BOM_UTF8).lstrip()
    return Fichier(chemin, chemin.stat().st_size, encodage, sha256.hexdigest(), texte[:1] == b"{", fin == b"\n")


def _decodes(decodeur: codecs.IncrementalDecoder, morceau: bytes, *, final: bool = False) -> bool:
    try:
        decodeur.decode(morceau, final)
    except UnicodeDecodeError:
        return False
    return True


@contextmanager
def _open(chemin: Path) -> Iterator[IO[bytes]]:
    with chemin.open("rb") as brut:
        if brut.read(2) == MAGIE_GZIP:
            brut.seek(0)
            with gzip.open(brut) as flux:
                yield cast(IO[bytes], flux)
        else:
            brut.seek(0)
            yield brut
