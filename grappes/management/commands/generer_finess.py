import sys
from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from grappes.generation.fichiers import Bilan, Suivi, write_stock
from grappes.generation.stock import Stock
from moteur.commandes import Commande
from moteur.erreurs import Refus

AIDE = """Écrit un répertoire FINESS national fictif, dans le format exact des fichiers publiés.

Pour 35 000 ESSMS : 100 000 établissements environ, les autres étant des pharmacies, hôpitaux, laboratoires…, que
l'import doit écarter. Clés de contrôle valides, 101 départements, toutes les catégories du programme, organismes de
toutes tailles. Noms, adresses et téléphones sont inventés. Une même graine donne toujours les mêmes fichiers.

  python manage.py generer_finess --vers /tmp/finess
  python manage.py generer_finess --essms 200 --graine 7 --vers /tmp/petit --json
  python manage.py importer_finess /tmp/finess/etalab-cs1100501-*.csv /tmp/finess/etalab-cs1100507-*.csv

Trois fichiers : etalab-cs1100501 (organismes), cs1100502 (établissements), cs1100507 (établissements, puis
coordonnées). Avec --json, un quatrième : le fichier quotidien, qui contient aussi des établissements fermés.

Code de sortie : 0 écrit, 2 à corriger (la phrase dit quoi) ; rien n'est alors écrit.
"""
#: The day of the published sample.
LE = date(2026, 5, 12)
MAXIMUM = 100_000


class Command(Commande):
    help = AIDE

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--essms", type=_size, default=35_000, metavar="N", help="nombre d'ESSMS ouverts (35000 par défaut)"
        )
        parser.add_argument("--graine", type=int, default=1, metavar="N", help="graine du hasard (1 par défaut)")
        parser.add_argument("--vers", type=Path, required=True, metavar="DOSSIER", help="où écrire ; créé au besoin")
        parser.add_argument(
            "--date", type=_day, default=LE, metavar="AAAA-MM-JJ", help=f"jour du répertoire ({LE} par défaut)"
        )
        parser.add_argument(
            "--encodage", choices=("utf-8", "cp1252"), default="utf-8", help="encodage des CSV (utf-8 par défaut)"
        )
        parser.add_argument("--json", action="store_true", help="écrit aussi le fichier JSON quotidien")
        parser.add_argument("--force", action="store_true", help="remplace les fichiers déjà présents")

    def handle(self, *args: object, **options: Any) -> None:
        erreurs = Console(stderr=True)
        colonnes = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        try:
            with Progress(*colonnes, console=erreurs, transient=True, disable=not erreurs.is_terminal) as barre:
                bilan = write_stock(
                    Stock(options["essms"], options["graine"], options["date"]),
                    options["vers"],
                    encodage=options["encodage"],
                    as_json=options["json"],
                    force=options["force"],
                    suivi=_follow(barre),
                )
        except Refus as refus:
            self.stderr.write(f"{refus.code} : {refus.message}")
            sys.exit(2)
        self.stdout.write(_sentence(bilan))
        for fichier in bilan.fichiers:
            self.stdout.write(f"  {fichier}")


def _sentence(bilan: Bilan) -> str:
    fermes = f", {bilan.fermes} fermés (JSON seulement)" if any(f.suffix == ".json" for f in bilan.fichiers) else ""
    return f"{bilan.organismes} organismes, {bilan.essms} ESSMS, {bilan.autres} autres établissements{fermes} :"


def _size(texte: str) -> int:
    if not (texte.isdecimal() and 1 <= int(texte) <= MAXIMUM):
        raise ArgumentTypeError(f"« {texte} » : donnez un nombre de 1 à {MAXIMUM}.")
    return int(texte)


def _day(texte: str) -> date:
    try:
        return date.fromisoformat(texte)
    except ValueError as erreur:
        raise ArgumentTypeError(f"« {texte} » n'est pas une date : écrivez AAAA-MM-JJ.") from erreur


def _follow(barre: Progress) -> Suivi:
    tache = barre.add_task("Établissements", total=None)

    def suivi(fait: int, total: int) -> None:
        barre.update(tache, completed=fait, total=total)

    return suivi
