"""Where the content of documents is kept: this machine's disc, or any store that speaks S3, by the environment.

PIECES_S3_BUCKET, and where needed PIECES_S3_ENDPOINT (another provider than AWS), PIECES_S3_REGION,
PIECES_S3_KEY and PIECES_S3_SECRET (without them, the identity of the machine). It takes django-storages[s3].
"""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from config import env

BOUCLE = frozenset({"localhost", "127.0.0.1", "::1"})
#: What is read of a document is held in memory up to this many bytes, on disc beyond.
MEMOIRE = 2 * 2**20


def documents(dossier: Path) -> dict[str, Any]:
    """The store named "pieces", as Django wants it; `dossier`: the folder without S3. Raises: VariableInvalide."""
    seau = env.text("PIECES_S3_BUCKET")
    if not seau:
        for nom in ("ENDPOINT", "REGION", "KEY", "SECRET"):
            if env.text(f"PIECES_S3_{nom}"):
                raise env.VariableInvalide(f"La variable PIECES_S3_BUCKET manque : elle va avec PIECES_S3_{nom}.")
        return on_disk(dossier)
    cle, secret = env.text("PIECES_S3_KEY"), env.text("PIECES_S3_SECRET")
    if bool(cle) != bool(secret):
        raise env.VariableInvalide("Les variables PIECES_S3_KEY et PIECES_S3_SECRET vont ensemble : donnez les deux.")
    adresse = _endpoint()
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": seau,
            "access_key": cle or None,
            "secret_key": secret or None,
            "endpoint_url": adresse or None,
            "region_name": env.text("PIECES_S3_REGION") or None,
            "addressing_style": "path" if adresse else "auto",
            # Readable by this program only; the same name is always the same content.
            "default_acl": None,
            "querystring_auth": True,
            "file_overwrite": True,
            "max_memory_size": MEMOIRE,
        },
    }


def on_disk(dossier: Path) -> dict[str, Any]:
    """The local store."""
    return {"BACKEND": "aap.documents.entrepot.Disque", "OPTIONS": {"location": dossier}}


def _endpoint() -> str:
    """An https address, http on this machine only; empty when the variable is absent."""
    adresse = env.text("PIECES_S3_ENDPOINT")
    parts = urlsplit(adresse)
    local = parts.scheme == "http" and parts.hostname in BOUCLE
    if adresse and not (parts.scheme == "https" and parts.hostname or local):
        raise env.VariableInvalide("La variable PIECES_S3_ENDPOINT n'est pas une adresse https : écrivez https://hote.")
    return adresse
