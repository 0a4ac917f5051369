from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from instruction.parcours.dessins import drawings

DOCS = Path(__file__).resolve().parents[3] / "docs"
AIDE = """Dessine le parcours d'un dossier dans docs/ : parcours.svg à regarder, parcours.bpmn pour d'autres outils.

Le dessin est celui de instruction/flows.py ; un test dit s'il n'est plus à jour.

  python manage.py exporter_parcours
"""


class Command(BaseCommand):
    help = AIDE
    requires_system_checks: list[str] = []

    def handle(self, *args: object, **options: Any) -> None:
        for nom, contenu in drawings().items():
            chemin = DOCS / nom
            chemin.write_text(contenu, encoding="utf-8")
            self.stdout.write(f"docs/{nom}")
