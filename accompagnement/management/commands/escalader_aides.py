from accompagnement.escalade import escalate
from moteur.base import ensure_ready
from moteur.commandes import Commande

AIDE = """Transmet au référent national les demandes d'aide restées sans réponse au-delà du délai.

Ce que fait aussi, chaque jour, « python manage.py procrastinate worker ». Le délai est dans fixtures/referents.toml.
Relancée, la commande ne transmet rien deux fois.
"""


class Command(Commande):
    help = AIDE

    def handle(self, *args: object, **options: object) -> None:
        ensure_ready()
        transmises = escalate()
        self.stdout.write(f"Demandes d'aide transmises au référent national : {transmises}.")
