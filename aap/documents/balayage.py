"""Files that no row names, and rows whose file is gone: the store and the base confronted.

A file is written before the row that names it, so a refusal leaves one behind. What is removed is old, and is judged
once more under the lock of its dossier, which every row that could name it takes first.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from aap.documents.entrepot import erase, holds, listing, weigh
from aap.models import Dossier, PieceFournie, PieceJointe
from moteur import horloge
from moteur.erreurs import Code, Refus

#: A sending takes minutes; a base restored from the day before still finds its files.
AGE = timedelta(days=7)
#: Dossiers whose rows are read together.
LOT = 200
#: What the store of documents writes: a content by its SHA-256, or one that was being written when the machine stopped.
NOTRE = re.compile(r"[0-9a-f]{64}|\.\w+")

Suivi = Callable[[int, int], None]


@dataclass(frozen=True)
class Orphelin:
    """A file that no row named when it was looked for."""

    dossier: int
    nom: str

    @property
    def chemin(self) -> str:
        return f"{self.dossier}/{self.nom}"


@dataclass(kw_only=True)
class Bilan:
    """What a sweep found. `nommes`: files that a row names; `orphelins`: removed, or to be; `recents`: too young to be
    judged; `etrangers`: not ours, left alone; `manquants`: "reference : name (SHA-256)" of the rows whose file is gone.
    """

    simule: bool
    examines: int = 0
    nommes: int = 0
    octets: int = 0
    orphelins: list[str] = field(default_factory=list)
    recents: int = 0
    etrangers: list[str] = field(default_factory=list)
    manquants: list[str] = field(default_factory=list)


def sweep(*, age: timedelta = AGE, simuler: bool = False, suivi: Suivi = lambda fait, total: None) -> Bilan:
    """Confront, then remove. Safe beside sendings and beside another sweep.

    Raises: Refus DONNEES_INVALIDES when this base names no file of this store: it is the base of another one.
    """
    bilan = Bilan(simule=simuler)
    trouves = inspect(bilan, suivi)
    if trouves and not bilan.nommes and not simuler:
        raise Refus(
            Code.DONNEES_INVALIDES,
            "La base ne nomme aucun des fichiers de ce magasin : ce n'est sans doute pas le sien. Vérifiez "
            "DATABASE_URL et PIECES_S3_BUCKET ; rien n'a été supprimé.",
        )
    avant = horloge.reelle() - age
    for orphelin in trouves:
        remove(orphelin, avant, bilan)
    return bilan


def inspect(bilan: Bilan, suivi: Suivi = lambda fait, total: None) -> list[Orphelin]:
    """Note what is missing or foreign; return the files that no row names now. Two queries for 200 dossiers."""
    dossiers, fichiers = listing()
    bilan.etrangers += [*fichiers, *(f"{nom}/" for nom in dossiers if not nom.isdecimal())]
    cles = sorted({int(nom) for nom in dossiers if nom.isdecimal()} | _with_content())
    trouves: list[Orphelin] = []
    for debut in range(0, len(cles), LOT):
        lot = cles[debut : debut + LOT]
        nommes = _named(lot)
        for rang, cle in enumerate(lot, start=debut + 1):
            trouves += _confront(cle, nommes[cle], bilan)
            suivi(rang, len(cles))
    return trouves


def remove(orphelin: Orphelin, avant: datetime, bilan: Bilan) -> None:
    """Remove it if it is older than `avant`, and still named by nobody.

    Locks: the dossier's row, until it is gone. Whoever sends the same content meanwhile waits, then writes it again
    (entrepot.confirm).
    """
    with transaction.atomic():
        Dossier.objects.locked().only("pk").filter(pk=orphelin.dossier).first()
        if _named([orphelin.dossier])[orphelin.dossier].get(orphelin.nom):
            return
        if not holds(orphelin.chemin):
            return  # another sweep was quicker
        ecrit_le, octets = weigh(orphelin.chemin)
        if ecrit_le >= avant:
            bilan.recents += 1
            return
        if not bilan.simule:
            erase(orphelin.chemin)
    bilan.orphelins.append(orphelin.chemin)
    bilan.octets += octets


def _confront(cle: int, nommes: dict[str, str], bilan: Bilan) -> Iterator[Orphelin]:
    """The rows were read first: a file is written before its row, so one that is not there now is gone."""
    sous_dossiers, fichiers = listing(str(cle))
    bilan.etrangers += [f"{cle}/{nom}/" for nom in sous_dossiers]
    bilan.examines += len(fichiers)
    bilan.nommes += len(nommes.keys() & set(fichiers))
    for nom in fichiers:
        if nom not in nommes and NOTRE.fullmatch(nom):
            yield Orphelin(cle, nom)
        elif nom not in nommes:
            bilan.etrangers.append(f"{cle}/{nom}")
    for empreinte in sorted(nommes.keys() - set(fichiers)):
        if not holds(f"{cle}/{empreinte}"):
            bilan.manquants.append(f"{nommes[empreinte]} ({empreinte})")


def _with_content() -> set[int]:
    """Dossiers that have a file to be found."""
    pieces = PieceFournie.objects.exclude(format="").order_by().values_list("dossier", flat=True)
    jointes = PieceJointe.objects.order_by().values_list("message__dossier", flat=True)
    return {*pieces.distinct(), *jointes.distinct()}


def _named(cles: Collection[int]) -> defaultdict[int, dict[str, str]]:
    """By dossier: SHA-256 of each content its rows name → "reference : name of the file"."""
    pieces = PieceFournie.objects.exclude(format="").filter(dossier__in=cles).order_by("pk")
    jointes = PieceJointe.objects.filter(message__dossier__in=cles).order_by("pk")
    lignes: Sequence[tuple[int, str, str, str]] = [
        *pieces.values_list("dossier", "dossier__reference", "empreinte", "nom"),
        *jointes.values_list("message__dossier", "message__dossier__reference", "empreinte", "nom"),
    ]
    nommes: defaultdict[int, dict[str, str]] = defaultdict(dict)
    for dossier, reference, empreinte, nom in lignes:
        nommes[dossier][empreinte] = f"{reference} : {nom}"
    return nommes
