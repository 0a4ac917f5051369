from typing import Any

from django.core.management.base import BaseCommand

from moteur import journal
from moteur.base import ensure_ready

AIDE = """Scelle le journal : enchaîne les têtes de toutes les chaînes qui ont bougé depuis le dernier sceau.

À lancer à intervalle régulier (chaque nuit, par exemple), et l'empreinte affichée à conserver hors de la base :
une chaîne entière ne peut plus disparaître sans que « verifier_journal » le dise.
"""


class Command(BaseCommand):
    help = AIDE

    def handle(self, *args: object, **options: Any) -> None:
        ensure_ready()
        sceau = journal.seal()
        if sceau is None:
            self.stdout.write("Rien de nouveau à sceller.")
        else:
            self.stdout.write(f"Sceau n° {sceau.pk} : {len(sceau.tetes)} chaînes, empreinte {sceau.empreinte}.")
