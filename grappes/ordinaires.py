"""Rows of the stock that are plainly sound, turned at once from their raw line into their line of COPY.

Nearly all of them are, and take a third of the time so. Nothing is refused nor rejected here, and no rule is told: a
line that is not recognised (`None`) is read by `grappes.lecture_finess.stock` and written by `grappes.recus`, which
say the same of those that are. A line with a quote never is, so neither is a field that goes on to the next line.
"""

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
FORMES = {
    "structureet": (
        f"({_FINESS});({_FINESS});({_COLONNE});({_COLONNE});(?:{_COLONNE};){{2}}((?:{_COLONNE};){{5}}){_COLONNE};"
        f"([^;]{{2}}{_COLONNE});{_COLONNE};({_COLONNE});(?:{_COLONNE};){{2}}({_COLONNE});({_COLONNE});({_COLONNE});"
        f"{_COLONNE};([0-9]{{14}}|);(?:{_COLONNE};){{5}}({_JOUR});{_JOUR};{_JOUR};"
    ),
    "structureej": f"({_FINESS});({_COLONNE});({_COLONNE});(?:{_COLONNE};){{16}}([0-9]{{9}}|);{_COLONNE};{_JOUR}",
    "geolocalisation": f"({_FINESS});({_METRES});({_METRES});({_COLONNE});{_JOUR}",
}


class Ordinaires:
    """What recognises the rows of one file. `departements`: their codes, by those the files use."""

    def __init__(self, departements: Mapping[str, str], compte: Compte) -> None:
        self.departements = departements
        self.compte = compte

    def __call__(self, genre: str, largeur: int) -> Recogniser[str]:
        """What recognises the rows of that kind, of that many columns, the last ones empty."""
        lire = {"structureet": self._essms, "structureej": _organisme, "geolocalisation": _position}[genre]
        fin = ";" * (largeur - COLONNES[genre])
        match = re.compile(f"{genre};{FORMES[genre]}{fin}\\r?\\n").fullmatch

        def recognise(brute: str, numero: int) -> str | Ignore | None:
            if (trouve := match(brute)) is None or not _plain(brute):
                return None
            return lire(trouve, numero)

        return recognise

    def _essms(self, trouve: re.Match[str], numero: int) -> str | Ignore | None:
        finess, og, nom, long, voie, lieu, acheminement, code, libelle, agregat, siret, ouverture = trouve.groups()
        if (ignore := _ignored(code, libelle, agregat)) is not None:
            return ignore
        adresse = " ".join(filter(None, voie.split(";")))
        jour, departement = _day(ouverture), self.departements.get(lieu)
        if max(len(nom), len(long), len(adresse), len(acheminement)) > LONGUEUR_NOM or not nom.strip():
            return None
        if jour is None or departement is None:
            return None
        self.compte.add_essms(finess)
        code_postal, commune = read_routing(acheminement)
        return recus.essms_line(
            f"ligne {numero}", finess, recus.SANS_POSITION, f"{nom}\t{long}\t{adresse}\t{commune}", code_postal, og,
            departement, code, agregat, siret, jour, False, recus.NUL,
        )  # fmt: skip


def _plain(brute: str) -> bool:
    """Whether it means to `csv` and to COPY what it seems to mean."""
    return (
        '"' not in brute and "\\" not in brute and "\t" not in brute and "\0" not in brute
        and len(brute) < LONGUEUR_LIGNE
    )  # fmt: skip


def _organisme(trouve: re.Match[str], numero: int) -> str | None:
    finess, court, long, siren = trouve.groups()
    nom = long or court
    if len(nom) > LONGUEUR_NOM or not nom.strip():
        return None
    return recus.organisme_line(f"ligne {numero}", finess, nom, siren)


def _position(trouve: re.Match[str], numero: int) -> str:
    finess, x, y, carte = trouve.groups()
    return recus.position_line(f"ligne {numero}", finess, x, y, _system(carte))


#: What thousands of rows have in common is worked out once.
@lru_cache(maxsize=1 << 14)
def _day(jour: str) -> str | None:
    """That day in a line of COPY; None when it is not one."""
    try:
        return str(date.fromisoformat(jour)) if jour else recus.NUL
    except ValueError:
        return None


@lru_cache(maxsize=1 << 10)
def _ignored(code: str, libelle: str, agregat: str) -> Ignore | None:
    motif = reason_to_ignore(code, libelle, agregat)
    return None if motif is None else Ignore(motif)


_system = lru_cache(maxsize=1 << 10)(read_system)
