"""The environment is read once, typed, and refused with a sentence."""

import pytest

from config import env


@pytest.mark.parametrize(("valeur", "attendu"), [("1", True), ("oui", True), ("False", False), ("0", False)])
def test_boolean_reads_usual_words(monkeypatch, valeur, attendu):
    monkeypatch.setenv("ESSAI", valeur)
    assert env.boolean("ESSAI", not attendu) is attendu


@pytest.mark.parametrize("valeur", ["", "   "])
def test_empty_counts_as_absent(monkeypatch, valeur):
    monkeypatch.setenv("ESSAI", valeur)
    assert env.boolean("ESSAI", True) is True
    assert env.integer("ESSAI", 7) == 7
    assert env.database("ESSAI") is None


def test_boolean_refuses_anything_else(monkeypatch):
    monkeypatch.setenv("ESSAI", "peut-être")
    with pytest.raises(env.VariableInvalide, match="ESSAI vaut « peut-être »"):
        env.boolean("ESSAI", False)


@pytest.mark.parametrize("valeur", ["douze", "-1", "1.5", "²", "4"])
def test_integer_refuses_what_is_no_whole_number_or_too_small(monkeypatch, valeur):
    monkeypatch.setenv("ESSAI", valeur)
    with pytest.raises(env.VariableInvalide, match="au moins 5"):
        env.integer("ESSAI", 5, minimum=5)


def test_words_drop_blanks(monkeypatch):
    monkeypatch.setenv("ESSAI", " a.fr, ,b.fr ")
    assert env.words("ESSAI") == ["a.fr", "b.fr"]


def test_database_reads_every_part(monkeypatch):
    monkeypatch.setenv("ESSAI", "postgresql://ars:p%40ss%2Fe@base.example:5433/esms?sslmode=require")
    assert env.database("ESSAI") == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "esms",
        "USER": "ars",
        "PASSWORD": "p@ss/e",
        "HOST": "base.example",
        "PORT": "5433",
        "OPTIONS": {"sslmode": "require"},
    }


def test_database_takes_a_socket_folder(monkeypatch):
    monkeypatch.setenv("ESSAI", "postgres:///esms?host=/run/postgresql")
    lue = env.database("ESSAI")
    assert lue is not None
    assert (lue["HOST"], lue["NAME"], lue["OPTIONS"]) == ("/run/postgresql", "esms", {})


@pytest.mark.parametrize(
    "valeur",
    [
        "mysql://a:secret@h/b",
        "postgresql://a:secret@h",
        "postgresql://a:secret@h:port/b",
        "secret",
        "postgres://[/x",
    ],
)
def test_database_refuses_without_repeating_the_password(monkeypatch, valeur):
    monkeypatch.setenv("ESSAI", valeur)
    with pytest.raises(env.VariableInvalide) as refus:
        env.database("ESSAI")
    assert "ESSAI" in str(refus.value)
    assert "secret" not in str(refus.value)
