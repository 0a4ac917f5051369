from importlib import import_module

from django.apps import AppConfig


class InstructionConfig(AppConfig):
    name = "instruction"
    verbose_name = "Instruction"

    def ready(self) -> None:
        import_module("instruction.agenda")  # what follows each act on a dossier
