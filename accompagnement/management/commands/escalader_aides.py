from argparse import ArgumentParser, RawDescriptionHelpFormatter

from django.conf import settings
from django.core.management.base import BaseCommand

from accompagnement.escalade import escalate
from moteur import horloge
from moteur.base import ensure_ready

AIDE = """Transmet au référent national les demandes d'aide restées sans réponse au-delà du délai.

Ce que fait aussi, chaque jour, « python manage.py procrastinate worker ». Le délai est dans fixtures/referents.toml.
Relancée, la commande ne transmet rien deux fois.
"""


class Command(BaseCommand):
    help = AIDE
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter

    def handle(self, *args: object, **options: object) -> None:
        ensure_ready()
        instant = horloge.ouverture(settings.HORLOGE) if settings.HORLOGE else horloge.maintenant()
        with horloge.figer(instant):
            transmises = escalate()
        self.stdout.write(f"Demandes d'aide transmises au référent national : {transmises}.")
