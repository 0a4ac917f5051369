#!/usr/bin/env python
"""Django's command line for the project."""

import os
import sys

from django.core.management import execute_from_command_line
from django.db.utils import OperationalError

from config.embarque.erreurs import ServeurIndisponible
from config.env import VariableInvalide


def main() -> None:
    """Run a command; a bad variable or an unreachable database is one sentence, not a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        execute_from_command_line(sys.argv)
    except (VariableInvalide, ServeurIndisponible) as erreur:
        sys.exit(f"Erreur : {erreur}")
    except OperationalError as erreur:
        if isinstance(erreur.__cause__, ServeurIndisponible):
            sys.exit(f"Erreur : {erreur.__cause__}")
        raise


if __name__ == "__main__":
    main()
