"""From the text of a TOML file to a validated rule set."""

import hashlib
import re
import tomllib
from decimal import Decimal
from pathlib import Path

from pydantic import ValidationError

from aap.regles.schema import Regles
from moteur.erreurs import Code, Refus
from moteur.signature import fautes_de

DOSSIER = Path(__file__).resolve().parents[2] / "fixtures" / "reglements"
_CODE = re.compile(r"[a-z0-9-]+")


def charger(toml: str) -> Regles:
    """Parse and validate. Raises: Refus DONNEES_INVALIDES naming the TOML path of every error."""
    try:
        return Regles.model_validate(tomllib.loads(toml, parse_float=Decimal))
    except tomllib.TOMLDecodeError as erreur:
        raise Refus(
            Code.DONNEES_INVALIDES,
            f"Le règlement n'est pas un fichier TOML lisible ({erreur}). Corrigez cet endroit.",
        ) from erreur
    except ValidationError as erreur:
        fautes = fautes_de(erreur)
        phrase = " ; ".join(f"{faute['chemin'] or 'fichier'} : {faute['message']}" for faute in fautes)
        raise Refus(
            Code.DONNEES_INVALIDES, f"Règlement à corriger — {phrase}. Corrigez le fichier.", fautes=fautes
        ) from erreur


def lire_fichier(code: str) -> str:
    """Text of the rule set delivered with the project. Raises: Refus DONNEES_INVALIDES when unknown."""
    fichier = DOSSIER / f"{code}.toml"
    if _CODE.fullmatch(code) is None or not fichier.is_file():
        connus = sorted(f.stem for f in DOSSIER.glob("*.toml"))
        raise Refus(
            Code.DONNEES_INVALIDES,
            f"Le règlement « {code} » n'existe pas. Choisissez parmi : {', '.join(connus)}.",
            reglement=code,
            connus=connus,
        )
    return fichier.read_bytes().decode("utf-8")


def empreinte(toml: str) -> str:
    """SHA-256 of the text, as frozen at publication."""
    return hashlib.sha256(toml.encode("utf-8")).hexdigest()
