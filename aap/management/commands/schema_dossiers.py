from typing import Any

from django.core.management.base import BaseCommand

from aap.reception.publication import FICHIER, text

AIDE = """Écrit docs/echange/dossiers.schema.json, le format des fichiers de dossiers, d'après les déclarations du code.
À relancer quand le format change."""


class Command(BaseCommand):
    help = AIDE
    requires_system_checks: list[str] = []

    def handle(self, *args: object, **options: Any) -> None:
        FICHIER.parent.mkdir(exist_ok=True)
        FICHIER.write_bytes(text())
        self.stdout.write(f"{FICHIER.name} réécrit.")
