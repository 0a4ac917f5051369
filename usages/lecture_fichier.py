"""A table of figures sent as a file: XLSX, ODS, or CSV of any separator and encoding. Bounded before it is read."""

import csv
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from aap.documents.erreurs import Ecarte
from aap.documents.formats import recognise
from aap.documents.noms import check_name
from aap.models import Format
from moteur.erreurs import Code, Refus
from moteur.texte import cite, en_octets

TAILLE_MAX = 5 * 2**20
LIGNES_MAX = 2_000
COLONNES_MAX = 60
LONGUEUR_MAX = 200
#: Seconds granted to the process that reads a spreadsheet.
DELAI = 20
CLASSEUR = Path(__file__).with_name("classeur.py")
SEPARATEURS = ";,\t"
MODELE = "Repartez du modèle à télécharger : il contient déjà vos établissements."


@dataclass(frozen=True, kw_only=True)
class Tableau:
    """What a file holds, as text. `lignes`: from the first row of the file on, so that people find them again."""

    nom: str
    lignes: list[list[str]]


def read(nom: str, contenu: BinaryIO) -> Tableau:
    """The table of a file. Raises: Refus DONNEES_INVALIDES, which says what to do."""
    taille = contenu.seek(0, 2)
    if taille > TAILLE_MAX:
        raise _refused(f"Ce fichier pèse {en_octets(taille)} : {en_octets(TAILLE_MAX)} au plus. {MODELE}")
    try:
        propre = check_name(nom)
        format_ = recognise(propre, contenu)
    except Ecarte as ecarte:
        raise _refused(str(ecarte)) from None
    if format_ not in (Format.XLSX, Format.ODS, Format.CSV, Format.TXT):
        raise _refused(f"{cite(propre)} n'est pas un tableau : envoyez un fichier XLSX, ODS ou CSV. {MODELE}")
    contenu.seek(0)
    octets = contenu.read()
    lignes = _from_text(octets) if format_ in (Format.CSV, Format.TXT) else _from_workbook(octets)
    return Tableau(nom=propre, lignes=bounded(lignes))


def bounded(lignes: list[list[str]]) -> list[list[str]]:
    """The same rows, cells trimmed. Raises: Refus DONNEES_INVALIDES when there are none, or too many."""
    if len(lignes) > LIGNES_MAX:
        raise _too_big(f"plus de {LIGNES_MAX} lignes")
    if max((len(ligne) for ligne in lignes), default=0) > COLONNES_MAX:
        raise _too_big(f"plus de {COLONNES_MAX} colonnes")
    propres = [[_clean(cellule) for cellule in ligne] for ligne in lignes]
    if not any(any(ligne) for ligne in propres):
        raise _refused(f"Ce fichier ne contient aucune donnée. {MODELE}")
    return propres


def _clean(cellule: str) -> str:
    return " ".join(cellule.replace("\0", " ").split())[:LONGUEUR_MAX]


def _from_text(octets: bytes) -> list[list[str]]:
    texte = _decode(octets)
    entete = next((ligne for ligne in texte.splitlines() if ligne.strip()), "")
    separateur = max(SEPARATEURS, key=entete.count)
    lignes: list[list[str]] = []
    try:
        for ligne in csv.reader(texte.splitlines(keepends=True), delimiter=separateur):
            lignes.append(ligne)
            if len(lignes) > LIGNES_MAX:
                break
    except csv.Error:
        raise _refused(f"Ce fichier CSV est mal formé : une cellule n'y est jamais refermée. {MODELE}") from None
    return lignes


def _decode(octets: bytes) -> str:
    """UTF-8, with its mark or not; else Windows."""
    try:
        return octets.decode("utf-8-sig")
    except UnicodeDecodeError:
        return octets.decode("cp1252", errors="replace")


def _from_workbook(octets: bytes) -> list[list[str]]:
    """Read by `classeur.py`, in a process of its own."""
    commande = [sys.executable, "-I", str(CLASSEUR), str(LIGNES_MAX), str(COLONNES_MAX)]
    try:
        fini = subprocess.run(commande, input=octets, capture_output=True, timeout=DELAI, check=True)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        raise _refused(
            "Ce classeur n'a pas pu être lu : il est abîmé, ou s'étend démesurément. Copiez vos lignes dans le modèle "
            "à télécharger, puis renvoyez-le."
        ) from None
    lu = json.loads(fini.stdout)
    if lu.get("hauteur", 0) > LIGNES_MAX:
        raise _too_big(f"{lu['hauteur']} lignes")
    if lu.get("largeur", 0) > COLONNES_MAX:
        raise _too_big(f"{lu['largeur']} colonnes")
    lignes: list[list[str]] = lu.get("lignes", [])
    return lignes


def _too_big(combien: str) -> Refus:
    return _refused(
        f"Ce fichier a {combien} : {LIGNES_MAX} lignes et {COLONNES_MAX} colonnes au plus. Gardez une ligne par "
        "établissement, et les seules colonnes utiles."
    )


def _refused(phrase: str) -> Refus:
    return Refus(Code.DONNEES_INVALIDES, phrase)
