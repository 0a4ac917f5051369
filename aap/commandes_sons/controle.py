"""What one row of SONS orders says, read alone: texts that fit, dates that exist. Pure.

Every fault is told at once, each with its column and what to write instead.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from aap.commandes_sons.lecture import DATE_FRANCAISE, DATES, Ligne
from aap.sons import VAGUES
from moteur.lots import Faute
from moteur.texte import cite, en_toutes_lettres

LONGUEURS: Mapping[str, int] = {"reference": 60, "logiciel": 100, "editeur": 100}
OBLIGATOIRES = ("reference", "logiciel", "commandee_le")
VAGUE_PAR_DEFAUT = "MS1"
#: The programme was announced in July 2020: an earlier date is a typing error, and a date once known stays.
PREMIER_JOUR = date(2020, 7, 1)
#: Pairs of dates that follow each other.
ORDRE = (
    ("commandee_le", "complete_le"),
    ("commandee_le", "avance_le"),
    ("commandee_le", "soldee_le"),
    ("commandee_le", "annulee_le"),
    ("avance_le", "soldee_le"),
)
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SERIE = re.compile(r"([0-9]{5})(?:[.,][0-9]+)?")
_ORIGINE_DES_SERIES = date(1899, 12, 30)


class DateRefusee(ValueError):
    """Not a date we can trust; the message says what to write."""


@dataclass(frozen=True, kw_only=True)
class Lue:
    """A row read. `textes` and `dates`: the columns that hold; `fautes`: the others."""

    ligne: Ligne
    textes: Mapping[str, str]
    dates: Mapping[str, date | None]
    fautes: list[Faute] = field(default_factory=list)

    @property
    def finess_et(self) -> str:
        return self.ligne.valeurs.get("finess_et", "")

    @property
    def finess_ej(self) -> str:
        return self.ligne.valeurs.get("finess_ej", "")


def read(ligne: Ligne, jour: date, *, iso: bool, americaine: str = "") -> Lue:
    """Read a row. `jour`: today. `iso`: only ISO dates (JSON). `americaine`: where the file shows MM/JJ/AAAA."""
    if ligne.fautes and not ligne.valeurs:
        return Lue(ligne=ligne, textes={}, dates={}, fautes=list(ligne.fautes))
    fautes = [*ligne.fautes, *_missing(ligne)]
    textes = {}
    for colonne, longueur in LONGUEURS.items():
        textes[colonne] = " ".join(ligne.valeurs.get(colonne, "").split())
        if faute := _bad_text(colonne, textes[colonne], longueur):
            fautes.append(faute)
            textes[colonne] = ""
    textes["vague"] = (ligne.valeurs.get("vague", "") or VAGUE_PAR_DEFAUT).upper()
    if textes["vague"] not in VAGUES:
        message = f"{cite(textes['vague'])} n'est pas une vague du SONS connue : {', '.join(VAGUES)}."
        fautes.append(Faute(chemin="vague", message=message))
    dates: dict[str, date | None] = {}
    for colonne in DATES:
        try:
            dates[colonne] = read_day(ligne.valeurs.get(colonne, ""), jour, iso=iso, americaine=americaine)
        except DateRefusee as erreur:
            fautes.append(Faute(chemin=colonne, message=str(erreur)))
    return Lue(ligne=ligne, textes=textes, dates=dates, fautes=fautes + disordered(dates))


def read_day(texte: str, jour: date, *, iso: bool, americaine: str = "") -> date | None:
    """A day, None when empty. Raises: DateRefusee."""
    if not texte:
        return None
    lu = _parse(texte, iso=iso, americaine=americaine)
    if lu > jour:
        raise DateRefusee(f"Le {en_toutes_lettres(lu)} est dans le futur : une commande connue est datée du passé.")
    if lu < PREMIER_JOUR:
        raise DateRefusee(f"{cite(texte)} précède le Ségur du numérique (juillet 2020) : vérifiez l'année.")
    return lu


def disordered(dates: Mapping[str, date | None]) -> list[Faute]:
    """A fault per pair of dates that does not follow."""
    return [
        Faute(
            chemin=suite,
            message=f"{suite} ({en_toutes_lettres(apres)}) précède {debut} ({en_toutes_lettres(avant)}) : "
            "corrigez l'une des deux.",
        )
        for debut, suite in ORDRE
        if (avant := dates.get(debut)) and (apres := dates.get(suite)) and apres < avant
    ]


def _missing(ligne: Ligne) -> list[Faute]:
    colonnes = [*OBLIGATOIRES, "finess_ej", "finess_et"]
    deja = {faute.chemin for faute in ligne.fautes}
    return [
        Faute(chemin=colonne, message=f"{colonne} est vide : c'est obligatoire.")
        for colonne in colonnes
        if not ligne.valeurs.get(colonne, "").strip() and colonne not in deja
    ]


def _bad_text(colonne: str, texte: str, longueur: int) -> Faute | None:
    if len(texte) > longueur:
        message = f"{cite(texte)} a {len(texte)} caractères, pour {longueur} au plus : raccourcissez."
        return Faute(chemin=colonne, message=message)
    if not texte.isprintable():
        return Faute(chemin=colonne, message=f"{colonne} contient un caractère invisible : retapez ce texte.")
    return None


def _parse(texte: str, *, iso: bool, americaine: str) -> date:
    if _ISO.fullmatch(texte):
        return _calendar(texte, texte)
    if serie := _SERIE.fullmatch(texte):
        sans_doute = _ORIGINE_DES_SERIES + timedelta(days=int(serie[1]))
        raise DateRefusee(
            f"{cite(texte)} est un numéro de tableur, sans doute le {sans_doute.isoformat()} : "
            "mettez la colonne au format date, ou écrivez AAAA-MM-JJ."
        )
    francaise = DATE_FRANCAISE.fullmatch(texte)
    if iso or francaise is None:
        raise DateRefusee(f"{cite(texte)} n'est pas une date : écrivez AAAA-MM-JJ{'' if iso else ' ou JJ/MM/AAAA'}.")
    return _french(texte, francaise, americaine)


def _french(texte: str, lue: re.Match[str], americaine: str) -> date:
    jour, mois, annee = int(lue[1]), int(lue[2]), lue[3]
    if jour <= 12 < mois <= 31:
        raise DateRefusee(
            f"{cite(texte)} : il n'y a pas de mois {mois}. Un tableur anglais a sans doute écrit le mois en premier : "
            f"écrivez {annee}-{jour:02d}-{mois:02d} si c'est bien cette date."
        )
    if americaine and jour <= 12 and jour != mois:
        raise DateRefusee(
            f"{cite(texte)} est ambigu : ce fichier écrit ailleurs le mois en premier ({americaine}). "
            f"Écrivez {annee}-{mois:02d}-{jour:02d} ou {annee}-{jour:02d}-{mois:02d}."
        )
    return _calendar(f"{annee}-{mois:02d}-{jour:02d}", texte)


def _calendar(iso: str, texte: str) -> date:
    try:
        return date.fromisoformat(iso)
    except ValueError:
        raise DateRefusee(f"{cite(texte)} n'existe pas au calendrier : vérifiez le jour et le mois.") from None
