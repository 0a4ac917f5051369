"""The open-data stock: `structureet`, `structureej`, `geolocalisation`. Source: regles.md §11.2.

The third field of the first line is the number of the extraction, not a count of rows: the published sample says
111 for a file of 103 022 rows. A file cut short is known by its last line.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import chain
from typing import Any, Never, TypeVar

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
    read_system,
    reason_to_ignore,
    refuse,
)
from moteur.texte import cite, en_liste

#: Columns of each kind of row.
COLONNES = {"structureet": 32, "structureej": 23, "geolocalisation": 6}

T = TypeVar("T")
#: A raw line and its number, to what it says when it is recognised.
Recogniser = Callable[[str, int], T | Ignore | None]
#: A kind of row and its count of columns, to what recognises such rows.
Recognisers = Callable[[str, int], Recogniser[T]]


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


def read_rows(
    fichier: Fichier,
    avance: Callable[[int], object],
    recognisers: Recognisers[T],
) -> Iterator[Ligne | T]:
    """Every row after the header. `avance` is told how many bytes were read. Raises: Refus.

    `recognisers` gives, for a kind and its count of columns, what is asked first of each line. The first row of each
    kind is not asked, since it tells that count; nor are those that follow a row of another kind.
    """
    genre, largeurs = "", dict[str, int]()
    recognise: Recogniser[T] = _nothing
    with fichier.open() as brut, _text(fichier, brut) as texte:
        _, numero = _split(texte, 0)
        for rang, brute in enumerate(texte):
            lue: Ligne | T | None = recognise(brute, numero + 1)
            if lue is not None:
                numero += 1
            else:
                champs, numero = _split(chain((brute,), texte), numero)
                lue = _read(champs, numero, largeurs)
                if champs[0] != genre:
                    genre = champs[0]
                    recognise = recognisers(champs[0], largeurs[champs[0]])
            yield lue
            if rang % 1000 == 0:
                avance(brut.tell())
        if not fichier.fini:
            raise refuse(f"la dernière ligne est inachevée : le fichier est tronqué. {A_REPRENDRE}", f"ligne {numero}")


def recognise_nothing(genre: str, largeur: int) -> Recogniser[Never]:
    """So that every row is read field by field."""
    return _nothing


def _nothing(brute: str, numero: int) -> None:
    return None


def _split(lignes: Iterable[str], lues: int) -> tuple[list[str], int]:
    """The fields of the row that begins there, and the number of its last line. Raises: Refus."""
    lecteur = csv.reader(lignes, delimiter=";", strict=True)
    try:
        return next(lecteur), lues + lecteur.line_num
    except csv.Error as erreur:
        raise refuse(
            f"guillemets mal fermés ({erreur}) : le fichier est abîmé ou tronqué. {A_REPRENDRE}",
            f"ligne {lues + lecteur.line_num}",
        ) from erreur


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
    return Position(
        lieu,
        read_finess(c[1], "FINESS géographique"),
        read_number(c[2], "coordonnée X"),
        read_number(c[3], "coordonnée Y"),
        read_system(c[4]),
    )


LECTEURS: dict[str, Callable[[list[str], str], Ligne]] = {
    "structureet": _etablissement,
    "structureej": _organisme,
    "geolocalisation": _position,
}
