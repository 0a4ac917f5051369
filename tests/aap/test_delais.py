"""Delay to reach the targets. Source: regles.md §5."""

from calendar import monthrange
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aap.delais import add_months, add_working_days, echeance_cibles, is_working_day, working_days
from aap.regles import charger, lire_fichier
from grappes.projets import Projet
from moteur.erreurs import Code, Refus


@pytest.mark.parametrize(
    ("projet", "engagement", "echeance"),
    [
        (Projet.ACQUISITION, date(2022, 8, 31), date(2024, 2, 29)),
        (Projet.ACQUISITION, date(2021, 8, 31), date(2023, 2, 28)),
        (Projet.ACQUISITION, date(2022, 11, 15), date(2024, 5, 15)),
        (Projet.MONTEE_DE_VERSION, date(2022, 5, 31), date(2023, 2, 28)),
        (Projet.MONTEE_DE_VERSION, date(2022, 3, 31), date(2022, 12, 31)),
    ],
)
def test_deadline_stops_at_the_end_of_a_shorter_month(projet: Projet, engagement: date, echeance: date) -> None:
    assert echeance_cibles(charger(lire_fichier("esms-2022")), projet, engagement) == echeance


def test_unknown_delay_is_refused() -> None:
    with pytest.raises(Refus) as refus:
        echeance_cibles(charger(lire_fichier("esms-2024")), Projet.ACQUISITION, date(2024, 5, 1))
    assert refus.value.code is Code.REGLE_NON_RENSEIGNEE


@given(st.dates(date(1990, 1, 1), date(2100, 12, 31)), st.integers(0, 60))
def test_months_added_are_the_months_between(jour: date, mois: int) -> None:
    arrivee = add_months(jour, mois)
    assert (arrivee.year - jour.year) * 12 + arrivee.month - jour.month == mois
    assert arrivee.day == min(jour.day, monthrange(arrivee.year, arrivee.month)[1])


@pytest.mark.parametrize(
    ("jour", "combien", "attendu"),
    [
        (date(2026, 11, 27), 1, date(2026, 11, 30)),  # over a week-end
        (date(2026, 12, 24), 1, date(2026, 12, 28)),  # Christmas, then a week-end
        (date(2026, 4, 3), 1, date(2026, 4, 7)),  # Easter Monday
        (date(2026, 5, 13), 1, date(2026, 5, 15)),  # Ascension
        (date(2026, 5, 22), 1, date(2026, 5, 26)),  # Whit Monday
        (date(2026, 7, 13), 0, date(2026, 7, 13)),
        (date(2026, 11, 30), 15, date(2026, 12, 21)),
    ],
)
def test_working_days_skip_week_ends_and_public_holidays(jour: date, combien: int, attendu: date) -> None:
    assert add_working_days(jour, combien) == attendu


@given(st.dates(date(2000, 1, 1), date(2099, 1, 1)), st.integers(1, 60))
def test_a_working_day_is_reached_and_that_many_are_passed(jour: date, combien: int) -> None:
    fin = add_working_days(jour, combien)
    assert is_working_day(fin)
    assert sum(is_working_day(date.fromordinal(n)) for n in range(jour.toordinal() + 1, fin.toordinal() + 1)) == combien


@given(st.dates(date(2000, 1, 1), date(2099, 1, 1)), st.integers(1, 60))
def test_what_was_used_up_is_what_was_given(jour: date, combien: int) -> None:
    fin = add_working_days(jour, combien)
    assert working_days(jour, fin) == combien
    assert working_days(jour, fin - timedelta(days=1)) == combien - 1
    assert working_days(fin, jour) == 0
