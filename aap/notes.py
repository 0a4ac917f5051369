"""What the agency writes for itself about a dossier, and whom it names there. Nothing is changed or removed."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import Annotated

from django.db.models import Q, QuerySet
from pydantic import Field, PlainSerializer, StringConstraints

from aap.models import Dossier, Etat, Mention, Note
from comptes.models import Affectation, Utilisateur
from comptes.roles import AGENCE, Role
from grappes.models import Interet
from moteur import horloge
from moteur.erreurs import Code, Refus
from moteur.machine import Acteur, Passage
from moteur.porte import acte
from moteur.texte import cite

#: Characters of a note, and people named in it.
TEXTE_MAX = 10_000
MENTIONS_MAX = 10
#: Within this time, the same note again is a second click.
DEUX_CLICS = timedelta(seconds=30)
#: "@prenom.nom", at the start of a word: an e-mail address is not one, nor the full stop that ends a sentence.
ARROBE = re.compile(r"(?<![\w.@-])@([\w-]+(?:\.[\w-]+)+)")

TexteNote = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=TEXTE_MAX),
    PlainSerializer(lambda texte: sha256(texte.encode()).hexdigest(), when_used="json"),
]
Mentions = Annotated[tuple[Annotated[int, Field(ge=1, strict=True)], ...], Field(max_length=MENTIONS_MAX)]


@dataclass(frozen=True, kw_only=True)
class Collegue:
    """Somebody who may read the notes of a dossier. `grades`: those only that are shared."""

    personne: Utilisateur
    grades: bool

    @property
    def arrobe(self) -> str:
        """How she is named in a note: "prenom.nom", else what she signs in with."""
        nom = f"{self.personne.first_name}.{self.personne.last_name}" if self.personne.last_name else ""
        return plain(nom or self.personne.username)


@acte(Dossier, "Écrire une note interne", dans=frozenset(Etat), par=AGENCE)
def ecrire_note(
    dossier: Dossier, passage: Passage, *, texte: TexteNote, mentions: Mentions = (), partagee: bool = False
) -> Note:
    """Write for one's colleagues, in any state. The journal holds the SHA-256 of the text in its place.

    `mentions`: keys of people who may read it, each told of it. Locks: the dossier's row, by the door, so that ranks
    follow each other. Raises: Refus DONNEES_INVALIDES.
    """
    derniere = dossier.notes.order_by("-rang").first()
    if derniere and _is_written_twice(derniere, passage, texte):
        raise Refus(Code.DONNEES_INVALIDES, "Cette note vient d'être écrite : il n'y a rien à refaire.")
    _check_readers(dossier, mentions, passage.jour, partagee=partagee)
    note = Note.objects.create(
        dossier=dossier, rang=derniere.rang + 1 if derniere else 1, auteur_id=passage.par.pk, texte=texte,
        partagee=partagee, ecrite_le=passage.le,
    )  # fmt: skip
    Mention.objects.bulk_create(Mention(note=note, personne_id=cle) for cle in sorted(set(mentions)))
    return note


def write(dossier: Dossier, par: Acteur, *, texte: str, mentions: Collection[int], partagee: bool) -> Note:
    """Write a note whose text may name people too (@prenom.nom). Raises: Refus, nothing written; it says what to do."""
    if not texte.strip():
        raise Refus(Code.DONNEES_INVALIDES, "Cette note est vide : écrivez ce que vos collègues doivent savoir.")
    if len(texte.strip()) > TEXTE_MAX:
        raise Refus(
            Code.DONNEES_INVALIDES,
            f"Cette note a {len(texte.strip())} caractères : {TEXTE_MAX} au plus. Raccourcissez-la.",
            longueur=len(texte.strip()), maximum=TEXTE_MAX,
        )  # fmt: skip
    nommes = named(texte, colleagues(dossier, horloge.aujourdhui()))
    cles = sorted({*mentions, *nommes})
    note: Note = ecrire_note(dossier, par, texte=texte, mentions=cles, partagee=partagee)
    return note


def colleagues(dossier: Dossier, jour: date) -> list[Collegue]:
    """Who may read the notes of this dossier that day, by name, but those whom an interest shuts out. One query."""
    return by_person(holding(dossier, jour).select_related("utilisateur"))


def holding(dossier: Dossier, jour: date) -> "QuerySet[Affectation]":
    """The roles that let people read them, by name."""
    region = dossier.aap.region_id
    ici = Q(region=region) if region else Q(region__isnull=True)
    exclus = Interet.objects.en_vigueur(jour).touching(dossier.grappe_id).values("personne")
    tenues = (
        Affectation.objects.valides_le(jour)
        .filter(ici, role__in=[*AGENCE, Role.CONSEILLER_GRADES], utilisateur__is_active=True)
        .exclude(utilisateur__in=exclus)
    )
    return tenues.order_by("utilisateur__last_name", "utilisateur__username")


def by_person(tenues: Iterable[Affectation]) -> list[Collegue]:
    """Each person once, in that order; who holds each role is loaded."""
    roles: dict[Utilisateur, set[str]] = defaultdict(set)
    for une in tenues:
        roles[une.utilisateur].add(une.role)
    return [Collegue(personne=qui, grades=siens.isdisjoint(AGENCE)) for qui, siens in roles.items()]


def named(texte: str, collegues: Iterable[Collegue]) -> list[int]:
    """Keys of the people this text names. Raises: Refus DONNEES_INVALIDES for a name nobody has, or several have."""
    par_nom: dict[str, list[int]] = defaultdict(list)
    for collegue in collegues:
        par_nom[collegue.arrobe].append(collegue.personne.pk)
        if (identifiant := plain(collegue.personne.username)) != collegue.arrobe:
            par_nom[identifiant].append(collegue.personne.pk)
    return [_only(nom, par_nom) for nom in dict.fromkeys(ARROBE.findall(texte))]


def plain(nom: str) -> str:
    """Lower case, without accents, words joined: "Hélène.de Rivière" is helene.de-riviere."""
    nu = unicodedata.normalize("NFKD", nom.casefold())
    return re.sub(r"\s+", "-", "".join(un for un in nu if not unicodedata.combining(un)).strip())


def _only(nom: str, par_nom: Mapping[str, Sequence[int]]) -> int:
    trouves = par_nom.get(plain(nom), ())
    if len(trouves) == 1:
        return trouves[0]
    quoi = "plusieurs personnes portent ce nom" if trouves else "personne de ce nom ne lit les notes de ce dossier"
    raise Refus(
        Code.DONNEES_INVALIDES,
        f"{cite(f'@{nom}')} : {quoi}. Choisissez dans la liste, ou retirez l'arrobase.",
        mention=nom,
    )


def _check_readers(dossier: Dossier, mentions: Collection[int], jour: date, *, partagee: bool) -> None:
    """Nobody is told of what she may not read."""
    if not mentions:
        return
    lisent = {un.personne.pk: un for un in colleagues(dossier, jour)}
    if inconnus := sorted(set(mentions) - lisent.keys()):
        raise Refus(
            Code.DONNEES_INVALIDES,
            "Une personne mentionnée ne lit pas les notes de ce dossier : choisissez-la dans la liste.",
            personnes=inconnus,
        )
    if conseillers := [lisent[cle].personne for cle in mentions if lisent[cle].grades and not partagee]:
        raise Refus(
            Code.DONNEES_INVALIDES,
            f"{conseillers[0]} conseille pour le GRADeS : cochez « Partager avec le GRADeS » pour le mentionner.",
            personnes=[un.pk for un in conseillers],
        )


def _is_written_twice(derniere: Note, passage: Passage, texte: str) -> bool:
    """The same words by the same person at once: the button was pressed twice."""
    memes = (derniere.auteur_id, derniere.texte) == (passage.par.pk, texte)
    return memes and passage.le - derniere.ecrite_le <= DEUX_CLICS
