"""A database of the bench alone: made, migrated, dropped. The one of the demonstration is not touched."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.core.management import call_command
from django.db import connection
from psycopg import sql


@contextmanager
def throwaway() -> Iterator[str]:
    """Put a fresh, migrated database under the default connection; drop it whatever happened."""
    reglages = connection.settings_dict
    habituelle, jetable = reglages["NAME"], f"bench_{os.getpid()}"
    with connection._nodb_cursor() as curseur:
        curseur.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(jetable)))
    connection.close()
    reglages["NAME"] = jetable
    try:
        call_command("migrate", verbosity=0, interactive=False)
        yield jetable
    finally:
        connection.close()
        reglages["NAME"] = habituelle
        with connection._nodb_cursor() as curseur:
            curseur.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(jetable)))


@contextmanager
def bare_connection() -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """psycopg alone, on the same database, without anything of Django."""
    connection.ensure_connection()
    reglages = connection.get_connection_params()
    for django_seul in ("cursor_factory", "context"):
        reglages.pop(django_seul, None)
    with psycopg.connect(**reglages) as nue:
        yield nue
