"""The whole path of a dossier: what is done and by whom, where it is, what comes and when, the two payments on it.

Pure: it reads acts already told in French and dates already found.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from aap.models import Etat
from instruction.libelles import PHASES, phase
from instruction.recit import Etape

#: Phase → the payment that follows it, and the state in which that payment is the thing awaited.
VERSEMENTS = {5: (1, Etat.CONVENTIONNE), 7: (2, Etat.CIBLES_ATTEINTES)}
NOMS_VERSEMENTS = {1: "Premier versement", 2: "Second versement"}


class Moment(StrEnum):
    """Where a milestone stands."""

    FAIT = "fait"
    EN_COURS = "en_cours"
    A_VENIR = "a_venir"


@dataclass(frozen=True, kw_only=True)
class Acte:
    """A line of the journal. `atteint`: code of the state the dossier came to; None when it stayed where it was."""

    etape: Etape
    atteint: str | None


@dataclass(frozen=True, kw_only=True)
class Moitie:
    """A payment. `phrase`: how much and on what condition; `execute_le`: None until it is made."""

    phrase: str
    execute_le: date | None = None


@dataclass(frozen=True, kw_only=True)
class Jalon:
    """A milestone. `entree`: the act that opened it; `etapes`: all that happened in it, the oldest first.

    `le`: the day a payment was made; `precision`: what is expected and when, or how much, as a sentence.
    """

    nom: str
    moment: Moment
    entree: Etape | None = None
    etapes: list[Etape] = field(default_factory=list)
    le: date | None = None
    precision: str = ""
    versement: bool = False


def timeline(
    actes: Sequence[Acte], etat: str, attendus: Mapping[int, str], moities: Mapping[int, Moitie]
) -> list[Jalon]:
    """The milestones of a dossier, in their order.

    `actes`: the oldest first; `attendus`: phase → what is expected of it, by when; `moities`: rank → payment.
    A dossier that left the path shows how far it went and how it ended: nothing more is to come.
    """
    chemin = _walk(actes)
    jalons = list(_phases(chemin, etat, attendus, moities))
    if phase(etat) is None:
        jalons.append(_ending(actes, etat))
    return jalons


@dataclass(kw_only=True)
class _Chemin:
    """Phase reached so far, the acts of each phase, and the act that last opened each."""

    courante: int = 1
    actes: dict[int, list[Etape]] = field(default_factory=dict)
    entrees: dict[int, Etape] = field(default_factory=dict)


def _walk(actes: Sequence[Acte]) -> _Chemin:
    chemin = _Chemin()
    for acte in actes:
        atteinte = phase(acte.atteint) if acte.atteint else None
        if atteinte and (atteinte != chemin.courante or atteinte not in chemin.entrees):
            chemin.courante, chemin.entrees[atteinte] = atteinte, acte.etape
        chemin.actes.setdefault(chemin.courante, []).append(acte.etape)
    return chemin


def _phases(chemin: _Chemin, etat: str, attendus: Mapping[int, str], moities: Mapping[int, Moitie]) -> Iterator[Jalon]:
    for rang, (nom, _) in enumerate(PHASES, start=1):
        moment = _moment(rang, etat, chemin)
        if moment is not None:
            faite = moment is Moment.FAIT
            yield Jalon(
                nom=nom, moment=moment, precision="" if faite else attendus.get(rang, ""),
                entree=None if moment is Moment.A_VENIR else chemin.entrees.get(rang),
                etapes=[] if moment is Moment.A_VENIR else chemin.actes.get(rang, []),
            )  # fmt: skip
        if rang in VERSEMENTS:
            yield from _payment(*VERSEMENTS[rang], etat, moities)


def _moment(rang: int, etat: str, chemin: _Chemin) -> Moment | None:
    """Where a phase stands; None for one the dossier never went through, and never will."""
    actuelle = phase(etat)
    if actuelle is None or etat == Etat.CLOS:
        return Moment.FAIT if rang == 1 or rang in chemin.entrees else None
    if rang < actuelle or (rang in VERSEMENTS and etat == VERSEMENTS[rang][1]):
        return Moment.FAIT
    return Moment.EN_COURS if rang == actuelle else Moment.A_VENIR


def _payment(rang: int, attendu_en: Etat, etat: str, moities: Mapping[int, Moitie]) -> Iterator[Jalon]:
    """A payment, unless it never was and never will be made."""
    moitie = moities.get(rang)
    if moitie and moitie.execute_le:
        moment = Moment.FAIT
    elif phase(etat) is None or etat == Etat.CLOS:
        return
    else:
        moment = Moment.EN_COURS if etat == attendu_en else Moment.A_VENIR
    yield Jalon(
        nom=NOMS_VERSEMENTS[rang], moment=moment, versement=True, precision=moitie.phrase if moitie else "",
        le=moitie.execute_le if moitie else None,
    )  # fmt: skip


def _ending(actes: Sequence[Acte], etat: str) -> Jalon:
    """How a dossier left the path."""
    entree = next((acte.etape for acte in reversed(actes) if acte.atteint == etat), None)
    moment = Moment.EN_COURS if etat == Etat.EN_REVERSEMENT else Moment.FAIT
    return Jalon(nom=Etat(etat).label, moment=moment, entree=entree)
