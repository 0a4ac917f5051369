"""The business clock: the legal day is that of Paris, and nobody sees the clock of another."""

import threading
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from moteur import horloge

INSTANT = datetime(2022, 4, 1, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("instant", "jour"),
    [
        ("2022-03-31T21:59:59+00:00", date(2022, 3, 31)),
        ("2022-03-31T22:00:00+00:00", date(2022, 4, 1)),
        ("2022-12-31T22:59:59+00:00", date(2022, 12, 31)),
        ("2022-12-31T23:00:00+00:00", date(2023, 1, 1)),
        ("2022-03-27T00:59:59+00:00", date(2022, 3, 27)),
        ("2022-03-27T01:00:00+00:00", date(2022, 3, 27)),
        ("2022-03-26T23:00:00+00:00", date(2022, 3, 27)),
        ("2022-03-27T22:00:00+00:00", date(2022, 3, 28)),
        ("2022-10-29T22:00:00+00:00", date(2022, 10, 30)),
        ("2022-10-30T22:59:59+00:00", date(2022, 10, 30)),
        ("2022-10-30T23:00:00+00:00", date(2022, 10, 31)),
        ("2022-04-01T02:00:00+12:00", date(2022, 3, 31)),
    ],
)
def test_legal_day_is_that_of_paris(instant: str, jour: date) -> None:
    """Winter and summer midnights, and both nights when the clocks change."""
    moment = datetime.fromisoformat(instant)
    assert horloge.jour(moment) == jour
    with horloge.figer(moment):
        assert horloge.aujourdhui() == jour


@pytest.mark.parametrize(("jour", "heure"), [(date(2022, 1, 15), 8), (date(2022, 7, 15), 7), (date(2022, 3, 27), 7)])
def test_a_bare_date_means_nine_in_paris(jour: date, heure: int) -> None:
    ouverture = horloge.ouverture(jour)
    assert ouverture == datetime(jour.year, jour.month, jour.day, heure, tzinfo=UTC)
    assert horloge.jour(ouverture) == jour


def test_held_then_released() -> None:
    with horloge.figer(INSTANT):
        assert horloge.maintenant() == INSTANT
        with horloge.figer(INSTANT + timedelta(days=1)):
            assert horloge.aujourdhui() == date(2022, 4, 2)
        assert horloge.maintenant() == INSTANT
    assert horloge.maintenant().year >= 2025


def test_released_after_an_error() -> None:
    with pytest.raises(ZeroDivisionError), horloge.figer(INSTANT):
        _ = 1 / 0
    assert horloge.maintenant() != INSTANT


def test_always_utc() -> None:
    with horloge.figer(INSTANT.astimezone(timezone(timedelta(hours=-5)))):
        assert horloge.maintenant().tzinfo is UTC
    assert horloge.maintenant().tzinfo is UTC


def test_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"), horloge.figer(INSTANT.replace(tzinfo=None)):
        pass


def test_threads_do_not_share_it() -> None:
    """Two threads hold different days at the same moment; a third one, started inside, holds none."""
    ensemble = threading.Barrier(3, timeout=10)
    vus: dict[str, date] = {}

    def look(nom: str, instant: datetime | None) -> None:
        if instant is None:
            ensemble.wait()
            vus[nom] = horloge.aujourdhui()
            return
        with horloge.figer(instant):
            ensemble.wait()
            vus[nom] = horloge.aujourdhui()

    with horloge.figer(INSTANT):
        fils = [
            threading.Thread(target=look, args=args)
            for args in (("a", INSTANT + timedelta(days=10)), ("b", INSTANT + timedelta(days=20)), ("c", None))
        ]
        for fil in fils:
            fil.start()
        for fil in fils:
            fil.join()
        assert horloge.aujourdhui() == date(2022, 4, 1)
    assert (vus["a"], vus["b"]) == (date(2022, 4, 11), date(2022, 4, 21))
    assert vus["c"] > date(2025, 1, 1)
