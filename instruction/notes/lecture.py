"""Internal notes as pages show them, and what it takes to write one."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator

from aap.models import Dossier, Mention, Note
from aap.notes import TEXTE_MAX, Collegue, by_person, colleagues
from comptes.models import Affectation, Utilisateur
from instruction.regard import Regard

PAR_PAGE = 25


@dataclass(frozen=True, kw_only=True)
class NoteLue:
    """`pour_moi`: the reader is named in it."""

    note: Note
    mentions: list[Utilisateur]
    pour_moi: bool


@dataclass(frozen=True, kw_only=True)
class Saisie:
    """What was typed, given back as it was after a refusal."""

    texte: str = ""
    mentions: frozenset[int] = frozenset()
    partagee: bool = False


@dataclass(frozen=True, kw_only=True)
class Carnet:
    """The notes a reader may read, the latest first. `collegues`: whom she may name, empty when she only reads."""

    notes: list[NoteLue]
    ecrit: bool
    collegues: list[Collegue]
    texte_max: int = TEXTE_MAX


def last(
    notes: Sequence[Note], mentions: Sequence[Mention], tenues: Sequence[Affectation], regard: Regard
) -> Carnet | None:
    """The last notes, already read; None for who may read none. `tenues`: the roles of who may be named."""
    if not (notes or regard.agence):
        return None
    par_note: dict[int, list[Utilisateur]] = defaultdict(list)
    for mention in mentions:
        par_note[mention.note_id].append(mention.personne)
    return Carnet(
        notes=[_read(note, par_note[note.pk], regard.lecteur) for note in notes],
        ecrit=regard.agence,
        collegues=_others(by_person(tenues), regard),
    )


def page(dossier: Dossier, regard: Regard, jour: date, numero: str | None) -> "tuple[Carnet, Page[Any]]":
    """A page of all the notes she may read."""
    toutes = Note.objects.visible_to(regard.lecteur, jour).filter(dossier=dossier).select_related("auteur")
    pages = Paginator(toutes.prefetch_related("mentions__personne").order_by("-rang"), PAR_PAGE)
    lue = pages.get_page(numero)
    lue.pages_list = pages.get_elided_page_range(lue.number)  # type: ignore[attr-defined]  # read by the component
    notes = [_read(note, [une.personne for une in note.mentions.all()], regard.lecteur) for note in lue]
    autres = _others(colleagues(dossier, jour) if regard.agence else [], regard)
    return Carnet(notes=notes, ecrit=regard.agence, collegues=autres), lue


def _read(note: Note, mentions: list[Utilisateur], lecteur: Utilisateur) -> NoteLue:
    return NoteLue(note=note, mentions=mentions, pour_moi=lecteur in mentions)


def _others(collegues: Sequence[Collegue], regard: Regard) -> list[Collegue]:
    return [un for un in collegues if un.personne != regard.lecteur] if regard.agence else []
