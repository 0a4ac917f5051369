"""The rows of a file of SONS orders, CSV or JSON, as they are written. Format: docs/echange/commandes-sons.md.

A CSV is read twice, never held whole: once to recognise a damaged file, then row by row. A JSON file is bounded.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grappes.lecture_finess.fichier import Fichier, examine
from moteur.erreurs import Code, Refus
from moteur.fichiers import read_json
from moteur.lots import Faute
from moteur.texte import cite, en_liste

VERSION = 1
TEXTES = ("reference", "finess_ej", "finess_et", "logiciel", "editeur", "vague")
DATES = ("commandee_le", "complete_le", "avance_le", "soldee_le", "annulee_le")
COLONNES = (*TEXTES, *DATES)
MOTIFS = "motifs"
TAILLE_JSON = 20 * 2**20
SCIENTIFIQUE = re.compile(r"[0-9](?:[.,][0-9]*)?[eE]\+[0-9]+")
DATE_FRANCAISE = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
#: First bytes of what people take for a CSV file.
AUTRES_FORMATS: Mapping[bytes, str] = {
    b"PK": "un classeur de tableur : enregistrez-le au format CSV (séparateur point-virgule, UTF-8)",
    b"<": "une page web : l'adresse demandait sans doute de se connecter, téléchargez le fichier de nouveau",
    b"%PDF": "un PDF : demandez le fichier CSV ou JSON",
    b"[": "une liste JSON : le format attendu est un objet, {\"version\": 1, \"commandes\": […]}",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Ligne:
    """A row as found. `lieu`: "ligne 12" or "commandes[3]". `brute`: its cells, or its JSON value.

    `fautes`: of its shape; `valeurs` then holds what could be read, nothing when the cells are shifted.
    """

    lieu: str
    valeurs: Mapping[str, str]
    brute: Any
    fautes: tuple[Faute, ...] = ()

    @property
    def nom(self) -> str:
        return f"{self.valeurs.get('reference') or 'sans référence'} ({self.lieu})"


@dataclass(frozen=True, kw_only=True)
class Lot:
    """A file that can be read. `entete`: its columns (CSV). `americaine`: where a date is written MM/JJ/AAAA."""

    chemin: Path
    format: str
    encodage: str
    nombre: int
    entete: Sequence[str] = ()
    americaine: str = ""
    source: Fichier | None = None
    commandes: Sequence[Any] = ()

    def lines(self) -> Iterator[Ligne]:
        """Its rows, in order. Raises: Refus."""
        if self.source is None:
            return (_read_object(rang, brute) for rang, brute in enumerate(self.commandes))
        return _read_csv(self.source, self.entete)


def open_file(chemin: Path) -> Lot:
    """Look at a file whole. Raises: Refus, saying what is damaged and what to do."""
    source = examine(chemin)
    if source.json:
        return _open_json(chemin)
    _check_kind(source)
    with _cells(source) as lignes:
        _, premiere = next(lignes, (0, []))
        entete = _check_header(premiere)
        nombre, americaine = 0, ""
        for lieu, cellules in lignes:
            valeurs = dict(zip(entete, cellules, strict=False))
            _check_damage(lieu, valeurs)
            americaine = americaine or _american(lieu, valeurs)
            nombre += 1
    if not nombre:
        raise _refuse(f"{cite(chemin.name)} ne contient aucune commande : il n'a que son en-tête.")
    return Lot(
        chemin=chemin,
        format="csv",
        encodage=source.encodage,
        nombre=nombre,
        entete=entete,
        americaine=americaine,
        source=source,
    )


def _open_json(chemin: Path) -> Lot:
    contenu = read_json(chemin, TAILLE_JSON, "un fichier de commandes SONS ; au-delà, donnez un CSV")
    if not isinstance(contenu, dict) or not isinstance(contenu.get("commandes"), list):
        raise _refuse('Ce JSON n\'a pas de liste « commandes ». Attendu : {"version": 1, "commandes": […]}.')
    if contenu.get("version") != VERSION or isinstance(contenu["version"], bool):
        raise _refuse(
            f"« version » vaut {cite(_legible(str(contenu.get('version'))))} : seule la version {VERSION} est connue."
        )
    if inconnues := sorted(contenu.keys() - {"version", "commandes"}):
        raise _refuse(
            f"Clé inconnue : {cite(_legible(inconnues[0]))}. Un fichier a les clés « version » et « commandes »."
        )
    if not contenu["commandes"]:
        raise _refuse(f"{cite(chemin.name)} ne contient aucune commande : la liste « commandes » est vide.")
    commandes = contenu["commandes"]
    return Lot(chemin=chemin, format="json", encodage="utf-8", nombre=len(commandes), commandes=commandes)


def _check_kind(source: Fichier) -> None:
    with source.open() as flux:
        debut = flux.read(4096).lstrip(b"\xef\xbb\xbf \r\n\t")
    if not debut:
        raise _refuse(f"{cite(source.chemin.name)} est vide : téléchargez-le de nouveau.")
    for marque, quoi in AUTRES_FORMATS.items():
        if debut.startswith(marque):
            raise _refuse(f"{cite(source.chemin.name)} est {quoi}.")
    if b"\0" in debut:
        raise _refuse(f"{cite(source.chemin.name)} n'est pas un texte : donnez un CSV en UTF-8, ou un JSON.")


def _check_header(cellules: Sequence[str]) -> tuple[str, ...]:
    entete = tuple(cellule.strip().lower() for cellule in cellules)
    if len(entete) == 1 and re.search(r"[,\t|]", entete[0]):
        raise _refuse("Les colonnes ne sont pas séparées par des points-virgules : enregistrez le CSV avec « ; ».")
    manquantes = [colonne for colonne in COLONNES if colonne not in entete]
    if manquantes:
        raise _refuse(
            f"Il manque {_columns(manquantes)} à la première ligne : elle porte les noms {';'.join(COLONNES)}."
        )
    en_trop = [nom for rang, nom in enumerate(entete) if nom not in (*COLONNES, MOTIFS) or nom in entete[:rang]]
    if en_trop:
        raise _refuse(f"Colonne inconnue ou répétée : {cite(en_trop[0])}. Retirez-la de la première ligne.")
    return entete


def _columns(noms: Sequence[str]) -> str:
    return f"{'la colonne' if len(noms) == 1 else 'les colonnes'} {en_liste([cite(nom) for nom in noms])}"


def _check_damage(lieu: str, valeurs: Mapping[str, str]) -> None:
    for colonne in ("reference", "finess_ej", "finess_et"):
        valeur = valeurs.get(colonne, "").strip()
        if SCIENTIFIQUE.fullmatch(valeur):
            raise _refuse(
                f"{lieu}, colonne {colonne} : {cite(valeur)} est un nombre en notation scientifique. Un tableur a "
                "perdu des chiffres, tout le fichier est touché : redemandez-le et donnez-le sans l'ouvrir."
            )


def _american(lieu: str, valeurs: Mapping[str, str]) -> str:
    """Where a date of this row can only be MM/JJ/AAAA; empty when none is."""
    for colonne in DATES:
        lue = DATE_FRANCAISE.fullmatch(valeurs.get(colonne, "").strip())
        if lue and int(lue[1]) <= 12 < int(lue[2]) <= 31:
            return f"{lieu}, colonne {colonne}"
    return ""


@contextmanager
def _cells(source: Fichier) -> Iterator[Iterator[tuple[str, list[str]]]]:
    """The rows that are not blank, each with the line where it ends."""
    encodage = "utf-8-sig" if source.encodage == "utf-8" else source.encodage
    with source.open() as flux, io.TextIOWrapper(flux, encoding=encodage, newline="") as texte:
        lecteur = csv.reader(texte, delimiter=";", strict=True)
        try:
            yield ((f"ligne {lecteur.line_num}", cellules) for cellules in lecteur if any(c.strip() for c in cellules))
        except csv.Error as erreur:
            raise _refuse(
                f"ligne {lecteur.line_num} : un guillemet n'est pas fermé, ou ne l'est pas avant « ; » ({erreur}). "
                "Doublez les guillemets à l'intérieur d'un texte, puis donnez de nouveau le fichier."
            ) from erreur


def _read_csv(source: Fichier, entete: Sequence[str]) -> Iterator[Ligne]:
    with _cells(source) as lignes:
        next(lignes)
        for lieu, cellules in lignes:
            if fautes := _width(cellules, entete):
                yield Ligne(lieu=lieu, valeurs={}, brute=cellules, fautes=fautes)
            else:
                valeurs = {nom: cellule.strip() for nom, cellule in zip(entete, cellules, strict=True)}
                yield Ligne(lieu=lieu, valeurs=valeurs, brute=cellules)


def _width(cellules: Sequence[str], entete: Sequence[str]) -> tuple[Faute, ...]:
    if len(cellules) == len(entete):
        return ()
    conseil = "Mettez entre guillemets un texte qui contient « ; »." if len(cellules) > len(entete) else "Complétez-la."
    message = f"La ligne a {len(cellules)} cellules au lieu de {len(entete)}. {conseil}"
    return (Faute(chemin="ligne", message=message),)


def _read_object(rang: int, brute: Any) -> Ligne:
    lieu = f"commandes[{rang}]"
    if not isinstance(brute, dict):
        message = f"{cite(_legible(str(brute)))} n'est pas un objet, avec les clés {', '.join(COLONNES)}."
        return Ligne(lieu=lieu, valeurs={}, brute=brute, fautes=(Faute(chemin="commande", message=message),))
    fautes = []
    valeurs = {}
    for cle, valeur in brute.items():
        if message := _bad_value(cle, valeur):
            fautes.append(Faute(chemin=_legible(cle)[:60], message=message))
        elif cle != MOTIFS:
            valeurs[cle] = (valeur or "").strip()
    return Ligne(lieu=lieu, valeurs=valeurs, brute=brute, fautes=tuple(fautes))


def _bad_value(cle: str, valeur: object) -> str:
    """Why a value of a JSON row cannot be read; empty when it can."""
    if cle not in (*COLONNES, MOTIFS):
        return f"Clé inconnue : retirez-la. Attendu : {', '.join(COLONNES)}."
    if cle == MOTIFS or valeur is None:
        return ""
    if not isinstance(valeur, str):
        return f"{cite(_legible(str(valeur)))} n'est pas un texte : mettez-le entre guillemets."
    return "" if _legible(valeur) == valeur else f"{cite(_legible(valeur))} a un caractère illisible : retapez-le."


def _legible(texte: str) -> str:
    """The same, half a surrogate pair (JSON allows it, nothing prints it) as its escape."""
    return texte.encode("utf-8", "backslashreplace").decode()


def _refuse(message: str) -> Refus:
    return Refus(Code.DONNEES_INVALIDES, message)
