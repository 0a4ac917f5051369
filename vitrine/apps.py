from django.apps import AppConfig


class PublicConfig(AppConfig):
    name = "vitrine"
    verbose_name = "Pages publiques"
