from django.apps import AppConfig


class UsagesConfig(AppConfig):
    name = "usages"
    verbose_name = "Usages"
