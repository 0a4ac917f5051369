from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.progress import track

from aap.models import Dossier
from instruction.agenda import Ecart, rebuild
from moteur.base import ensure_ready
from moteur.commandes import Commande

AIDE = """Reconstruit les tâches de tous les dossiers d'après leurs états.

Les tâches déjà justes sont gardées, avec la personne qui les a prises. Rien ne change si l'agenda suivait : la commande
le prouve. Une tâche perdue revient, une tâche de trop est close ; aucun dossier ne change d'état.

  python manage.py reconstruire_taches --simuler

Code de sortie : 0 l'agenda suivait (ou vient d'être remis d'accord), 1 avec --simuler si des écarts existent.
"""


class Command(Commande):
    help = AIDE

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--simuler", action="store_true", help="dit les écarts sans rien changer")

    def handle(self, *args: object, **options: Any) -> None:
        ensure_ready()
        ecarts = 0
        for reference, ecart in _rebuilt(simuler=options["simuler"]):
            ecarts += 1
            self.stdout.write(f"{reference} : {_said(ecart)}.")
        verbe = "à remettre d'accord" if options["simuler"] else "remis d'accord"
        self.stdout.write(f"Dossiers {verbe} avec leur état : {ecarts}.")
        if ecarts and options["simuler"]:
            raise SystemExit(1)


def _rebuilt(*, simuler: bool) -> Iterator[tuple[str, Ecart]]:
    dossiers = list(Dossier.objects.filter(aap__rejeu=None).order_by("pk").values_list("pk", "reference"))
    for pk, reference in track(dossiers, "Dossiers", console=Console(stderr=True), transient=True):
        if ecart := rebuild(pk, simuler=simuler):
            yield reference, ecart


def _said(ecart: Ecart) -> str:
    """What changes, in French."""
    parts = {
        "ouvertes": ecart.ouvertes,
        "closes": (*ecart.faites, *ecart.caduques),
    }
    phrases = [f"tâches {nom} : {', '.join(taches)}" for nom, taches in parts.items() if taches]
    return " ; ".join(phrases or ["copie pour les listes refaite"])
