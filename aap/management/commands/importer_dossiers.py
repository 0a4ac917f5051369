import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from aap.reception.importation import Accueillir, import_file, receive_as_it_is, rejects, simulate_for_all
from aap.reception.lecture import read_file
from aap.reception.schema import Fichier
from comptes.models import Utilisateur
from moteur.base import ensure_ready
from moteur.commandes import Commande
from moteur.erreurs import Code, Refus
from moteur.fichiers import to_json
from moteur.lots import BilanLot, Suivi
from moteur.texte import cite

AIDE = """Importe des dossiers reçus dans un fichier JSON (format : docs/echange/README.md).

Chaque dossier est jugé seul : ceux qui sont valables entrent comme brouillons, les autres sont rendus avec leurs motifs
dans un fichier du même format, à corriger et à renvoyer tel quel. Recommencer ne change rien.

  python manage.py importer_dossiers envoi.json --simuler
  python manage.py importer_dossiers envoi.json --par m.durand
  python manage.py importer_dossiers envoi.rejets.json --par m.durand

--par nomme la personne qui importe : ses droits s'appliquent et le journal la nomme. Sans elle, --simuler juge les
dossiers sans juger les droits.

Code de sortie : 0 tout est entré, 1 des dossiers sont refusés, 2 fichier ou commande à corriger (la phrase dit quoi).
"""
REJETS_MONTRES = 20


@dataclass(frozen=True)
class Envoi:
    """What is to be imported. `rendre`: the refused ones, as a file to correct; `dire`: the verdicts, for programs;
    `montrer`: what people are shown before them."""

    fichier: Fichier
    rendre: Callable[[BilanLot], dict[str, Any]]
    accueillir: Accueillir = receive_as_it_is
    dire: Callable[[BilanLot], dict[str, Any]] = BilanLot.as_dict
    montrer: Callable[[BilanLot, Console], None] = lambda bilan, console: None


class Command(Commande):
    help = AIDE

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("fichier", type=Path, metavar="FICHIER.json", help="les dossiers à importer")
        parser.add_argument("--par", metavar="IDENTIFIANT", default="", help="la personne qui importe")
        parser.add_argument("--simuler", action="store_true", help="rend les mêmes verdicts sans rien garder")
        parser.add_argument("--json", action="store_true", help="écrit le bilan en JSON sur la sortie standard")
        parser.add_argument(
            "--rejets", type=Path, metavar="FICHIER", help="où écrire les dossiers refusés (FICHIER.rejets.json)"
        )

    def handle(self, *args: object, **options: Any) -> None:
        try:
            ensure_ready()
            personne = person(options["par"], simuler=options["simuler"])
            envoi = self.read(options)
            with new_file(rejects_path(options)) as rejets:
                bilan = _import(envoi, personne, simuler=options["simuler"])
                if rejets is not None and bilan.rejetes:
                    rejets.write(to_json(envoi.rendre(bilan)))
        except Refus as refus:
            self.refuse(refus, as_json=options["json"])
        if options["json"]:
            self.stdout.write(to_json(envoi.dire(bilan)).decode())
        else:
            console = Console(file=self.stdout, markup=False, highlight=False)  # type: ignore[arg-type]
            envoi.montrer(bilan, console)
            show(bilan, rejects_path(options) if bilan.rejetes else None, console)
        if bilan.rejetes:
            sys.exit(1)

    def read(self, options: dict[str, Any]) -> Envoi:
        """Raises: Refus DONNEES_INVALIDES."""
        fichier = read_file(options["fichier"])
        return Envoi(fichier, rendre=partial(rejects, fichier))


def show(bilan: BilanLot, rejets: Path | None, console: Console) -> None:
    """The verdicts as tables, for people. `rejets`: where the refused ones were written."""
    comptes = bilan.counts()
    table = Table("Importés", "Modifiés", "Inchangés", "Refusés", title="Simulation" if bilan.simule else None)
    table.add_row(*(str(comptes[nom]) for nom in ("importe", "modifie", "inchange", "rejete")))
    console.print(table)
    if bilan.rejetes:
        motifs = Table("N°", "Dossier", "Où", "Pourquoi, et que faire")
        for refuse in bilan.rejetes[:REJETS_MONTRES]:
            for faute in refuse.fautes:
                motifs.add_row(str(refuse.rang), refuse.identifiant, faute.chemin, faute.message)
        console.print(motifs)
    if len(bilan.rejetes) > REJETS_MONTRES:
        console.print(f"… et {len(bilan.rejetes) - REJETS_MONTRES} autres dossiers refusés : --json les donne tous.")
    for jugement in bilan.jugements:
        for avertissement in jugement.avertissements:
            console.print(f"⚠ {jugement.identifiant} : {avertissement}")
    if rejets is not None:
        console.print(f"Dossiers refusés : {rejets}. Corrigez-les là, puis importez ce fichier.")


def person(identifiant: str, *, simuler: bool) -> Utilisateur | None:
    """Raises: Refus DONNEES_INVALIDES when nobody is named, or nobody bears that name."""
    if not identifiant and simuler:
        return None
    personne = Utilisateur.objects.filter(username=identifiant, is_active=True).first()
    if personne is None:
        quoi = f"{cite(identifiant)} n'est le compte de personne" if identifiant else "Un import a un auteur"
        raise Refus(Code.DONNEES_INVALIDES, f"{quoi} : donnez --par IDENTIFIANT, ou essayez avec --simuler.")
    return personne


def rejects_path(options: dict[str, Any]) -> Path | None:
    """Where the refused records go; a simulation writes no file unless one is named."""
    nomme: Path | None = options["rejets"]
    if nomme is not None or options["simuler"]:
        return nomme
    fichier: Path = options["fichier"]
    return fichier.with_suffix(".rejets.json")


@contextmanager
def new_file(chemin: Path | None) -> Iterator[IO[bytes] | None]:
    """A new file (or an empty one, left by an import that was killed), made before anything is imported.

    Nothing written in it, it is gone again. Raises: Refus DONNEES_INVALIDES when it exists, or cannot be written.
    """
    if chemin is None:
        yield None
        return
    try:
        flux = chemin.open("wb" if chemin.is_file() and not chemin.stat().st_size else "xb")
    except FileExistsError:
        raise Refus(
            Code.DONNEES_INVALIDES, f"{chemin} existe déjà : déplacez-le, ou donnez un autre nom avec --rejets."
        ) from None
    except OSError:
        raise Refus(
            Code.DONNEES_INVALIDES, f"{chemin} ne peut être écrit : donnez un autre endroit avec --rejets."
        ) from None
    try:
        with flux:
            yield flux
    finally:
        if not chemin.stat().st_size:
            chemin.unlink()


def _import(envoi: Envoi, personne: Utilisateur | None, *, simuler: bool) -> BilanLot:
    console = Console(stderr=True)
    colonnes = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*colonnes, console=console, transient=True, disable=not console.is_terminal) as barre:
        suivi = _follow(barre, len(envoi.fichier.dossiers))
        if personne is None:
            return simulate_for_all(envoi.fichier, suivi, envoi.accueillir)
        return import_file(envoi.fichier, personne, simuler=simuler, suivi=suivi, accueillir=envoi.accueillir)


def _follow(barre: Progress, total: int) -> Suivi:
    tache = barre.add_task("Dossiers", total=total)
    return lambda fait: barre.update(tache, completed=fait)
