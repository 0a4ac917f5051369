"""Received rows as lines of `COPY finess_recu`, but for their first columns: the file, its date, the rank in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from grappes.finess import has_valid_key
from grappes.lecture_finess.lignes import Etablissement, Ignore, Ligne, Organisme, Position, Rejet
from grappes.tri import Tri, take_all
from moteur.texte import cite

#: What the file does not say.
NUL = "\\N"
ECHAPPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})

#: In the order of the lines below. `genre` chooses the partition.
COLONNES = (
    "fichier", "le", "ligne", "genre", "lieu", "finess", "x", "y", "systeme", "siren", "nom", "nom_long", "adresse",
    "commune", "code_postal", "og", "departement", "categorie", "agregat", "siret", "ouvert_le", "ferme", "ferme_le",
)  # fmt: skip
SANS_POSITION = f"\t{NUL}" * 3
_APRES_SYSTEME = f"\t{NUL}" * 14
_APRES_NOM = f"\t{NUL}" * 12
HORS_DEPARTEMENTS = frozenset({"9E", "9J", "9K", "975", "986", "987", "988"})
HORS_PROGRAMME = Ignore("collectivité d'outre-mer sans agence régionale de santé")
POSITION_SANS_OBJET = Ignore("position d'un établissement qui n'est pas retenu")
ORGANISME_SANS_OBJET = Ignore("organisme sans ESSMS")


@dataclass
class Compte:
    """Rows of one file so far. `tri`: what this file and those before it say of others."""

    lignes: int = 0
    rejets: int = 0
    essms: int = 0
    cles_fausses: int = 0
    tri: Tri = field(default_factory=take_all)

    def add_essms(self, finess: str, og: str) -> None:
        """One more, whose number may have the wrong check digit. Raises: Reprendre."""
        self.tri.add_essms(finess, og)
        self.essms += 1
        self.cles_fausses += not has_valid_key(finess)


def received(lue: Ligne, departements: Mapping[str, str], compte: Compte) -> str | Rejet | Ignore:
    """The line of COPY of a row, or why it is set aside. `departements`: their codes, by those the files use.

    Raises: Reprendre.
    """
    match lue:
        case Position(lieu, finess, x, y, systeme):
            retenue = compte.tri.positions.takes(finess)
            return position_line(lieu, finess, x, y, _text(systeme)) if retenue else POSITION_SANS_OBJET
        case Organisme(lieu, finess, nom, siren):
            retenu = compte.tri.organismes.takes(finess)
            return organisme_line(lieu, finess, _text(nom), siren) if retenu else ORGANISME_SANS_OBJET
        case Etablissement(departement=code) if (departement := departements.get(code)) is not None:
            compte.add_essms(lue.finess, lue.og)
            return _essms(lue, departement)
        case Etablissement(departement=code) if code in HORS_DEPARTEMENTS:
            return HORS_PROGRAMME
        case Etablissement(lieu=lieu, departement=code):
            return Rejet(lieu, f"département {cite(code)} inconnu")
    return lue


def _essms(e: Etablissement, departement: str) -> str:
    place = SANS_POSITION if e.x is None else f"\t{e.x}\t{e.y}\t{_text(e.systeme)}"
    textes = "\t".join(map(_text, (e.nom, e.nom_long, e.adresse, e.commune)))
    suite = (
        e.code_postal, e.og, departement, e.categorie, _text(e.agregat), e.siret, e.ouvert_le or NUL, e.ferme,
        e.ferme_le or NUL,
    )  # fmt: skip
    return essms_line(e.lieu, e.finess, place, textes, "\t".join(map(str, suite)))


def position_line(lieu: str, finess: str, x: object, y: object, systeme: str) -> str:
    return f"position\t{lieu}\t{finess}\t{x}\t{y}\t{systeme}{_APRES_SYSTEME}\n"


def organisme_line(lieu: str, finess: str, nom: str, siren: str) -> str:
    return f"organisme\t{lieu}\t{finess}{SANS_POSITION}\t{siren}\t{nom}{_APRES_NOM}\n"


def essms_line(lieu: str, finess: str, place: str, textes: str, suite: str) -> str:
    """`place`: SANS_POSITION, or a tab and the three columns; `textes`, `suite`: up to the postcode, and from it on."""
    return f"etablissement\t{lieu}\t{finess}{place}\t{NUL}\t{textes}\t{suite}\n"


def _text(valeur: str | None) -> str:
    return NUL if valeur is None else valeur.translate(ECHAPPES)
