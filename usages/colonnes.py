"""Which column of a file holds which figure; each good row is taken, each bad one comes back with its reason."""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db import transaction

from comptes.models import Utilisateur
from grappes.models import OrganismeGestionnaire
from moteur import horloge
from moteur.erreurs import Code, Refus
from moteur.texte import cite, en_liste
from usages.calcul import COMPTES
from usages.chiffres import LIBELLES, incoherence, parse
from usages.lecture_fichier import Tableau
from usages.models import ColonnesUsages

FINESS = "finess"
CHAMPS = (FINESS, *COMPTES)
#: The headings are looked for in the first rows: exports often open with a title.
ENTETE_MAX = 20
#: Words of a plain heading, the most telling first: each field takes the first column that has one of them.
INDICES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("dossiers_avec_projet", re.compile(r"\bprojets?\b|\bpp\b|\bpap\b")),
    ("dossiers_avec_evenement", re.compile(r"\bevenements?\b")),
    ("dmp_alimentes", re.compile(r"\bdmp\b|mon espace sante")),
    ("messages_mss", re.compile(r"\bmss|\bmessages?\b")),
    ("dossiers_actifs", re.compile(r"\b(dossiers?|dui)( \w+)* actifs?\b")),
    ("personnes", re.compile(r"\bpersonnes?\b|\bresidents?\b|\busagers?\b|\beffectifs?\b|file active")),
    (FINESS, re.compile(r"\bfiness( et| geographique| geo)?$|\bn ?finess et\b|\bfiness geo")),
)


@dataclass(frozen=True, kw_only=True)
class Lecture:
    """A table understood. `entete`: index of its row of headings; `colonnes`: field → index of its column."""

    tableau: Tableau
    entete: int
    colonnes: Mapping[str, int]

    @property
    def entetes(self) -> list[str]:
        return self.tableau.lignes[self.entete]


@dataclass(frozen=True, kw_only=True)
class Rejet:
    """A row that was not taken: its number in the file, and why."""

    numero: int
    finess: str
    raison: str


@dataclass(frozen=True, kw_only=True)
class Reprise:
    """What a table brings. `chiffres`: FINESS → count → text; `vides`: rows of the grappe without any figure."""

    chiffres: Mapping[str, Mapping[str, str]]
    rejets: list[Rejet]
    vides: int


def plain(texte: str) -> str:
    """A heading without accents, case or punctuation: "N° FINESS (géo)" → "n finess geo"."""
    decompose = unicodedata.normalize("NFKD", texte.replace("°", " ").replace("_", " "))
    sans_accent = "".join(lettre for lettre in decompose if not unicodedata.combining(lettre))
    return " ".join(re.findall(r"[a-z0-9]+", sans_accent.lower()))


def understand(tableau: Tableau, connues: Mapping[str, str]) -> Lecture:
    """The headings found, and the column guessed for each field. `connues`: plain heading → field, once confirmed."""
    meilleure = Lecture(tableau=tableau, entete=_first_row(tableau), colonnes={})
    for rang, ligne in enumerate(tableau.lignes[:ENTETE_MAX]):
        devinees = guess(ligne, connues)
        if len(devinees) > len(meilleure.colonnes):
            meilleure = Lecture(tableau=tableau, entete=rang, colonnes=devinees)
    return meilleure


def guess(entetes: list[str], connues: Mapping[str, str]) -> dict[str, int]:
    """Field → column: what this OG confirmed before, then our own names, then the words that tell."""
    lus = [plain(entete) for entete in entetes]
    trouvees: dict[str, int] = {}
    for reconnait in (connues.get, _EXACTS.get):
        for rang, lu in enumerate(lus):
            if (champ := reconnait(lu)) in CHAMPS and champ not in trouvees and rang not in trouvees.values():
                trouvees[champ] = rang
    for champ, motif in INDICES:
        for rang, lu in enumerate(lus):
            if champ not in trouvees and rang not in trouvees.values() and motif.search(lu):
                trouvees[champ] = rang
    return trouvees


