import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from instruction.bilan import Bilan
from instruction.rejeu import Suivi, actions, play
from instruction.scenario import PASSER, read_file
from moteur.base import ensure_ready
from moteur.commandes import Commande
from moteur.erreurs import Refus

AIDE = """Joue une campagne entière, décrite en JSON, par les mêmes portes que les écrans.

Sans --garder, rien ne reste : tout est défait à la fin, et d'autres rejeux peuvent tourner en même temps.
Un événement refusé est rapporté (code et phrase) et le rejeu continue.

  python manage.py rejouer fixtures/scenarios/succes.json
  python manage.py rejouer fixtures/scenarios/succes.json --json | jq .dossiers.D1.etat
  python manage.py rejouer ma-campagne.json --garder

Code de sortie : 0 joué jusqu'au bout, 1 refusé en bloc, 2 fichier à corriger (la phrase dit où).
"""


class Command(Commande):
    help = AIDE

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.epilog = f"Actions des événements : {', '.join(sorted({*actions(), PASSER}))}."
        parser.add_argument("scenario", type=Path, metavar="SCENARIO.json", help="la campagne à jouer")
        parser.add_argument("--json", action="store_true", help="écrit le bilan en JSON sur la sortie standard")
        parser.add_argument("--garder", action="store_true", help="garde ce qui a été joué dans la base")

    def handle(self, *args: object, **options: Any) -> None:
        console = Console(stderr=True)
        try:
            scenario = read_file(options["scenario"])
            ensure_ready()
            with Progress(console=console, transient=True, disable=not console.is_terminal) as barre:
                bilan = play(scenario, keep=options["garder"], suivi=_follow(barre))
        except Refus as refus:
            self.refuse(refus, as_json=options["json"])
        if options["json"]:
            self.stdout.write(json.dumps(bilan, ensure_ascii=False, indent=1))
        else:
            show(bilan, Console(markup=False, highlight=False))


def show(bilan: Bilan, console: Console) -> None:
    """The outcome as tables, for people."""
    table = Table("Dossier", "État", "Aide", "Versé", "À faire")
    for ref, dossier in bilan["dossiers"].items():
        verse = sum(v["etat"] == "execute" for v in dossier["versements"])
        taches = ", ".join(f"{t['action']} ({t['role']})" for t in dossier["taches"])
        table.add_row(ref, dossier["etat"], dossier["financement"]["total"], f"{verse}/2", taches)
    console.print(table)
    if bilan["refus"]:
        refus = Table("Événement", "Refus", "Pourquoi, et que faire")
        for un in bilan["refus"]:
            refus.add_row(str(un["evenement"]), un["code"], un["message"])
        console.print(refus)
    console.print("Enveloppe : " + ", ".join(f"{nom} {montant}" for nom, montant in bilan["enveloppe"].items()))
    console.print(f"Journal : {len(bilan['journal'])} lignes, {'intact' if bilan['journal_intact'] else 'ROMPU'}.")
    for avertissement in bilan["avertissements"]:
        console.print(f"⚠ {avertissement}")


def _follow(barre: Progress) -> Suivi:
    tache = barre.add_task("Rejeu", total=None)

    def suivi(fait: int, total: int) -> None:
        barre.update(tache, completed=fait, total=total)

    return suivi
