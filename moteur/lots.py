"""Batches: rows from outside, each judged alone. What is right goes in, the rest comes back with its reasons.

Simulated or real, the same judge runs on the same rows in the same order, so both give the same verdicts.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self, TypeVar

from django.db import connection, transaction

from moteur.contraintes import traduire
from moteur.erreurs import Refus

T = TypeVar("T")
Suivi = Callable[[int], object]


class Issue(StrEnum):
    """What became of a row."""

    IMPORTE = "importe"
    MODIFIE = "modifie"
    INCHANGE = "inchange"
    REJETE = "rejete"


@dataclass(frozen=True, kw_only=True)
class Faute:
    """One reason: where in the row ("grappe.essms[3].nom"), what to do about it, and the code of the refusal."""

    chemin: str
    message: str
    code: str = "DONNEES_INVALIDES"

    def as_dict(self) -> dict[str, str]:
        return {"chemin": self.chemin, "message": self.message, "code": self.code}


class Rejet(Exception):  # noqa: N818 - a verdict, not an error
    """A row is rejected, for all these reasons at once."""

    def __init__(self, fautes: Iterable[Faute]) -> None:
        self.fautes = tuple(fautes)
        super().__init__("; ".join(faute.message for faute in self.fautes))


@dataclass(frozen=True, kw_only=True)
class Jugement:
    """The verdict on one row. `rang`: from 1, in the file. `avertissements`: to read, they stop nothing."""

    rang: int
    identifiant: str
    issue: Issue
    fautes: tuple[Faute, ...] = ()
    avertissements: tuple[str, ...] = ()
    resultat: str = ""

    def as_dict(self) -> dict[str, Any]:
        return {
            "rang": self.rang,
            "identifiant": self.identifiant,
            "issue": self.issue.value,
            "resultat": self.resultat,
            "fautes": [faute.as_dict() for faute in self.fautes],
            "avertissements": list(self.avertissements),
        }

    @classmethod
    def from_dict(cls, donnees: Mapping[str, Any]) -> Self:
        """Rebuild from `as_dict`."""
        fautes = tuple(Faute(**faute) for faute in donnees["fautes"])
        lus = {"issue": Issue(donnees["issue"]), "fautes": fautes, "avertissements": tuple(donnees["avertissements"])}
        return cls(**{**donnees, **lus})


@dataclass(frozen=True, kw_only=True)
class Accueil:
    """What a judge says of a row it let in. `resultat`: what it became, e.g. the reference of the dossier."""

    issue: Issue
    resultat: str = ""
    avertissements: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class BilanLot:
    """What became of a batch."""

    simule: bool
    jugements: list[Jugement] = field(default_factory=list)

    @property
    def rejetes(self) -> list[Jugement]:
        return [un for un in self.jugements if un.issue is Issue.REJETE]

    def counts(self) -> dict[str, int]:
        """How many of each issue, all of them named."""
        comptes = Counter(un.issue.value for un in self.jugements)
        return {issue.value: comptes[issue.value] for issue in Issue}

    def as_dict(self) -> dict[str, Any]:
        return {"simule": self.simule, **self.counts(), "verdicts": [un.as_dict() for un in self.jugements]}

    @classmethod
    def from_dict(cls, donnees: Mapping[str, Any]) -> Self:
        """Rebuild from `as_dict`."""
        return cls(simule=donnees["simule"], jugements=[Jugement.from_dict(un) for un in donnees["verdicts"]])


def treat(
    lignes: Iterable[T],
    juger: Callable[[T], Accueil],
    *,
    identifier: Callable[[T], str],
    simuler: bool = False,
    suivi: Suivi = lambda fait: None,
) -> BilanLot:
    """Judge each row in a transaction of its own; with `simuler`, keep nothing of any.

    `juger` writes what it lets in, and raises `Rejet` or `Refus` for what it does not.
    """
    bilan = BilanLot(simule=simuler)
    with _undone() if simuler else nullcontext():
        for rang, ligne in enumerate(lignes, start=1):
            bilan.jugements.append(_judge(rang, ligne, juger, identifier(ligne)))
            suivi(rang)
    return bilan


@contextmanager
def _undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _judge(rang: int, ligne: T, juger: Callable[[T], Accueil], identifiant: str) -> Jugement:
    try:
        with traduire(), transaction.atomic():
            accueil = juger(ligne)
            _check_deferred()
    except Rejet as rejet:
        return Jugement(rang=rang, identifiant=identifiant, issue=Issue.REJETE, fautes=rejet.fautes)
    except Refus as refus:
        chemin = str(refus.details.get("chemin", ""))
        faute = Faute(chemin=chemin, message=refus.message, code=refus.code.value)
        return Jugement(rang=rang, identifiant=identifiant, issue=Issue.REJETE, fautes=(faute,))
    return Jugement(
        rang=rang,
        identifiant=identifiant,
        issue=accueil.issue,
        resultat=accueil.resultat,
        avertissements=accueil.avertissements,
    )


def _check_deferred() -> None:
    """What the database checks at commit is checked now: a simulation never commits."""
    with connection.cursor() as curseur:
        curseur.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
