"""From what people paste to ESSMS of the register: found, or why not. Source: regles.md §11.1, §12.12.

Four queries at most, whatever the number of FINESS numbers. Nothing is corrected in silence: a number that was
visibly damaged comes back with a proposal, and somebody accepts it or not.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from grappes.finess import has_valid_key, is_well_formed
from grappes.models import Essms, OrganismeGestionnaire
from moteur.texte import cite, en_liste, en_toutes_lettres

#: How many ESSMS of an OG are named in a sentence.
NOMMES = 5
#: What ends a cell of a pasted table: anything but what a number may hold, and ordinary spaces.
CELLULES = re.compile(r"[^\w \u00a0\u202f.'’+\-]+")
MORCEAUX = re.compile(r"\s+|\.(?!\d+E)", re.IGNORECASE)
#: What a spreadsheet makes of a number: 10000028,0 or 1,00E+07.
DECIMALES = re.compile(r"(?<=\d)[.,]0+(?!\w)")
SCIENTIFIQUE = re.compile(r"\d[.,]\d*E\+?\d+", re.IGNORECASE)


class Issue(StrEnum):
    """What became of a number."""

    TROUVE = "trouve"
    INCONNU = "inconnu"
    FERME = "ferme"
    JURIDIQUE = "juridique"
    MAL_FORME = "mal_forme"
    DOUBLON = "doublon"


@dataclass(frozen=True, kw_only=True)
class Lecture:
    """One number read. `motif`: French sentence, empty when found. `proposition`: the number it may stand for.

    `essms`: found, or closed. `de_l_og`: the open ESSMS of the legal body given instead of an establishment.
    """

    saisi: str
    issue: Issue
    motif: str = ""
    essms: Essms | None = None
    proposition: str = ""
    de_l_og: tuple[Essms, ...] = ()


@dataclass(frozen=True)
class Resolution:
    """All of them, in the order given."""

    lectures: tuple[Lecture, ...]

    @property
    def trouves(self) -> list[Essms]:
        return [une.essms for une in self.lectures if une.issue is Issue.TROUVE and une.essms is not None]

    @property
    def ecartees(self) -> list[Lecture]:
        return [une for une in self.lectures if une.issue is not Issue.TROUVE]


def resolve(saisie: str | Sequence[str], *, jour: date, rejeu: UUID | None = None) -> Resolution:
    """Find in the register what was typed: a list of numbers, or a text pasted with any separators.

    `jour`: an ESSMS closed by then is not found. `rejeu`: look in the register of that play.
    """
    numeros = list(split(saisie)) if isinstance(saisie, str) else [_clean(numero) for numero in saisie]
    bien_formes = {numero for numero in numeros if is_well_formed(numero)}
    connus = {
        essms.finess: essms
        for essms in Essms.objects.filter(finess__in=bien_formes, rejeu=rejeu).select_related("og", "departement")
    }
    juridiques = _legal_bodies(bien_formes - connus.keys(), jour, rejeu)
    return Resolution(tuple(_read_all(numeros, connus, juridiques, jour)))


def bring_all(finess_ej: str, *, jour: date, rejeu: UUID | None = None) -> list[Essms]:
    """Every ESSMS of that OG open on that day; none when nobody knows the OG."""
    siens = Essms.objects.open_on(jour).filter(og__finess=_clean(finess_ej), og__rejeu=rejeu)
    return list(siens.select_related("og", "departement"))


def split(texte: str) -> Iterator[str]:
    """The numbers of a pasted text, cleaned. A word without a digit is a label, and no number.

    A number cut by spaces ("310 000 028") is put together when it stands alone in its cell.
    """
    for cellule in CELLULES.split(_without_decimals(texte)):
        entier = _clean(cellule)
        morceaux = [entier] if is_well_formed(entier) else map(_clean, MORCEAUX.split(cellule))
        yield from (morceau for morceau in morceaux if any(lettre.isdigit() for lettre in morceau))


def _without_decimals(texte: str) -> str:
    """Scientific notation kept in one piece, and the decimals of a spreadsheet removed."""
    return DECIMALES.sub("", SCIENTIFIQUE.sub(lambda trouve: trouve[0].replace(",", "."), texte))


def _clean(numero: str) -> str:
    """Upper case, without the spaces, dots and apostrophes people and spreadsheets put in."""
    if SCIENTIFIQUE.fullmatch(numero.strip()):
        return numero.strip().upper()
    return re.sub(r"[\s.'’_\-]", "", numero).upper()


def _legal_bodies(numeros: set[str], jour: date, rejeu: UUID | None) -> dict[str, tuple[Essms, ...]]:
    """Open ESSMS of the OGs that these numbers turn out to be."""
    ogs = OrganismeGestionnaire.objects.filter(finess__in=numeros, rejeu=rejeu)
    trouves: dict[str, list[Essms]] = {finess: [] for finess in ogs.values_list("finess", flat=True)}
    if trouves:
        siens = Essms.objects.open_on(jour).filter(og__finess__in=trouves, og__rejeu=rejeu)
        for essms in siens.select_related("og", "departement"):
            trouves[essms.og.finess].append(essms)
    return {finess: tuple(essms) for finess, essms in trouves.items()}


def _read_all(
    numeros: Iterable[str], connus: dict[str, Essms], juridiques: dict[str, tuple[Essms, ...]], jour: date
) -> Iterator[Lecture]:
    vus: set[str] = set()
    for numero in numeros:
        if numero in vus:
            yield Lecture(saisi=numero, issue=Issue.DOUBLON, motif=f"{numero} est déjà plus haut dans la liste.")
        elif numero in connus:
            yield _known(connus[numero], jour)
        elif numero in juridiques:
            yield _legal(numero, juridiques[numero])
        else:
            yield _unknown(numero) if is_well_formed(numero) else _malformed(numero)
        vus.add(numero)


def _known(essms: Essms, jour: date) -> Lecture:
    if essms.is_open(jour):
        return Lecture(saisi=essms.finess, issue=Issue.TROUVE, essms=essms)
    assert essms.ferme_le is not None
    motif = f"{essms} est fermé depuis le {en_toutes_lettres(essms.ferme_le)} : retirez-le, ou donnez son successeur."
    return Lecture(saisi=essms.finess, issue=Issue.FERME, motif=motif, essms=essms)


def _legal(numero: str, siens: tuple[Essms, ...]) -> Lecture:
    """A legal body receives nothing itself: its establishments do."""
    debut = f"{numero} est le numéro juridique d'un organisme gestionnaire, pas celui d'un établissement"
    if not siens:
        motif = f"{debut} ; le registre ne lui connaît aucun ESSMS ouvert : vérifiez le numéro."
    else:
        noms = [str(essms) for essms in siens[:NOMMES]]
        reste = len(siens) - len(noms)
        suite = en_liste([*noms, f"{reste} autres" if reste > 1 else "un autre"] if reste else noms)
        motif = f"{debut}. Donnez ses numéros géographiques : {suite}."
    return Lecture(saisi=numero, issue=Issue.JURIDIQUE, motif=motif, de_l_og=siens)


def _unknown(numero: str) -> Lecture:
    if has_valid_key(numero):
        cause = "aucun ESSMS ne porte ce numéro : vérifiez qu'il est géographique, et social ou médico-social"
    else:
        cause = "ce numéro n'est pas au registre et sa clé est fausse : un chiffre est sans doute erroné"
    return Lecture(saisi=numero, issue=Issue.INCONNU, motif=f"{numero} : {cause}.")


def _malformed(numero: str) -> Lecture:
    proposition = f"0{numero}" if len(numero) == 8 and has_valid_key(f"0{numero}") else ""
    if proposition:
        cause = f"le zéro du début a été perdu par un tableur. Le numéro est sans doute {proposition}"
    elif SCIENTIFIQUE.fullmatch(numero):
        cause = "un tableur a écrit ce numéro en notation scientifique et perdu des chiffres. Reprenez-le à la source"
    elif len(numero) != 9:
        cause = f"un numéro FINESS a 9 caractères, celui-ci en a {len(numero)}. Reprenez-le à la source"
    else:
        cause = "un numéro FINESS n'a que des chiffres, sauf le A ou le B de la Corse. Reprenez-le à la source"
    return Lecture(saisi=numero, issue=Issue.MAL_FORME, motif=f"{cite(numero)} : {cause}.", proposition=proposition)
