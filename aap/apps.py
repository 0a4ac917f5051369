from importlib import import_module

from django.apps import AppConfig


class AapConfig(AppConfig):
    name = "aap"
    verbose_name = "Appels à projets"

    def ready(self) -> None:
        """Load the acts declared beside `services`, which the door finds by itself."""
        for nom in ("attribution", "membres", "messages", "notes", "portage", "reception.version", "visas"):
            import_module(f"{self.name}.{nom}")
