"""`python -m bench`: one JSON document on stdout, progress on stderr."""

import os
import sys
from importlib import import_module

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    # Queries are not to be logged while they are timed.
    os.environ["DEBUG"] = "0"
    django.setup()
    import_module("bench.exporte" if sys.argv[1:2] == ["exporter"] else "bench.rapport").main()
