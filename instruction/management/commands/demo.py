import sys
from argparse import ArgumentParser

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from instruction.demonstration import jeu, resume
from instruction.rejeu import Suivi
from moteur.base import ensure_ready
from moteur.commandes import Commande
from moteur.erreurs import Refus

AIDE = """Installe la campagne de démonstration, puis la résume.

Quarante dossiers fictifs d'Occitanie, dans tous les états, joués par les mêmes portes que les écrans : rien n'est
inséré, tout est au journal. Les données sont dans fixtures/demo/. Relancée, la commande ne touche à rien et redonne
le résumé.

  python manage.py demo
  HORLOGE=$(python manage.py demo --jour) python manage.py runserver   # les pages, ce jour-là

Elle crée des comptes au mot de passe affiché : elle refuse donc de tourner ailleurs que sur la base embarquée.
Code de sortie : 0 en place, 1 refusé.
"""
LARGEUR = 100


class Command(Commande):
    help = AIDE

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--jour", action="store_true", help="écrit seulement le jour où la campagne s'arrête")

    def handle(self, *args: object, **options: object) -> None:
        if options["jour"]:
            self.stdout.write(jeu.day().isoformat())
            return
        erreurs = Console(stderr=True)
        colonnes = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        try:
            ensure_ready()
            with Progress(*colonnes, console=erreurs, transient=True, disable=not erreurs.is_terminal) as barre:
                refus = jeu.install(_follow(barre))
        except Refus as non:
            self.stderr.write(f"{non.code} : {non.message}")
            sys.exit(1)
        aap = jeu.call()
        assert aap is not None
        if refus is None:
            self.stdout.write("La campagne de démonstration est déjà là : rien n'a été rejoué.")
        resume.show(aap, refus, _console(self))


def _console(commande: Command) -> Console:
    """As wide as the terminal, up to the width the tables are made for; that width in a file or a pipe."""
    console = Console(file=commande.stdout)  # type: ignore[arg-type]  # a file in all but name
    largeur = min(console.width, LARGEUR) if console.is_terminal else LARGEUR
    return Console(file=commande.stdout, width=largeur)  # type: ignore[arg-type]


def _follow(barre: Progress) -> Suivi:
    tache = barre.add_task("La campagne se joue…", total=None)

    def suivi(fait: int, total: int) -> None:
        barre.update(tache, completed=fait, total=total)

    return suivi
