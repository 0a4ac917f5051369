from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand

from moteur.journal import machines
from moteur.statuts import pages

DOCS = Path(__file__).resolve().parents[3] / "docs"
AIDE = """Écrit docs/statuts/ (une page par machine à états, avec son diagramme) et docs/droits.md (qui peut quoi),
d'après les déclarations du code. À relancer quand une transition, une garde, un effet ou un rôle change."""


class Command(BaseCommand):
    help = AIDE
    requires_system_checks: list[str] = []

    def handle(self, *args: object, **options: Any) -> None:
        for chemin, texte in drawn().items():
            fichier = DOCS / chemin
            if not fichier.exists() or fichier.read_text(encoding="utf-8") != texte:
                fichier.parent.mkdir(exist_ok=True)
                fichier.write_text(texte, encoding="utf-8")
                self.stdout.write(f"docs/{chemin} réécrit.")


def drawn() -> dict[str, str]:
    """The pages as the declarations stand. Roles come from their table: this floor knows no role by name."""
    roles = apps.get_model("comptes.Affectation")._meta.get_field("role").choices or ()
    return pages(machines(), [str(role) for role, _ in roles])
