import json
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from aap.commandes_sons.importation import import_orders
from aap.commandes_sons.lecture import Lot, open_file
from aap.commandes_sons.retour import write_rejected
from moteur.base import ensure_ready
from moteur.commandes import Commande
from moteur.erreurs import Code, Refus
from moteur.lots import BilanLot
from moteur.texte import cite

AIDE = """Importe les commandes SONS connues de l'agence de paiement, une ligne par ESSMS commandé.

Deux formats, décrits dans docs/echange/commandes-sons.md : CSV (point-virgule, UTF-8 ou Windows-1252) et JSON.

  python manage.py importer_commandes_sons commandes.csv --simuler
  python manage.py importer_commandes_sons commandes.csv --rejets a-corriger.csv
  python manage.py importer_commandes_sons commandes.json --json | jq .verdicts

Chaque ligne est jugée seule : les bonnes entrent, les autres reviennent avec leurs motifs dans le fichier de --rejets,
à corriger et à donner tel quel. Recommencer ne change rien. Un fichier abîmé est refusé en entier.
Une commande que les règles du SONS n'admettent pas entre, avec un avertissement : c'est un fait de l'agence.

Code de sortie : 0 tout est entré, 1 des lignes sont rejetées, 2 fichier ou arguments à corriger (la phrase dit où).
"""
MONTRES = 20


class Command(Commande):
    help = AIDE

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("fichier", type=Path, metavar="FICHIER", help="le fichier CSV ou JSON")
        parser.add_argument("--simuler", action="store_true", help="juge chaque ligne et ne change rien")
        parser.add_argument("--json", action="store_true", help="écrit le bilan en JSON sur la sortie standard")
        parser.add_argument("--rejets", type=Path, metavar="FICHIER", help="où écrire les lignes rejetées")

    def handle(self, *args: object, **options: Any) -> None:
        try:
            ensure_ready()
            check_destination(options["rejets"], options["fichier"])
            lot = open_file(options["fichier"])
            bilan = _import(lot, simuler=options["simuler"])
            if options["rejets"]:
                _give_back(lot, bilan, options["rejets"])
        except Refus as refus:
            self.refuse(refus, as_json=options["json"])
        if options["json"]:
            entete = {"fichier": lot.chemin.name, "format": lot.format, "encodage": lot.encodage}
            self.stdout.write(json.dumps(entete | bilan.as_dict(), ensure_ascii=False, indent=1))
        else:
            show(lot, bilan, options["rejets"], Console(file=self.stdout))  # type: ignore[arg-type]
        if bilan.rejetes:
            sys.exit(1)


def check_destination(rejets: Path | None, source: Path) -> None:
    """Look at where the rejected rows will go before anything is imported. Raises: Refus."""
    if rejets is None:
        return
    if not rejets.parent.is_dir():
        raise Refus(Code.DONNEES_INVALIDES, f"--rejets : le dossier {cite(rejets.parent)} n'existe pas, créez-le.")
    if rejets.is_dir() or (rejets.exists() and source.exists() and rejets.samefile(source)):
        raise Refus(Code.DONNEES_INVALIDES, f"--rejets : {cite(rejets)} ne convient pas, nommez un autre fichier.")


def show(lot: Lot, bilan: BilanLot, rejets: Path | None, console: Console) -> None:
    """What the import did, as tables, for people."""
    console.print(f"{escape(lot.chemin.name)} : {lot.nombre} commandes, {lot.format}, {lot.encodage}", highlight=False)
    table = Table("", "Importées", "Modifiées", "Inchangées", "Rejetées")
    table.add_row("Simulation" if bilan.simule else "Commandes SONS", *map(str, bilan.counts().values()))
    console.print(table)
    _show_first(
        console,
        ("Commande rejetée", "Colonne", "Pourquoi"),
        [(un.identifiant, faute.chemin, faute.message) for un in bilan.rejetes for faute in un.fautes],
    )
    _show_first(
        console,
        ("Commande entrée", "À vérifier"),
        [(un.identifiant, mot) for un in bilan.jugements for mot in un.avertissements],
    )
    if bilan.rejetes and rejets:
        console.print(f"Lignes rejetées : {escape(str(rejets))}. Corrigez-les et importez ce fichier.", highlight=False)
    elif bilan.rejetes:
        console.print("Ajoutez --rejets FICHIER pour recevoir les lignes rejetées, à corriger.")


def _show_first(console: Console, titres: Sequence[str], rangees: Sequence[tuple[str, ...]]) -> None:
    if not rangees:
        return
    table = Table(*titres)
    for rangee in rangees[:MONTRES]:
        table.add_row(*map(escape, rangee))
    console.print(table)
    if len(rangees) > MONTRES:
        console.print(f"… et {len(rangees) - MONTRES} autres : --json les donne toutes.")


def _import(lot: Lot, *, simuler: bool) -> BilanLot:
    console = Console(stderr=True)
    colonnes = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*colonnes, console=console, transient=True, disable=not console.is_terminal) as barre:
        tache = barre.add_task("Commandes SONS", total=lot.nombre)
        return import_orders(lot, simuler=simuler, suivi=lambda fait: barre.update(tache, completed=fait))


def _give_back(lot: Lot, bilan: BilanLot, rejets: Path) -> None:
    try:
        write_rejected(lot, bilan, rejets)
    except OSError as erreur:
        raise Refus(
            Code.DONNEES_INVALIDES,
            f"L'import est fait, mais {cite(rejets)} n'a pas pu être écrit ({erreur.strerror}). Relancez avec un autre "
            "--rejets : ce qui est entré ne changera pas.",
        ) from erreur
