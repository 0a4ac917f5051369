"""The documents of a dossier, as a list and one by one: what is asked, what was given, how it can be shown."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from operator import attrgetter
from typing import IO

from aap.documents.inerte import is_inert
from aap.models import Dossier, Etat, Format, PieceFournie
from aap.regles import Piece
from aap.services import AUTRE
from moteur.texte import INSECABLE

#: How much of a text is shown in place; the rest is read by downloading it.
TEXTE_MONTRE = 200_000


class Apercu(StrEnum):
    """How a document is shown in place."""

    IMAGE = "image"
    PDF = "pdf"
    TEXTE = "texte"
    FORMULAIRE = "formulaire"
    AUCUN = ""


APERCUS: Mapping[str, Apercu] = {
    Format.PNG: Apercu.IMAGE,
    Format.JPEG: Apercu.IMAGE,
    Format.PDF: Apercu.PDF,
    Format.TXT: Apercu.TEXTE,
    Format.CSV: Apercu.TEXTE,
    Format.JSON: Apercu.FORMULAIRE,
}


@dataclass(frozen=True, kw_only=True)
class Version:
    """One file. `rang`: from 1, the first given; `apercu`: how it is shown, empty when it can only be kept."""

    piece: PieceFournie
    rang: int
    apercu: str


@dataclass(frozen=True, kw_only=True)
class Document:
    """A document asked for, or given unasked. `versions`: the last given first."""

    code: str
    libelle: str
    obligatoire: bool
    versions: list[Version]

    @property
    def courante(self) -> Version | None:
        return self.versions[0] if self.versions else None

    @property
    def anciennes(self) -> list[Version]:
        return self.versions[1:]

    @property
    def manque(self) -> bool:
        return self.obligatoire and not self.versions


def listed(dossier: Dossier, requises: Iterable[Piece]) -> list[Document]:
    """Each document asked for or given, in the order of the rule set; those nobody asked for are each one. No query.

    `requises`: what is due at filing. The pieces of `dossier` are loaded.
    """
    versions: dict[str, list[PieceFournie]] = {}
    for piece in _handed_in(dossier):
        versions.setdefault(f"{AUTRE}:{piece.pk}" if piece.code == AUTRE else piece.code, []).append(piece)
    dues = {piece.code for piece in requises}
    connues = {piece.code: piece for piece in dossier.aap.regles.pieces if piece.code in dues | versions.keys()}
    codes = [*connues, *sorted(versions.keys() - connues.keys())]
    return [
        Document(
            code=code,
            libelle=connues[code].libelle if code in connues else "Autre document",
            obligatoire=code in dues and connues[code].obligatoire,
            versions=_versions(versions.get(code, [])),
        )
        for code in codes
    ]


def _handed_in(dossier: Dossier) -> list[PieceFournie]:
    """Its documents; those of an answer to complements only once it is given."""
    pieces = list(dossier.pieces.all())
    if dossier.etat != Etat.A_COMPLETER:
        return pieces
    demandes = sorted(dossier.demandes_complements.all(), key=attrgetter("pk"))
    return [piece for piece in pieces if piece.pk <= demandes[-1].derniere_piece] if demandes else pieces


def said(documents: Iterable[Document]) -> str:
    """The documents as one sentence."""
    tous = list(documents)
    fournis = sum(1 for un in tous if un.versions)
    manquent = sum(1 for un in tous if un.manque)
    phrase = f"{fournis}{INSECABLE}{'documents fournis' if fournis > 1 else 'document fourni'}"
    if manquent:
        return f"{phrase}, {manquent}{INSECABLE}{'obligatoires manquent' if manquent > 1 else 'obligatoire manque'}."
    return f"{phrase}, aucun obligatoire ne manque."


def kind(piece: PieceFournie) -> Apercu:
    return APERCUS.get(piece.format, Apercu.AUCUN)


def is_showable(contenu: IO[bytes], piece: PieceFournie) -> bool:
    """Whether a frame may show this content: an image, or a PDF in which nothing acts."""
    if kind(piece) is Apercu.IMAGE:
        return True
    if kind(piece) is not Apercu.PDF:
        return False
    inerte = is_inert(contenu)
    contenu.seek(0)
    return inerte


def as_text(contenu: IO[bytes]) -> tuple[str, bool]:
    """The beginning of a text, and whether that is all of it."""
    octets = contenu.read(TEXTE_MONTRE + 1)
    debut = octets[:TEXTE_MONTRE]
    try:
        texte = debut.decode("utf-8-sig")
    except UnicodeDecodeError as erreur:
        coupe = erreur.start > len(debut) - 4 and len(octets) > TEXTE_MONTRE
        texte = debut[: erreur.start].decode("utf-8-sig") if coupe else debut.decode("cp1252", errors="replace")
    return texte, len(octets) <= TEXTE_MONTRE


def _versions(pieces: list[PieceFournie]) -> list[Version]:
    """`pieces`: the last given first."""
    return [
        Version(piece=piece, rang=len(pieces) - rang, apercu=kind(piece).value) for rang, piece in enumerate(pieces)
    ]
