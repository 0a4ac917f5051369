"""Filling the register when it is empty: rows first, then indexes and keys, as a backup is restored.

Each is made again under its name, from the definition PostgreSQL gives, and checks every row; if one cannot be,
nothing is imported. Keys that point outside the register stay, since their tables serve every page.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import OperationalError, ProgrammingError, transaction
from psycopg.errors import InsufficientPrivilege, LockNotAvailable

from grappes.fusion import VERIFIER

TABLES = ["grappes_organismegestionnaire", "grappes_essms", "grappes_importation", "grappes_evenementregistre"]

VIDE = "SELECT NOT EXISTS (SELECT FROM grappes_essms) AND NOT EXISTS (SELECT FROM grappes_evenementregistre)"
#: Whoever reads the register waits for the end of the import; whoever is at it already makes us give up, not wait.
VERROUS = f"LOCK TABLE {', '.join(TABLES)} IN ACCESS EXCLUSIVE MODE NOWAIT"
#: Then rows are written the ordinary way.
OCCUPE_OU_D_UN_AUTRE = (LockNotAvailable, InsufficientPrivilege)
#: How to remove each, and how to make it again.
REPORTES = """
    SELECT format('DROP INDEX %%s', indexrelid::regclass), pg_get_indexdef(indexrelid)
    FROM pg_index WHERE indrelid = ANY (%s::regclass[]) AND NOT indisunique
    UNION ALL
    SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
        format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname, pg_get_constraintdef(oid))
    FROM pg_constraint
    WHERE contype = 'f' AND conrelid = ANY (%s::regclass[]) AND confrelid = ANY (%s::regclass[])
        OR contype = 'u' AND conrelid = 'grappes_essms'::regclass
"""


@contextmanager
def filling(curseur: Any) -> Iterator[None]:
    """Locks: the tables of the register, to the end of the transaction, if it is empty and nobody is at it."""
    refaire = _remove(curseur)
    yield
    # A table with rows that wait to be checked cannot be altered.
    curseur.execute(VERIFIER)
    for definition in refaire:
        curseur.execute(definition)


def _remove(curseur: Any) -> list[str]:
    """What makes again what was removed: nothing when nothing was."""
    curseur.execute(VIDE)
    if not curseur.fetchone()[0]:
        return []
    try:
        with transaction.atomic():
            curseur.execute(VERROUS)
            curseur.execute(VERIFIER)
            curseur.execute(REPORTES, [TABLES] * 3)
            reportes = curseur.fetchall()
            for retirer, _ in reportes:
                curseur.execute(retirer)
    except (OperationalError, ProgrammingError) as erreur:
        if isinstance(erreur.__cause__, OCCUPE_OU_D_UN_AUTRE):
            return []
        raise
    return [refaire for _, refaire in reportes]
