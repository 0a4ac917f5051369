"""French typography of numbers, money and dates."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from ui.templatetags import francais


@pytest.mark.parametrize(
    ("valeur", "attendu"),
    [
        (7000, "7\u202f000"),
        ("12.50", "12,5"),
        (Decimal(90), "90"),
        (0, "0"),
        (Decimal("1234567.25"), "1\u202f234\u202f567,25"),
        ("1000.00", "1\u202f000"),
        (Decimal("1E+3"), "1\u202f000"),
    ],
)
def test_nombre(valeur, attendu: str):
    assert francais.nombre(valeur) == attendu


def test_euros_takes_the_strings_of_json():
    assert francais.euros("989000.00") == "989\u202f000,00\u00a0€"


def test_pourcent_keeps_the_digits():
    assert francais.pourcent(Decimal("70.00")) == "70,00\u00a0%"


def test_day_and_time_are_those_of_paris():
    instant = datetime(2022, 3, 31, 22, 5, tzinfo=UTC)
    assert francais.jour(instant) == "1er\u00a0avril\u00a02022"
    assert francais.heure(instant) == "0\u00a0h\u00a005"
    assert francais.jour(date(2022, 8, 2)) == "2\u00a0août\u00a02022"


@pytest.mark.parametrize(("n", "attendu"), [(0, "0\u00a0dossier"), (1, "1\u00a0dossier"), (2, "2\u00a0dossiers")])
def test_plural_starts_at_two(n: int, attendu: str):
    assert francais.pluriel(n, "dossier,dossiers") == attendu
