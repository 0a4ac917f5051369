"""A file of dossiers, read: the envelope first, then each record alone, all its faults at once."""

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from aap.reception.schema import DossierRecu, Fichier
from aap.reception.trouvailles import fault
from moteur.erreurs import Code, Refus
from moteur.fichiers import parse_json, read_json
from moteur.lots import Rejet
from moteur.signature import fautes_de, unstorable

TAILLE_MAX = 64 * 1024 * 1024


def read_file(chemin: Path) -> Fichier:
    """Read the envelope of a file. Raises: Refus DONNEES_INVALIDES naming the line, or the path of each fault."""
    return read_envelope(read_json(chemin, TAILLE_MAX, "un fichier de dossiers"))


def read_bytes(octets: bytes, origine: str) -> Fichier:
    """The same, of a file already in hand. `origine`: how to name it."""
    return read_envelope(parse_json(octets, origine))


def read_envelope(brut: object) -> Fichier:
    """Check the envelope; the records are left as they are."""
    enveloppe = {cle: valeur for cle, valeur in brut.items() if cle != "dossiers"} if isinstance(brut, dict) else {}
    if (chemin := unstorable(enveloppe)) is not None:
        raise Refus(Code.DONNEES_INVALIDES, f"{chemin} : ce texte contient un caractère illisible ; retapez-le.")
    try:
        return Fichier.model_validate(brut)
    except ValidationError as erreur:
        fautes = fautes_de(erreur)
        phrase = " ; ".join(f"{f['chemin']} : {f['message']}" if f["chemin"] else f["message"] for f in fautes)
        raise Refus(Code.DONNEES_INVALIDES, f"Fichier de dossiers à corriger — {phrase}.", fautes=fautes) from None


def read_record(brut: object) -> DossierRecu:
    """Read one record. Raises: Rejet with all the faults of its shape."""
    if (chemin := unstorable(brut)) is not None:
        raise Rejet([fault(chemin, "ce texte contient un caractère illisible ; retapez-le")])
    try:
        return DossierRecu.model_validate(brut)
    except ValidationError as erreur:
        raise Rejet(fault(faute["chemin"], faute["message"]) for faute in fautes_de(erreur)) from None


def identify(brut: Any) -> str:
    """The identifier a record gives itself, as far as it can be read; else empty."""
    identifiant = brut.get("identifiant") if isinstance(brut, dict) else None
    lisible = isinstance(identifiant, str) and unstorable(identifiant) is None
    return identifiant.strip()[:60] if isinstance(identifiant, str) and lisible else ""
