"""The signing key of a local instance: random, made once, kept out of the repository."""

import os
import secrets
from pathlib import Path


def local_secret_key(fichier: Path) -> str:
    """The key in `fichier`, created on first use, readable by its owner only.

    Written beside and linked into place: of two processes starting together one wins, both read the
    same key, and nobody ever reads half of it. Where the folder cannot be written (a read-only
    checkout), a key of this process alone: sessions then end with it.
    """
    try:
        return fichier.read_text(encoding="ascii").strip()
    except OSError:
        pass
    cle = secrets.token_urlsafe(50)
    brouillon = fichier.with_name(f"{fichier.name}.{secrets.token_hex(8)}")
    try:
        fichier.parent.mkdir(parents=True, exist_ok=True)
        descripteur = os.open(brouillon, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descripteur, "w", encoding="ascii") as sortie:
            sortie.write(cle)
        try:
            os.link(brouillon, fichier)
        except FileExistsError:
            cle = fichier.read_text(encoding="ascii").strip()
        finally:
            brouillon.unlink()
    except OSError:
        pass
    return cle
