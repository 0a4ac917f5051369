"""What a FINESS file says, row by row, and the marks a spreadsheet leaves on it. Source: regles.md §11.

Two ways to say no: a `Rejet` sets one row aside; a `Refus` sends the whole file back, because what was
found can only come from a program that rewrote it, and other rows suffered that do not show it.
"""

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import NamedTuple

from grappes.categories import categorie, is_sanitaire
from grappes.finess import FORMAT
from moteur.erreurs import Code, Refus
from moteur.texte import cite

SANITAIRE = "établissement sanitaire (agrégat 11 ou 12), hors article L.312-1"
LONGUEUR_NOM = 200
COORDONNEE_MAX = 1e8

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATE_RETOURNEE = re.compile(r"[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{2,4}(?: .*)?")
_SCIENTIFIQUE = re.compile(r"[0-9](?:[.,][0-9]*)?[eE]\+?[0-9]+")
_SIRET = re.compile(r"[0-9]{14}")
_SIREN = re.compile(r"[0-9]{9}")
_EPSG = re.compile(r"EPSG[: ]?([0-9]{4,5})", re.IGNORECASE)
_ACHEMINEMENT = re.compile(r"([0-9]{5})(?: (.*))?")
A_REPRENDRE = "Téléchargez-le de nouveau et donnez-le tel quel, sans l'ouvrir dans un tableur."


class Etablissement(NamedTuple):
    """An ESSMS. `departement`: FINESS or INSEE code. None: the file does not say, which is not the same as empty."""

    lieu: str
    finess: str
    og: str
    nom: str
    nom_long: str
    adresse: str
    code_postal: str
    commune: str
    departement: str
    categorie: str
    agregat: str | None
    siret: str
    ouvert_le: date | None
    ferme: bool
    ferme_le: date | None
    x: float | None = None
    y: float | None = None
    systeme: str | None = None


class Organisme(NamedTuple):
    """A legal body."""

    lieu: str
    finess: str
    nom: str
    siren: str


class Position(NamedTuple):
    """Where an establishment is, in the projection the file names."""

    lieu: str
    finess: str
    x: float
    y: float
    systeme: str


class Ignore(NamedTuple):
    """A sound row that is none of our business, and why."""

    motif: str


class Rejet(NamedTuple):
    """A row that cannot be taken, where it is, and why. `lieu`: "ligne 12", or the path in a JSON file."""

    lieu: str
    motif: str


Ligne = Etablissement | Organisme | Position | Ignore | Rejet


@dataclass(frozen=True)
class Entete:
    """What a file says of itself. `complet`: lists every open establishment, so that absence is a fact."""

    format: str
    encodage: str
    le: date
    complet: bool


class LigneRejetee(ValueError):
    """This row alone cannot be taken; the message says why."""


def refuse(message: str, lieu: str = "") -> Refus:
    """The refusal of a whole file."""
    return Refus(Code.DONNEES_INVALIDES, f"{lieu} : {message}" if lieu else message, lieu=lieu)


def check_damage(lieu: str, *, numeros: tuple[str, ...], dates: tuple[str, ...], codes: tuple[str, ...]) -> None:
    """Raise Refus when a value bears the mark of a spreadsheet. `codes`: SIRET, SIREN."""
    for valeur in numeros:
        if len(valeur) == 8 and valeur.isdigit():
            raise refuse(
                f"le numéro FINESS {cite(valeur)} n'a que 8 chiffres : un tableur a mangé les zéros de tête, "
                f"tout le fichier est touché. {A_REPRENDRE}",
                lieu,
            )
    for valeur in dates:
        if valeur and _DATE.fullmatch(valeur) is None and _DATE_RETOURNEE.fullmatch(valeur):
            raise refuse(
                f"la date {cite(valeur)} n'est pas écrite AAAA-MM-JJ : un tableur a retourné les dates, "
                f"tout le fichier est touché. {A_REPRENDRE}",
                lieu,
            )
    for valeur in (*codes, *numeros):
        if valeur and not valeur.isdigit() and _SCIENTIFIQUE.fullmatch(valeur):
            raise refuse(
                f"{cite(valeur)} est un nombre en notation scientifique : un tableur a perdu des chiffres, "
                f"tout le fichier est touché. {A_REPRENDRE}",
                lieu,
            )


