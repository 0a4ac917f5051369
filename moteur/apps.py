from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class MoteurConfig(AppConfig):
    name = "moteur"
    verbose_name = "Moteur"

    def ready(self) -> None:
        """Load what each floor declares about the passages: its guards, its effects, its acts."""
        autodiscover_modules("contraintes", "gardes", "effets", "services")