def take(lecture: Lecture, grappe: Collection[str]) -> Reprise:
    """What the rows bring to the ESSMS of a grappe. Raises: Refus DONNEES_INVALIDES when no column can be used."""
    if FINESS not in lecture.colonnes or len(lecture.colonnes) < 2:
        raise Refus(
            Code.DONNEES_INVALIDES,
            "Désignez la colonne des numéros FINESS et au moins une colonne de chiffres : sans elles, rien ne peut "
            "être repris.",
        )
    lues = [
        (numero, _number(ligne, lecture.colonnes), _figures(ligne, lecture.colonnes))
        for numero, ligne in enumerate(lecture.tableau.lignes[lecture.entete + 1 :], start=lecture.entete + 2)
        if any(ligne)
    ]
    fois = Counter(finess for _, finess, chiffres in lues if any(chiffres.values()))
    bons: dict[str, Mapping[str, str]] = {}
    rejets, vides = [], 0
    for numero, finess, chiffres in lues:
        if finess in grappe and not any(chiffres.values()):
            vides += 1
        elif raison := _why_not(finess, chiffres, grappe, fois):
            rejets.append(Rejet(numero=numero, finess=finess, raison=raison))
        else:
            bons[finess] = {compte: texte for compte, texte in chiffres.items() if texte}
    return Reprise(chiffres=bons, rejets=rejets, vides=vides)


def known(og: OrganismeGestionnaire) -> Mapping[str, str]:
    """The headings this OG confirmed before: plain heading → field."""
    apprises = ColonnesUsages.objects.filter(og=og).values_list("colonnes", flat=True).first()
    return apprises or {}


@transaction.atomic
def remember(og: OrganismeGestionnaire, par: Utilisateur, lecture: Lecture) -> None:
    """Keep the columns just confirmed, for the next file of this OG."""
    colonnes = {plain(lecture.entetes[rang]): champ for champ, rang in lecture.colonnes.items()}
    colonnes.pop("", None)
    ColonnesUsages.objects.update_or_create(
        og=og, defaults={"colonnes": colonnes, "par": par, "le": horloge.maintenant()}
    )


def _first_row(tableau: Tableau) -> int:
    return next(rang for rang, ligne in enumerate(tableau.lignes) if any(ligne))


def _number(ligne: list[str], colonnes: Mapping[str, int]) -> str:
    """The FINESS number of a row; spreadsheets drop the zero it may begin with."""
    brut = _cell(ligne, colonnes[FINESS]).lstrip("'").replace(" ", "").upper()
    return brut.zfill(9) if re.fullmatch(r"[0-9]{8}", brut) else brut


def _figures(ligne: list[str], colonnes: Mapping[str, int]) -> dict[str, str]:
    return {compte: _cell(ligne, colonnes[compte]) for compte in COMPTES if compte in colonnes}


def _cell(ligne: list[str], rang: int) -> str:
    return ligne[rang] if rang < len(ligne) else ""


def _why_not(finess: str, chiffres: Mapping[str, str], grappe: Collection[str], fois: Counter[str]) -> str:
    """Why a row is not taken; empty when it is."""
    if not finess:
        return "Le numéro FINESS manque : écrivez-le sur chaque ligne, sans fusionner de cellules."
    if finess not in grappe:
        return f"{cite(finess)} n'est pas un ESSMS de cette grappe : vérifiez son numéro FINESS géographique."
    if fois[finess] > 1:
        return f"Cet établissement a {fois[finess]} lignes : gardez-en une seule, rien n'a été repris pour lui."
    lus: dict[str, int] = {}
    fautes = []
    for compte, texte in chiffres.items():
        try:
            lu = parse(texte)
        except ValueError as erreur:
            fautes.append(f"{LIBELLES[compte]} : {erreur}")
        else:
            lus |= {} if lu is None else {compte: lu}
    return en_liste(fautes) or incoherence(lus)


_EXACTS = {plain(nom): nom for nom in CHAMPS} | {plain(libelle): nom for nom, libelle in LIBELLES.items()}