@cache
def reason_to_ignore(code: str, libelle: str, agregat: str) -> str | None:
    """Why an establishment of this category is not an ESSMS; None when it is one, or may be."""
    if is_sanitaire(agregat):
        return SANITAIRE
    connue = categorie(code)
    if connue is None:
        return f"catégorie {code} ({libelle}) hors du programme" if libelle else f"catégorie {code} hors du programme"
    if connue.statut == "exclue":
        return connue.motif
    return None


def read_finess(valeur: str, quoi: str) -> str:
    """A FINESS number. Raises: LigneRejetee."""
    if FORMAT.fullmatch(valeur) is None:
        raise LigneRejetee(f"{quoi} {cite(valeur)} n'a pas la forme d'un numéro FINESS")
    return valeur


def read_name(valeur: str, quoi: str = "raison sociale") -> str:
    """A name that is given and that fits. Raises: LigneRejetee."""
    if not valeur.strip():
        raise LigneRejetee(f"{quoi} vide")
    return fits(valeur, quoi)


def fits(valeur: str, quoi: str) -> str:
    """A text that fits its column. Raises: LigneRejetee."""
    if len(valeur) > LONGUEUR_NOM:
        raise LigneRejetee(f"{quoi} de {len(valeur)} caractères, pour {LONGUEUR_NOM} au plus")
    if "\0" in valeur:
        raise LigneRejetee(f"{quoi} contient un caractère nul")
    return valeur


def read_day(valeur: str, quoi: str) -> date | None:
    """A day, or None when empty. Raises: LigneRejetee."""
    if not valeur:
        return None
    try:
        return date.fromisoformat(valeur) if _DATE.fullmatch(valeur) else _bad_day(valeur, quoi)
    except ValueError:
        return _bad_day(valeur, quoi)


def _bad_day(valeur: str, quoi: str) -> date:
    raise LigneRejetee(f"{quoi} {cite(valeur)} n'est pas une date du calendrier (AAAA-MM-JJ)")


def read_siret(valeur: str) -> str:
    """A SIRET, or nothing. Raises: LigneRejetee."""
    if valeur and _SIRET.fullmatch(valeur) is None:
        raise LigneRejetee(f"SIRET {cite(valeur)} : 14 chiffres attendus")
    return valeur


def read_siren(valeur: str) -> str:
    """A SIREN, or nothing. Raises: LigneRejetee."""
    if valeur and _SIREN.fullmatch(valeur) is None:
        raise LigneRejetee(f"SIREN {cite(valeur)} : 9 chiffres attendus")
    return valeur


def read_routing(valeur: str) -> tuple[str, str]:
    """Postcode and commune of a delivery line ("01440 VIRIAT"); without a postcode, all of it is the commune."""
    trouve = _ACHEMINEMENT.fullmatch(valeur)
    return (trouve[1], fits(trouve[2] or "", "commune")) if trouve else ("", fits(valeur, "commune"))


def read_number(valeur: str, quoi: str) -> float:
    """A coordinate. Raises: LigneRejetee."""
    try:
        nombre = float(valeur)
    except ValueError:
        nombre = float("nan")
    if not abs(nombre) < COORDONNEE_MAX:
        raise LigneRejetee(f"{quoi} {cite(valeur)} n'est pas une coordonnée")
    return nombre


def read_system(carte: str) -> str:
    """The projection named at the end of what a position was taken from."""
    connu = _EPSG.search(carte)
    return f"EPSG:{connu[1]}" if connu else carte.rpartition(",")[2][:40]
