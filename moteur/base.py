"""Is the database ready? A local one is brought up to date at first use; any other says what to run."""

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from moteur.erreurs import Code, Refus

VERROU_MIGRATION = 0x4D1C2A7E


def ensure_ready() -> None:
    """Apply to the embedded database the migrations it misses. Raises: Refus when an external one misses some."""
    if _is_migrated():
        return
    if not settings.LOCAL:
        raise Refus(Code.DONNEES_INVALIDES, "La base n'est pas à jour : lancez d'abord « python manage.py migrate ».")
    with connection.cursor() as curseur:
        curseur.execute("SELECT pg_advisory_lock(%s)", [VERROU_MIGRATION])
        try:
            if not _is_migrated():
                call_command("migrate", verbosity=0, interactive=False)
        finally:
            curseur.execute("SELECT pg_advisory_unlock(%s)", [VERROU_MIGRATION])


def _is_migrated() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())
