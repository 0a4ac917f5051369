"""Is the database ready? A local one is prepared at first use; any other says what to run."""

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction

from moteur.erreurs import Code, Refus

VERROU_MIGRATION = 0x4D1C2A7E


def ensure_ready() -> None:
    """Migrate the embedded database if it is empty. Raises: Refus when an external one was never migrated."""
    if _is_migrated():
        return
    if not settings.LOCAL:
        raise Refus(Code.DONNEES_INVALIDES, "La base n'est pas prête : lancez d'abord « python manage.py migrate ».")
    with connection.cursor() as curseur:
        curseur.execute("SELECT pg_advisory_lock(%s)", [VERROU_MIGRATION])
        try:
            if not _is_migrated():
                call_command("migrate", verbosity=0, interactive=False)
        finally:
            curseur.execute("SELECT pg_advisory_unlock(%s)", [VERROU_MIGRATION])


def _is_migrated() -> bool:
    with transaction.atomic(), connection.cursor() as curseur:
        curseur.execute("SELECT to_regclass('usages_vsr') IS NOT NULL AND to_regclass('moteur_entree') IS NOT NULL")
        return bool(curseur.fetchone()[0])
