"""The fixtures every other test leans on."""

import socket

import pytest
from django.db import connection, transaction
from django.template import Context, Template


def current_database():
    with connection.cursor() as curseur:
        curseur.execute("SELECT current_database()")
        return curseur.fetchone()[0]


def test_a_throwaway_database_is_seen_by_every_thread(base_jetable, en_parallele):
    assert current_database() == base_jetable
    assert en_parallele(current_database, current_database) == [base_jetable] * 2


@pytest.mark.parametrize("passage", [1, 2])
def test_a_throwaway_database_really_commits_and_starts_clean(base_jetable, en_parallele, passage):
    def create():
        with transaction.atomic(durable=True), connection.cursor() as curseur:
            curseur.execute("CREATE TABLE trace (valeur int)")

    def count():
        with connection.cursor() as curseur:
            curseur.execute("SELECT count(*) FROM trace")
            return curseur.fetchone()[0]

    create()
    assert en_parallele(count) == [0]


def test_a_throwaway_database_is_migrated(base_jetable):
    assert "django_migrations" in connection.introspection.table_names()


def test_a_failure_in_a_thread_comes_back(base_jetable, en_parallele):
    def fail():
        raise ValueError("raté")

    reussi, rate = en_parallele(lambda: "fait", fail)
    assert reussi == "fait"
    assert isinstance(rate, ValueError)


def test_the_ordinary_database_is_back_after_throwaway_ones():
    assert "_modele" not in connection.settings_dict["NAME"]


@pytest.mark.parametrize("adresse", [("192.0.2.1", 80), ("example.org", 443)])
def test_the_outside_is_refused(adresse):
    with pytest.raises(AssertionError, match="extérieur"), socket.create_connection(adresse, timeout=1):
        pass


def test_this_machine_is_allowed():
    with socket.create_server(("127.0.0.1", 0)) as serveur:
        socket.create_connection(serveur.getsockname(), timeout=1).close()


def test_an_undefined_variable_fails_in_our_templates():
    gabarit = Template("{{ connue }} {{ inconnue }}")
    with pytest.raises(AssertionError, match="inconnue"):
        gabarit.render(Context({"connue": 1}))
