"""Rows of the stock that are plainly sound, turned at once from their raw line into their line of COPY.

Nearly all of them are, and take a third of the time so. Nothing is refused nor rejected here, and no rule is told: a
line that is not recognised (`None`) is read by `grappes.lecture_finess.stock` and written by `grappes.recus`, which
say the same of those that are. A field that goes on to the next line is left to them, or one that hides a separator.
"""

import csv
import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from grappes import recus
from grappes.lecture_finess.lignes import LONGUEUR_NOM, Ignore, read_routing, read_system, reason_to_ignore
from grappes.lecture_finess.stock import COLONNES, Recogniser
from grappes.recus import Compte

#: Far more than a sound line holds, far less than what `csv` refuses in one field.
LONGUEUR_LIGNE = 4000
#: Without those where E would tell of a number that a spreadsheet rewrote.
_FINESS = "[0-9][0-9A-DF-Z][0-9]{7}"
_JOUR = "(?:[0-9]{4}-[0-9]{2}-[0-9]{2})?"
_METRES = "-?[0-9]{1,8}(?:\\.[0-9]{1,12})?"
#: Whatever a column holds; `*+` never tries less of it again.
_COLONNE = "[^;]*+"
_SUIVANTE = f"{_COLONNE};"
FORMES = {
    "structureet": (
        f"({_FINESS});({_FINESS});({_COLONNE});({_COLONNE});{_SUIVANTE * 2}({_SUIVANTE * 5}){_SUIVANTE}"
        f"([^;]{{2}}{_COLONNE});{_SUIVANTE}({_COLONNE});{_SUIVANTE * 2}(?P<sorte>{_SUIVANTE * 2}{_COLONNE});"
        f"{_SUIVANTE}([0-9]{{14}}|);{_SUIVANTE * 5}({_JOUR});{_JOUR};{_JOUR};"
    ),
    "structureej": f"({_FINESS});({_COLONNE});({_COLONNE});{_SUIVANTE * 16}([0-9]{{9}}|);{_SUIVANTE}{_JOUR}",
    "geolocalisation": f"({_FINESS});({_METRES});({_METRES});({_COLONNE});{_JOUR}",
}


class Ordinaires:
    """What recognises the rows of one file. `departements`: their codes, by those the files use."""

    def __init__(self, departements: Mapping[str, str], compte: Compte) -> None:
        self.departements = departements
        self.compte = compte
        self.tri = compte.tri

    def __call__(self, genre: str, largeur: int) -> Recogniser[str]:
        """What recognises the rows of that kind, of that many columns, the last ones empty."""
        lire = {"structureet": self._essms, "structureej": self._organisme, "geolocalisation": self._position}[genre]
        fin = ";" * (largeur - COLONNES[genre])
        match = re.compile(f"{genre};{FORMES[genre]}{fin}\\r?\\n").fullmatch

        def recognise(brute: str, numero: int) -> str | Ignore | None:
            nue = _unquoted(brute, largeur) if '"' in brute else brute
            trouve = match(nue)
            # What means something else to COPY, or too much to `csv`.
            if trouve is None or "\\" in nue or "\t" in nue or "\0" in nue or len(nue) >= LONGUEUR_LIGNE:
                return None
            return lire(trouve, numero)

        return recognise

    def _essms(self, trouve: re.Match[str], numero: int) -> str | Ignore | None:
        if (ignore := _ignored(trouve["sorte"])) is not None:
            return ignore
        finess, og, nom, long, voie, lieu, acheminement, sorte, siret, ouverture = trouve.groups()
        code, _, agregat = sorte.split(";")
        adresse = " ".join(filter(None, voie.split(";")))
        jour, departement = _day(ouverture), self.departements.get(lieu)
        if max(len(nom), len(long), len(adresse), len(acheminement)) > LONGUEUR_NOM or not nom.strip():
            return None
        if jour is None or departement is None:
            return None
        self.compte.add_essms(finess, og)
        code_postal, commune = _routing(acheminement)
        textes = f"{nom}\t{long}\t{adresse}\t{commune}"
        suite = f"{code_postal}\t{og}\t{departement}\t{code}\t{agregat}\t{siret}\t{jour}\tFalse\t{recus.NUL}"
        return recus.essms_line(f"ligne {numero}", finess, recus.SANS_POSITION, textes, suite)

    def _organisme(self, trouve: re.Match[str], numero: int) -> str | Ignore | None:
        finess, court, long, siren = trouve.groups()
        nom = long or court
        if len(nom) > LONGUEUR_NOM or not nom.strip():
            return None
        if not self.tri.organismes.takes(finess):
            return recus.ORGANISME_SANS_OBJET
        return recus.organisme_line(f"ligne {numero}", finess, nom, siren)

    def _position(self, trouve: re.Match[str], numero: int) -> str | Ignore:
        if not self.tri.positions.takes(trouve[1]):
            return recus.POSITION_SANS_OBJET
        finess, x, y, carte = trouve.groups()
        return recus.position_line(f"ligne {numero}", finess, x, y, _system(carte))


def _unquoted(brute: str, largeur: int) -> str:
    """The line without its quotes; nothing when they are not sound, or when what they hold is told from no column."""
    try:
        champs = next(csv.reader((brute,), delimiter=";", strict=True))
    except csv.Error:
        return ""
    return ";".join(champs) + "\n" if len(champs) == largeur and brute[-1] == "\n" else ""


#: What thousands of rows have in common is worked out once.
@lru_cache(maxsize=1 << 14)
def _day(jour: str) -> str | None:
    """That day in a line of COPY; None when it is not one."""
    try:
        return str(date.fromisoformat(jour)) if jour else recus.NUL
    except ValueError:
        return None


@lru_cache(maxsize=1 << 10)
def _ignored(sorte: str) -> Ignore | None:
    """`sorte`: the code of a category, its label, its aggregate."""
    motif = reason_to_ignore(*sorte.split(";"))
    return None if motif is None else Ignore(motif)


_system = lru_cache(maxsize=1 << 10)(read_system)
_routing = lru_cache(maxsize=1 << 14)(read_routing)
