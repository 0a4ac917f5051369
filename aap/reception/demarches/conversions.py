"""From what a champ holds to what our format takes. Each returns None when nothing was answered.

A number, a day or a FINESS that cannot be read goes on as it was typed: the format says what is wrong with it. What
only the mapping knows is refused here: `Illisible` carries the French sentence.
"""

import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from aap.reception.demarches.champs import Champ
from aap.reception.demarches.correspondance import Regle
from moteur import horloge
from moteur.texte import cite

#: "310000028", "31 000 002 8", "310000028 - EHPAD du Parc".
_FINESS = re.compile(r"([0-9][0-9A-Z](?:[ .\u00a0\u202f]?[0-9]){7})(?:\s*[-–—:,(].*)?", re.DOTALL)
_ESPACES = re.compile(r"[\s\u00a0\u202f]")
_CENTIME = Decimal("0.01")
OCTETS_MD5 = 16
_OUI_NON = {"true": True, "oui": True, "false": False, "non": False}


class Illisible(ValueError):
    """What was answered cannot become what the field takes."""


def texte(champ: Champ, regle: Regle) -> str | None:
    """The words of the answer, whatever its type."""
    for cle in ("stringValue", "value", "primaryValue"):
        brut = champ.brut.get(cle)
        if isinstance(brut, str) and brut.strip():
            return brut.strip()
    return None


def oui_non(champ: Champ, regle: Regle) -> bool | None:
    """A check box or a yes/no. One that is null was never answered: it is not a no."""
    for cle in ("checked", "selected", "value"):
        if isinstance(champ.brut.get(cle), bool):
            return bool(champ.brut[cle])
    dit = champ.texte.strip().lower()
    if not dit:
        return None
    if dit not in _OUI_NON:
        raise Illisible(f"oui ou non attendu, {cite(dit)} lu")
    return _OUI_NON[dit]


def jour(champ: Champ, regle: Regle) -> str | None:
    """A day, ISO 8601; of an instant, the day it was in Paris."""
    brut = champ.brut.get("date") or champ.brut.get("datetime") or texte(champ, regle)
    if not isinstance(brut, str) or "T" not in brut:
        return None if brut is None else str(brut)
    try:
        instant = datetime.fromisoformat(brut)
    except ValueError:
        return brut
    return (horloge.jour(instant) if instant.tzinfo else instant.date()).isoformat()


def montant(champ: Champ, regle: Regle) -> str | None:
    """Euros as "1234.50". More than two decimals are left as they are: no cent is rounded away here."""
    brut, nombre = _number(champ, regle)
    if nombre is None:
        return brut
    au_centime = nombre.quantize(_CENTIME)
    return f"{au_centime if au_centime == nombre else nombre:f}"


def entier(champ: Champ, regle: Regle) -> int | str | None:
    brut, nombre = _number(champ, regle)
    return brut if nombre is None or nombre != nombre.to_integral_value() else int(nombre)


def choix(champ: Champ, regle: Regle) -> str | bool | None:
    """Our value for that answer of the form."""
    dit = texte(champ, regle)
    if dit is None:
        return None
    if dit not in regle.choix:
        attendus = ", ".join(cite(possible) for possible in regle.choix)
        raise Illisible(f"la correspondance ne connaît pas la réponse {cite(dit)} (elle connaît {attendus})")
    return regle.choix[dit]


def finess(champ: Champ, regle: Regle) -> str | None:
    """A FINESS number, alone or before the name of the establishment. A number field has lost its first zero."""
    brut = texte(champ, regle)
    lu = _FINESS.fullmatch(brut.upper()) if brut else None
    return re.sub(r"[^0-9A-Z]", "", lu[1]) if lu else brut


def pieces(champ: Champ, regle: Regle) -> list[dict[str, Any]]:
    """One document per file given. Its SHA-256 is unknown: the API has an MD5, kept under its own name."""
    return [
        {"code": regle.piece, "nom": str(fichier.get("filename") or "")[:200], "taille": _size(fichier)}
        | _checksum(fichier)
        for fichier in files(champ)
    ]


def files(champ: Champ) -> list[Mapping[str, Any]]:
    """Files of a document; one that refused several files used to give `file`. Raises: Illisible."""
    brut = champ.brut.get("files", champ.brut.get("file"))
    liste = brut if isinstance(brut, list) else [brut] if brut else []
    if not all(isinstance(fichier, Mapping) for fichier in liste):
        raise Illisible("liste de fichiers attendue (« files »)")
    return liste


def _size(fichier: Mapping[str, Any]) -> int:
    brut = str(fichier.get("byteSize", fichier.get("byteSizeBigInt", "")))
    return int(brut) if re.fullmatch(r"[0-9]{1,15}", brut) else 0


def _checksum(fichier: Mapping[str, Any]) -> dict[str, str]:
    """The MD5 of a file, which the API writes in base 64; nothing when it is not one."""
    brut = fichier.get("checksum")
    try:
        somme = b64decode(brut, validate=True) if isinstance(brut, str) else b""
    except ValueError:
        return {}
    return {"md5": somme.hex()} if len(somme) == OCTETS_MD5 else {}


def _number(champ: Champ, regle: Regle) -> tuple[str | None, Decimal | None]:
    """What was typed, and the number it is; None for what is none, or is out of any proportion."""
    typee = champ.brut.get("decimalNumber", champ.brut.get("integerNumber"))
    brut = texte(champ, regle) if typee is None or isinstance(typee, bool) else str(typee)
    if brut is None:
        return None, None
    try:
        nombre = Decimal(_ESPACES.sub("", brut).removesuffix("€").replace(",", "."))
    except InvalidOperation:
        return brut, None
    return brut, nombre if nombre.is_finite() and nombre.adjusted() < 20 else None


Lecteur = Callable[[Champ, Regle], Any]
LECTEURS: dict[str, Lecteur] = {
    "texte": texte,
    "oui_non": oui_non,
    "date": jour,
    "montant": montant,
    "entier": entier,
    "choix": choix,
    "finess": finess,
}
