"""How a file writes a number, an amount, a day: what is admitted, and what to write instead of what is not."""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from grappes.finess import has_valid_key, is_well_formed
from moteur.signature import ANNEES
from moteur.texte import cite, en_toutes_lettres

_NOMBRE = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_A_LA_FRANCAISE = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4}|[0-9]{2})")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_MD5 = re.compile(r"[0-9a-f]{32}")


def _decimal(valeur: object) -> object:
    """Text only: a JSON number goes through binary fractions and loses its last zero, then its cents."""
    if isinstance(valeur, Decimal):
        return valeur
    if not isinstance(valeur, str):
        raise ValueError('nombre attendu entre guillemets, avec un point, par exemple "1234.50"')
    if _NOMBRE.fullmatch(valeur) is None:
        propre = re.sub(r"[\s€_']", "", valeur).replace(",", ".")
        quoi = f'écrivez "{propre}"' if _NOMBRE.fullmatch(propre) else 'écrivez-le comme "1234.50"'
        raise ValueError(f"{cite(valeur)} n'est pas un nombre au format attendu : {quoi}")
    if valeur.startswith("-"):
        raise ValueError(f"{cite(valeur)} est négatif : un montant ou un taux est positif ou nul")
    return valeur


def _finess(valeur: object) -> object:
    if isinstance(valeur, int) and not isinstance(valeur, bool):
        raise ValueError(
            f'un numéro FINESS s\'écrit entre guillemets, sans quoi ses zéros se perdent : "{valeur:09d}" ?'
        )
    if not isinstance(valeur, str) or is_well_formed(valeur.strip()):
        return valeur.strip() if isinstance(valeur, str) else valeur
    complet = f"0{valeur.strip()}"
    if is_well_formed(complet):
        cle = " (clé juste)" if has_valid_key(complet) else ""
        raise ValueError(f"{cite(valeur)} a 8 chiffres : un tableur a dû manger le premier zéro, {complet}{cle} ?")
    raise ValueError(f"{cite(valeur)} n'est pas un numéro FINESS : 9 caractères, par exemple 310000028")


def _jour(valeur: object) -> object:
    """Year-month-day only, of a day that exists; of anything else, says what it could be."""
    if isinstance(valeur, date):
        return valeur
    if not isinstance(valeur, str):
        raise ValueError("date attendue entre guillemets, année-mois-jour, par exemple 2023-04-12")
    if (lu := _ISO.fullmatch(valeur.strip())) is not None:
        return _iso(valeur, *map(int, lu.groups()))
    if (lu := _A_LA_FRANCAISE.fullmatch(valeur.strip())) is not None:
        raise ValueError(_turned_round(valeur, *lu.groups()))
    raise ValueError(f"{cite(valeur)} n'est pas une date : année-mois-jour attendu, sans heure, par exemple 2023-04-12")


def _iso(valeur: str, annee: int, mois: int, jour: int) -> date:
    if not ANNEES[0] <= annee <= ANNEES[1]:
        raise ValueError(f"{cite(valeur)} : année entre {ANNEES[0]} et {ANNEES[1]} attendue")
    lu = _day(annee, mois, jour)
    if lu is None:
        inverse = _day(annee, jour, mois)
        suite = f"jour et mois sont inversés, {inverse} ?" if inverse else "vérifiez le jour et le mois"
        raise ValueError(f"{cite(valeur)} n'existe pas au calendrier : {suite}")
    if len(valeur.strip()) != len("2023-04-12"):
        raise ValueError(f"{cite(valeur)} : écrivez {lu}")
    return lu


def _turned_round(valeur: str, jour: str, mois: str, annee: str) -> str:
    """`valeur` is day/month/year, or month/day/year when only that makes a day."""
    an = int(annee) if len(annee) == 4 else 2000 + int(annee)
    lu = _day(an, int(mois), int(jour)) or _day(an, int(jour), int(mois))
    if lu is None:
        return f"{cite(valeur)} n'existe pas au calendrier : écrivez la vraie date, par exemple 2023-04-12"
    quoi = f"écrivez {lu} si c'est le {en_toutes_lettres(lu)}"
    if len(annee) == 2:
        return f"{cite(valeur)} : l'année a deux chiffres, {quoi}"
    return f"{cite(valeur)} est à l'envers, année-mois-jour attendu : {quoi}"


def _day(annee: int, mois: int, jour: int) -> date | None:
    try:
        return date(annee, mois, jour)
    except ValueError:
        return None


def _sha256(valeur: str) -> str:
    if _SHA256.fullmatch(valeur) is None:
        raise ValueError("empreinte SHA-256 attendue : 64 caractères de 0 à 9 et de a à f, en minuscules")
    return valeur


def _md5(valeur: str) -> str:
    if _MD5.fullmatch(valeur) is None:
        raise ValueError("empreinte MD5 attendue : 32 caractères de 0 à 9 et de a à f, en minuscules")
    return valeur


#: Euros, to the cent, as text: "1234.50".
Montant = Annotated[
    Decimal,
    BeforeValidator(_decimal),
    Field(ge=0, max_digits=12, decimal_places=2),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]{1,10}(\.[0-9]{1,2})?$", "examples": ["1234.50"]}),
]
#: A percentage, as text: "20", "5.5".
Taux = Annotated[
    Decimal,
    BeforeValidator(_decimal),
    Field(ge=0, le=100, max_digits=5, decimal_places=2),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]{1,3}(\.[0-9]{1,2})?$", "examples": ["20", "5.5"]}),
]
Finess = Annotated[
    str,
    BeforeValidator(_finess),
    WithJsonSchema({"type": "string", "pattern": "^[0-9][0-9A-Z][0-9]{7}$", "examples": ["310000028"]}),
]
Jour = Annotated[
    date, BeforeValidator(_jour), WithJsonSchema({"type": "string", "format": "date", "examples": ["2023-04-12"]})
]
Empreinte = Annotated[str, AfterValidator(_sha256), WithJsonSchema({"type": "string", "pattern": "^[0-9a-f]{64}$"})]
Md5 = Annotated[str, AfterValidator(_md5), WithJsonSchema({"type": "string", "pattern": "^[0-9a-f]{32}$"})]
#: true or false, and nothing that looks like it.
Oui = Annotated[bool, Field(strict=True)]
Heures = Annotated[int, Field(strict=True, ge=0, le=10_000_000)]
