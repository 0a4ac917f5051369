"""What every test obeys: errors are loud, the outside is out of reach, the database is thrown away.

Ordinary tests of the database use `db`: one transaction, rolled back. Tests that need real
concurrent connections use `base_jetable`: the journal refuses the TRUNCATE by which transactional
tests usually clean up, so those get a whole database of their own.
"""

import ipaddress
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, connections
from django.template.base import Node
from django.test.utils import setup_databases, teardown_databases
from psycopg import sql

from config.embarque.serveur import leave_all

PROJET = Path(__file__).resolve().parent.parent
NUMEROS = count(1)


class VariableAbsente(str):
    """Makes `{{ undefined }}` fail in the project's templates; elsewhere it stays an empty string.

    Django only asks it for what is printed: an undefined name in `{% if %}` is still merely false.
    """

    def __mod__(self, nom: object) -> str:
        gabarit = _template_in_progress()
        if gabarit and _is_ours(gabarit):
            raise AssertionError(f"Variable « {nom} » inconnue dans {gabarit}")
        return ""


def _template_in_progress() -> str | None:
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        noeud = frame.f_locals.get("self")
        if isinstance(noeud, Node) and getattr(noeud, "origin", None):
            return str(noeud.origin.name)
        frame = frame.f_back
    return None


def _is_ours(gabarit: str) -> bool:
    chemin = Path(gabarit)
    return "site-packages" not in chemin.parts and (chemin.is_relative_to(PROJET) or not chemin.is_absolute())


def _refuse_outside(evenement: str, arguments: tuple[Any, ...]) -> None:
    """Audit hook: this machine only, by name or by address. Unix sockets are not addresses here."""
    if evenement in {"socket.connect", "socket.sendto"}:
        adresse = arguments[1]
    elif evenement == "socket.getaddrinfo":
        adresse = arguments[:2]
    else:
        return
    if isinstance(adresse, tuple) and not _is_local(adresse[0]):
        raise AssertionError(f"Connexion vers l'extérieur refusée pendant les tests : {adresse[0]}")


def _is_local(hote: str | bytes | None) -> bool:
    nom = hote.decode() if isinstance(hote, bytes) else hote or "localhost"
    try:
        return ipaddress.ip_address(nom).is_loopback
    except ValueError:
        return nom == "localhost"


def pytest_configure(config: pytest.Config) -> None:
    settings.TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = VariableAbsente("%s")
    sys.addaudithook(_refuse_outside)


def pytest_unconfigure(config: pytest.Config) -> None:
    """A worker of xdist ends without the usual exit hooks: detach from the server here."""
    connections.close_all()
    leave_all()


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_modify_db_settings: None, django_db_blocker: Any
) -> Iterator[None]:
    """Create the migrated test database, as pytest-django does, but also for `base_jetable` alone.

    The original creates none when no test of the run uses `db`; one would then copy the real one.
    """
    with django_db_blocker.unblock():
        bases = setup_databases(verbosity=0, interactive=False, aliases={"default": None})
    yield
    with django_db_blocker.unblock():
        teardown_databases(bases, verbosity=0)


@pytest.fixture(scope="session")
def base_modele(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """A copy of the migrated test database (what ordinary tests write there is rolled back): the model."""
    nom = f"{settings.DATABASES['default']['NAME']}_modele"
    with django_db_blocker.unblock():
        connection.close()
        _copy_database(settings.DATABASES["default"]["NAME"], nom)
    yield nom
    with django_db_blocker.unblock():
        _drop_database(nom)


@pytest.fixture
def base_jetable(request: pytest.FixtureRequest, base_modele: str, django_db_blocker: Any) -> Iterator[str]:
    """A database of this test alone, already migrated, under the default connection of every thread.

    Real transactions, real commits, dropped at the end whatever happened. Not together with `db`.
    A thread of the test closes its connection itself; `en_parallele` does it.
    """
    if "db" in request.fixturenames or request.node.get_closest_marker("django_db"):
        pytest.fail("base_jetable et db s'excluent : choisir l'une des deux", pytrace=False)
    reglages = connection.settings_dict  # shared by the connections of all threads
    habituelle = reglages["NAME"]
    jetable = f"{base_modele}_{next(NUMEROS)}"
    with django_db_blocker.unblock():
        connection.close()
        _copy_database(base_modele, jetable)
        reglages["NAME"] = jetable
        try:
            yield jetable
        finally:
            connection.close()
            reglages["NAME"] = habituelle
            _drop_database(jetable)


@pytest.fixture
def en_parallele() -> Callable[..., list[Any]]:
    """Run functions at the same instant, each in its thread and on its own connection.

    Returns what each returned, or the exception it raised, in the order of the functions.
    """

    def run(*actions: Callable[[], Any]) -> list[Any]:
        depart = threading.Barrier(len(actions), timeout=10)

        def one(action: Callable[[], Any]) -> Any:
            try:
                connection.ensure_connection()
                depart.wait()
                return action()
            except Exception as erreur:  # noqa: BLE001 - handed to the test, which judges it
                return erreur
            finally:
                connections.close_all()

        with ThreadPoolExecutor(len(actions)) as fils:
            return list(fils.map(one, actions))

    return run


def _copy_database(source: str, copie: str) -> None:
    ordre = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
    with connection._nodb_cursor() as curseur:
        curseur.execute(ordre.format(sql.Identifier(copie), sql.Identifier(source)))


def _drop_database(nom: str) -> None:
    with connection._nodb_cursor() as curseur:
        curseur.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(nom)))
