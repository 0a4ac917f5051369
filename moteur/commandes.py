"""What the commands share: their help as it was written, a refusal told on the way out, the hour they work at."""

import json
import sys
from argparse import RawDescriptionHelpFormatter
from typing import Any, NoReturn

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from moteur import horloge
from moteur.erreurs import Code, Refus


class Commande(BaseCommand):
    """A command of ours, at one instant throughout.

    Its exit status: 0 done, 1 refused, 2 what was given is to be corrected.
    """

    requires_system_checks: list[str] = []

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(prog_name, subcommand, **{"formatter_class": RawDescriptionHelpFormatter} | kwargs)

    def execute(self, *args: Any, **options: Any) -> str | None:
        # The local demonstration stops its clock for commands as for pages.
        with horloge.figer(horloge.ouverture(settings.HORLOGE) if settings.HORLOGE else horloge.maintenant()):
            return super().execute(*args, **options)

    def refuse(self, refus: Refus, *, as_json: bool) -> NoReturn:
        """Say it, for people or for programs, and leave."""
        if as_json:
            self.stdout.write(json.dumps(refus.as_dict(), ensure_ascii=False, indent=1))
        else:
            self.stderr.write(f"{refus.code} : {refus.message}")
        sys.exit(2 if refus.code is Code.DONNEES_INVALIDES else 1)
