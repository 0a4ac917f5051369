"""A database of the bench alone: made, migrated, dropped. The one of the demonstration is not touched."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import psycopg
from django.core.management import call_command
from django.db import connection
from psycopg import sql

NUMEROS = count(1)


@contextmanager
def throwaway(modele: str = "template1") -> Iterator[str]:
    """Put a fresh, migrated database under the default connection; drop it whatever happened.

    `modele`: one that is migrated already, to copy it.
    """
    reglages = connection.settings_dict
    habituelle, jetable = reglages["NAME"], f"bench_{os.getpid()}_{next(NUMEROS)}"
    connection.close()
    with connection._nodb_cursor() as curseur:
        ordre = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        curseur.execute(ordre.format(sql.Identifier(jetable), sql.Identifier(modele)))
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
