import json
import sys
from argparse import ArgumentParser
from itertools import chain
from typing import Any

from moteur import journal
from moteur.base import ensure_ready
from moteur.commandes import Commande
from moteur.erreurs import Refus
from moteur.models import Entree

AIDE = """Prouve que le journal est intact, ou dit où il ne l'est plus.

Chaque entrée porte l'empreinte SHA-256 de son contenu et de l'entrée précédente du même dossier (ou de la même
enveloppe). La commande recalcule tout, sans croire la base, puis compare aux sceaux et aux états des objets.

  python manage.py verifier_journal
  python manage.py verifier_journal --json

Code de sortie : 0 intact, 1 rompu (la sortie dit où), 2 base inaccessible.
"""


class Command(Commande):
    help = AIDE

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="écrit le constat en JSON sur la sortie standard")

    def handle(self, *args: object, **options: Any) -> None:
        try:
            ensure_ready()
        except Refus as refus:
            self.stderr.write(refus.message)
            sys.exit(2)
        anomalies = list(chain(journal.verify(), journal.verify_seals(), journal.verify_states()))
        entrees = Entree.objects.count()
        if options["json"]:
            constat = {"intact": not anomalies, "entrees": entrees, "anomalies": [vars(a) for a in anomalies]}
            self.stdout.write(json.dumps(constat, ensure_ascii=False, indent=1))
        elif anomalies:
            for anomalie in anomalies:
                self.stdout.write(f"Journal rompu : {anomalie.chaine}, entrée n° {anomalie.rang} : {anomalie.raison}.")
        else:
            self.stdout.write(f"Journal intact : {entrees} entrées vérifiées.")
        sys.exit(1 if anomalies else 0)
