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
    """Read a file once: UTF-8 if every byte agrees, else once more, as cp1252. Raises: Refus."""
    sha256 = hashlib.sha256()
    utf8 = Lisible("utf-8")
    debut = fin = b""
    try:
        for morceau in _blocks(chemin):
            sha256.update(morceau)
            debut, fin = debut or morceau[:64], morceau[-1:]
            utf8.add(morceau)
        encodage = "utf-8" if utf8.end() else "cp1252"
        if encodage == "cp1252" and not _reads_as(encodage, chemin):
            raise refuse(
                f"{cite(chemin.name)} n'est un texte ni en UTF-8 ni en Windows-1252 : donnez le fichier publié."
            )
    except (OSError, EOFError, zlib.error) as erreur:
        raise refuse(
            f"{cite(chemin)} ne se lit pas ({erreur}) : vérifiez le chemin, ou téléchargez-le de nouveau."
        ) from erreur
    texte = debut.removeprefix(codecs.BOM_UTF8).lstrip()
    return Fichier(chemin, chemin.stat().st_size, encodage, sha256.hexdigest(), texte[:1] == b"{", fin == b"\n")


class Lisible:
    """Whether the bytes added so far are a text in that encoding; reads no further once they are not."""

    def __init__(self, encodage: str) -> None:
        self._decodeur: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder(encodage)("strict")

    def add(self, morceau: bytes, *, final: bool = False) -> None:
        try:
            if self._decodeur:
                self._decodeur.decode(morceau, final)
        except UnicodeDecodeError:
            self._decodeur = None

    def end(self) -> bool:
        """Whether they were, to the last one."""
        self.add(b"", final=True)
        return self._decodeur is not None


def _reads_as(encodage: str, chemin: Path) -> bool:
    texte = Lisible(encodage)
    for morceau in _blocks(chemin):
        texte.add(morceau)
    return texte.end()


def _blocks(chemin: Path) -> Iterator[bytes]:
    with _open(chemin) as flux:
        while morceau := flux.read(MORCEAU):
            yield morceau


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
