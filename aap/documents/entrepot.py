"""Where the content of documents is: one file per dossier and SHA-256, never under the name its owner gave it.

The store is Django's, named "pieces" in the settings. A dossier in the path: whoever knows the SHA-256 of another
dossier's document learns nothing from it.
"""

import os
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, Storage, storages

from aap.models import Dossier, PieceFournie, PieceJointe


class Disque(FileSystemStorage):
    """The local store. A file appears whole under its name, or not at all; written again, it is the same.

    Readable by the account that runs the program, and by no other.
    """

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name

    def _save(self, name: str, content: "File[Any]") -> str:
        chemin = Path(self.path(name))
        chemin.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=chemin.parent, prefix=".", delete=False) as brouillon:
            try:
                for bloc in content.chunks():
                    brouillon.write(bloc)
                brouillon.flush()
                os.fsync(brouillon.fileno())
                os.replace(brouillon.name, chemin)
            except BaseException:
                os.unlink(brouillon.name)
                raise
        return name


def keep(dossier: Dossier, empreinte: str, contenu: "File[Any]") -> None:
    """Write this content, before the row that names it: a transaction that then fails leaves a file nobody names."""
    contenu.seek(0)
    _store().save(_place(dossier.pk, empreinte), contenu)


def confirm(dossier: Dossier, empreinte: str, contenu: "File[Any]") -> None:
    """In the transaction of the row that names it, the dossier locked: the content is there, or is written again.

    A sweep may have removed an old copy that no row named yet; it takes the same lock, so it cannot any more.
    """
    if not _store().exists(_place(dossier.pk, empreinte)):
        keep(dossier, empreinte, contenu)


def read(piece: PieceFournie | PieceJointe) -> IO[Any]:
    """The content, to be closed. Raises: FileNotFoundError when only the metadata were given, or the store lost it."""
    if not piece.format:
        raise FileNotFoundError(piece.empreinte)
    return _store().open(_place(piece.dossier_id, piece.empreinte))


def listing(chemin: str = "") -> tuple[list[str], list[str]]:
    """Names of the folders, then of the files, that the store has there; nothing where there is nothing."""
    try:
        dossiers, fichiers = _store().listdir(chemin)
    except FileNotFoundError:
        return [], []
    return sorted(dossiers), sorted(fichiers)


def weigh(chemin: str) -> tuple[datetime, int]:
    """When a file was last written, by the store's clock, and its bytes. It is there."""
    return _store().get_modified_time(chemin), _store().size(chemin)


def holds(chemin: str) -> bool:
    return _store().exists(chemin)


def erase(chemin: str) -> None:
    """For ever. Only for what no row names (aap.documents.balayage)."""
    _store().delete(chemin)


def _store() -> Storage:
    return storages["pieces"]


def _place(dossier: int, empreinte: str) -> str:
    return f"{dossier}/{empreinte}"
