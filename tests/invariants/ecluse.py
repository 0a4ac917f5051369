"""A lock gate in PostgreSQL: sessions stop in the middle of a write, until the test lets them all go.

No test sleeps or hopes: it looks at `pg_stat_activity` and sees who is stopped.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from django.db import connection, connections

VANNE = 0x5A5
PATIENCE = 30.0


class Ecluse:
    """Held shut from its creation; `ouvrir` lets everybody through. Works on its own connection."""

    def __init__(self, table: str, moment: str) -> None:
        self.session: Any = connection.copy()
        self.session.inc_thread_sharing()
        with self.session.cursor() as curseur:
            curseur.execute(f"""
                CREATE FUNCTION ecluse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                    PERFORM pg_advisory_xact_lock_shared({VANNE}); RETURN NEW; END $$;
                CREATE TRIGGER zz_ecluse BEFORE {moment} ON {table} FOR EACH ROW EXECUTE FUNCTION ecluse();
                SELECT pg_advisory_lock({VANNE});
            """)

    def attendre(self, nombre: int) -> None:
        """Wait until that many sessions of this database are stopped: here, or behind one that is."""
        limite = time.monotonic() + PATIENCE
        while self._stopped() < nombre:
            assert time.monotonic() < limite, f"{self._stopped()} session(s) arrêtée(s), {nombre} attendue(s)"

    def ouvrir(self) -> None:
        with self.session.cursor() as curseur:
            curseur.execute("SELECT pg_advisory_unlock_all()")

    def fermer(self) -> None:
        self.ouvrir()
        self.session.close()

    def _stopped(self) -> int:
        with self.session.cursor() as curseur:
            curseur.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            (nombre,) = curseur.fetchone()
        return int(nombre)


@contextmanager
def ecluse(table: str, moment: str) -> Iterator[Ecluse]:
    """A gate on the writes of a table. `moment`: INSERT, UPDATE."""
    posee = Ecluse(table, moment)
    try:
        yield posee
    finally:
        posee.fermer()


def course(table: str, moment: str, *coureurs: Callable[[], Any]) -> list[Any]:
    """Start each one once the former is stopped, then open: what each returned or raised, in order.

    The first is stopped in the middle of its write, so the others meet it there for certain.
    """
    with ecluse(table, moment) as porte, ThreadPoolExecutor(len(coureurs)) as fils:
        futurs: list[Future[Any]] = []
        try:
            for rang, coureur in enumerate(coureurs, start=1):
                futurs.append(fils.submit(apart, coureur))
                porte.attendre(rang)
        finally:
            porte.ouvrir()
        return [futur.result(timeout=PATIENCE) for futur in futurs]


def apart(agir: Callable[[], Any]) -> Any:
    """Run on this thread's own connection, closed at the end; an exception is a result like another."""
    try:
        return agir()
    except Exception as erreur:  # noqa: BLE001 - handed to the test, which judges it
        return erreur
    finally:
        connections.close_all()
