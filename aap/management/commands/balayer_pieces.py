import sys
from argparse import ArgumentParser, ArgumentTypeError, RawDescriptionHelpFormatter
from collections.abc import Sequence
from datetime import timedelta

from django.core.management.base import BaseCommand
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from aap.documents.balayage import AGE, Bilan, sweep
from moteur.base import ensure_ready
from moteur.erreurs import Refus
from moteur.texte import en_octets

AIDE = """Supprime du magasin de documents les fichiers qu'aucune pièce ni aucun message ne nomme, et dit ce qui manque.

Un fichier est écrit avant la ligne qui le nomme : un dépôt refusé au dernier instant en laisse un. Ne sont supprimés
que ceux écrits depuis plus de --jours ; jamais un fichier qu'une ligne nomme, même créée pendant le balayage. Ce que
fait aussi, chaque dimanche, « python manage.py procrastinate worker ». Après la restauration d'une sauvegarde, lancez
d'abord avec --simuler : ce que la base a oublié est encore dans le magasin.

Code de sortie : 0, tout est là ; 1, le fichier d'une ligne manque ; 2, refusé, rien n'est supprimé.
"""
MONTRES = 20


class Command(BaseCommand):
    help = AIDE
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.add_argument("--simuler", action="store_true", help="tout dire, ne rien supprimer")
        parser.add_argument("--jours", type=_days, default=AGE.days, help=f"âge minimal, {AGE.days} sans précision")

    def handle(self, *args: object, simuler: bool, jours: int, **options: object) -> None:
        ensure_ready()
        console = Console(stderr=True)
        colonnes = (TextColumn("Dossiers"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        try:
            with Progress(*colonnes, console=console, transient=True, disable=not console.is_terminal) as barre:
                tache = barre.add_task("")
                bilan = sweep(
                    age=timedelta(days=jours),
                    simuler=simuler,
                    suivi=lambda fait, total: barre.update(tache, completed=fait, total=total),
                )
        except Refus as refus:
            self.stderr.write(f"{refus.code} : {refus.message}")
            sys.exit(2)
        self._report(bilan)
        if bilan.manquants:
            sys.exit(1)

    def _report(self, bilan: Bilan) -> None:
        fait = "à supprimer (simulation, rien n'est supprimé)" if bilan.simule else "supprimés"
        self.stdout.write(f"Fichiers examinés : {bilan.examines}.")
        self.stdout.write(f"Orphelins {fait} : {len(bilan.orphelins)}, {en_octets(bilan.octets)}.")
        self._list(bilan.orphelins)
        self.stdout.write(f"Orphelins trop récents, laissés : {bilan.recents}.")
        self.stdout.write(f"Fichiers étrangers au magasin, laissés : {len(bilan.etrangers)}.")
        self._list(bilan.etrangers)
        self.stdout.write(f"Fichiers manquants : {len(bilan.manquants)}.")
        self._list(bilan.manquants)
        if bilan.manquants:
            self.stdout.write("Restaurez-les depuis la sauvegarde du magasin : leur nom est leur SHA-256.")

    def _list(self, noms: Sequence[str]) -> None:
        for nom in noms[:MONTRES]:
            self.stdout.write(f"  {nom}")
        if len(noms) > MONTRES:
            self.stdout.write(f"  … et {len(noms) - MONTRES} autres")


def _days(texte: str) -> int:
    """At least one: a sending may be in progress."""
    if not (texte.isdecimal() and 1 <= int(texte) <= 3650):
        raise ArgumentTypeError("donnez un nombre de jours, 1 au moins : un envoi peut être en cours")
    return int(texte)
