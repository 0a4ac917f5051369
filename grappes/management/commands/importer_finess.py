import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from grappes.importation import Bilan, Suivi, import_files
from moteur.base import ensure_ready
from moteur.commandes import Commande
from moteur.erreurs import Refus

AIDE = """Met le registre des OG et des ESSMS à jour d'après des fichiers FINESS, tels que publiés.

Fichiers reconnus : le stock de data.gouv.fr (« cs1100501 », « cs1100502 », « cs1100507 ») et le JSON quotidien
« finess-structures-journalier-… », compressés ou non. Donnez ensemble celui des établissements et celui des organismes.

  python manage.py importer_finess etalab-cs1100507-stock.csv etalab-cs1100501-stock.csv
  python manage.py importer_finess finess-structures-journalier-20261122.json.gz
  python manage.py importer_finess fixtures/finess/etalab-cs1100502-echantillon.csv --json | jq .ignores

Tout est importé, ou rien : un fichier abîmé est refusé en entier, une ligne fautive est rejetée seule et rapportée.
Recommencer ne change rien. Ce qui change est daté et gardé ; rien n'est écrasé sans trace.

Code de sortie : 0 importé, 1 refusé (un autre import est en cours), 2 fichier à corriger (la phrase dit où).
"""
REJETS_MONTRES = 20


class Command(Commande):
    help = AIDE

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("fichiers", type=Path, nargs="+", metavar="FICHIER", help="les fichiers à lire ensemble")
        parser.add_argument("--json", action="store_true", help="écrit le bilan en JSON sur la sortie standard")

    def handle(self, *args: object, **options: Any) -> None:
        console = Console(stderr=True)
        colonnes = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
        try:
            ensure_ready()
            with Progress(*colonnes, console=console, transient=True, disable=not console.is_terminal) as barre:
                bilan = import_files(options["fichiers"], _follow(barre))
        except Refus as refus:
            self.refuse(refus, as_json=options["json"])
        if options["json"]:
            self.stdout.write(json.dumps(bilan.as_dict(), ensure_ascii=False, indent=1))
        else:
            show(bilan, Console(file=self.stdout))  # type: ignore[arg-type]


def show(bilan: Bilan, console: Console) -> None:
    """What the import did, as tables, for people."""
    for fichier in bilan.fichiers:
        console.print(
            f"{fichier['nom']} : {fichier['lignes']} lignes, {fichier['encodage']}, daté du {fichier['date']}"
        )
    table = Table("", "Créés", "Modifiés", "Fermés", "Rouverts", "Inchangés")
    vus = (bilan.crees, bilan.modifies, bilan.fermes, bilan.rouverts, bilan.inchanges)
    table.add_row("ESSMS", *map(str, vus))
    table.add_row("OG", str(bilan.og_crees), str(bilan.og_modifies), "", "", "")
    console.print(table)
    if bilan.ignores:
        ignores = Table("Ignorées", "Pourquoi")
        for motif, nombre in sorted(bilan.ignores.items(), key=lambda paire: -paire[1]):
            ignores.add_row(str(nombre), motif)
        console.print(ignores)
    if bilan.rejets:
        rejets = Table("Fichier", "Ligne rejetée", "Pourquoi")
        for rejet in bilan.rejets[:REJETS_MONTRES]:
            rejets.add_row(rejet["fichier"], rejet["lieu"], rejet["motif"])
        console.print(rejets)
    if len(bilan.rejets) > REJETS_MONTRES:
        console.print(f"… et {len(bilan.rejets) - REJETS_MONTRES} autres : --json les donne toutes.")
    for avertissement in bilan.avertissements:
        console.print(f"⚠ {avertissement}")


def _follow(barre: Progress) -> Suivi:
    tache = barre.add_task("Registre FINESS", total=None)

    def suivi(fait: int, total: int) -> None:
        barre.update(tache, completed=fait, total=total)

    return suivi
