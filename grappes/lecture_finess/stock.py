"""The open-data stock: `structureet`, `structureej`, `geolocalisation`. Source: regles.md §11.2.

The third field of the first line is the number of the extraction, not a count of rows: the published sample says
111 for a file of 103 022 rows. A file cut short is known by its last line.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from grappes.lecture_finess.fichier import Fichier
from grappes.lecture_finess.lignes import (
    A_REPRENDRE,
    Entete,
    Etablissement,
    Ignore,
    Ligne,
    LigneRejetee,
    Organisme,
    Position,
    Rejet,
    check_damage,
    fits,
    read_day,
    read_finess,
    read_name,
    read_number,
    read_routing,
    read_siren,
    read_siret,
    reason_to_ignore,
    refuse,
)
from moteur.texte import cite, en_liste

#: Columns of each kind of row.
COLONNES = {"structureet": 32, "structureej": 23, "geolocalisation": 6}
_EPSG = re.compile(r"EPSG[: ]?([0-9]{4,5})", re.IGNORECASE)


def read_header(fichier: Fichier) -> Entete:
    """`finess;etalab;<number>;<YYYY-MM-DD>`. Raises: Refus."""
    with fichier.open() as brut, _text(fichier, brut) as texte:
        debut = texte.readline(200).rstrip("\r\n")
        genre = texte.readline(200).partition(";")[0]
    champs = debut.removesuffix(";").split(";")
    try:
        if len(champs) != 4 or champs[:2] != ["finess", "etalab"]:
            raise ValueError
        le = date.fromisoformat(champs[3])
    except ValueError as erreur:
        raise refuse(
            f"la première ligne est {cite(debut)}, et non « finess;etalab;numéro;AAAA-MM-JJ » : donnez un fichier "
            "« etalab-cs1100501 », « cs1100502 » ou « cs1100507 », ou le JSON quotidien, tels que publiés.",
            "ligne 1",
        ) from erreur
    return Entete(format="stock", encodage=fichier.encodage, le=le, complet=genre == "structureet")


def read_rows(fichier: Fichier, avance: Callable[[int], object]) -> Iterator[Ligne]:
    """Every row after the header. `avance` is told how many bytes were read. Raises: Refus."""
    with fichier.open() as brut, _text(fichier, brut) as texte:
        lecteur = csv.reader(texte, delimiter=";", strict=True)
        largeurs: dict[str, int] = {}
        next(lecteur)
        try:
            for rang, champs in enumerate(lecteur):
                yield _read(champs, lecteur.line_num, largeurs)
                if rang % 1000 == 0:
                    avance(brut.tell())
        except csv.Error as erreur:
            raise refuse(
                f"guillemets mal fermés ({erreur}) : le fichier est abîmé ou tronqué. {A_REPRENDRE}",
                f"ligne {lecteur.line_num}",
            ) from erreur
        if not fichier.fini:
            raise refuse(
                f"la dernière ligne est inachevée : le fichier est tronqué. {A_REPRENDRE}", f"ligne {lecteur.line_num}"
            )


def _text(fichier: Fichier, brut: Any) -> io.TextIOWrapper:
    encodage = "utf-8-sig" if fichier.encodage == "utf-8" else fichier.encodage
    return io.TextIOWrapper(brut, encoding=encodage, newline="")


def _read(champs: list[str], numero: int, largeurs: dict[str, int]) -> Ligne:
    """One row. `largeurs`: columns of each kind as its first row has them, with or without a trailing separator."""
    genre = champs[0] if champs else ""
    attendues = COLONNES.get(genre)
    if attendues is None:
        raise refuse(
            f"une ligne commence par {cite(genre)} ; on attend {en_liste(sorted(COLONNES))}. {A_REPRENDRE}",
            f"ligne {numero}",
        )
    largeur = largeurs.setdefault(genre, attendues + (len(champs) == attendues + 1 and champs[-1] == ""))
    if len(champs) != largeur:
        raise refuse(
            f"{len(champs)} colonnes au lieu de {largeur} : le fichier est abîmé ou tronqué. {A_REPRENDRE}",
            f"ligne {numero}",
        )
    lieu = f"ligne {numero}"
    try:
        return LECTEURS[genre](champs, lieu)
    except LigneRejetee as erreur:
        return Rejet(lieu, str(erreur))


def _etablissement(c: list[str], lieu: str) -> Ligne:
    check_damage(lieu, numeros=(c[1], c[2]), dates=(c[28], c[29], c[30]), codes=(c[22],))
    if len(c[13]) == 1:
        raise refuse(
            f"le département {cite(c[13])} n'a qu'un chiffre : un tableur a mangé les zéros de tête, "
            f"tout le fichier est touché. {A_REPRENDRE}",
            lieu,
        )
    if (motif := reason_to_ignore(c[18], c[19], c[20])) is not None:
        return Ignore(motif)
    code_postal, commune = read_routing(c[15])
    return Etablissement(
        lieu,
        read_finess(c[1], "FINESS géographique"),
        read_finess(c[2], "FINESS juridique"),
        read_name(c[3]),
        fits(c[4], "raison sociale longue"),
        fits(" ".join(filter(None, c[7:12])), "adresse"),
        code_postal,
        commune,
        c[13],
        c[18],
        c[20],
        read_siret(c[22]),
        read_day(c[28], "date d'ouverture"),
        False,
        None,
    )


def _organisme(c: list[str], lieu: str) -> Ligne:
    check_damage(lieu, numeros=(c[1],), dates=(c[22],), codes=(c[20],))
    return Organisme(lieu, read_finess(c[1], "FINESS juridique"), read_name(c[3] or c[2]), read_siren(c[20]))


def _position(c: list[str], lieu: str) -> Ligne:
    check_damage(lieu, numeros=(c[1],), dates=(c[5],), codes=())
    if not c[2] and not c[3]:
        return Ignore("établissement sans coordonnées")
    connu = _EPSG.search(c[4])
    systeme = f"EPSG:{connu[1]}" if connu else c[4].rpartition(",")[2][:40]
    return Position(
        lieu, read_finess(c[1], "FINESS géographique"),
        read_number(c[2], "coordonnée X"), read_number(c[3], "coordonnée Y"), systeme,
    )  # fmt: skip


LECTEURS: dict[str, Callable[[list[str], str], Ligne]] = {
    "structureet": _etablissement,
    "structureej": _organisme,
    "geolocalisation": _position,
}
