from importlib import import_module

from django.apps import AppConfig


class AccompagnementConfig(AppConfig):
    name = "accompagnement"
    verbose_name = "Accompagnement"

    def ready(self) -> None:
        """Load the acts declared beside `services`, which the door finds by itself."""
        for nom in ("affectation", "annotation", "plan"):
            import_module(f"{self.name}.{nom}")
