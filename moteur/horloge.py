"""The business clock. Nothing in the domain reads the machine's clock: it asks here.

A play (`rejouer`) and the tests set the clock with `figer`; it then stands still, per context,
so two threads or two plays never see each other's time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
HEURE_OUVREE = time(9, 0)

_instant: ContextVar[datetime | None] = ContextVar("instant", default=None)


def maintenant() -> datetime:
    """The current business instant, aware, in UTC."""
    return _instant.get() or datetime.now(UTC)


def reelle() -> datetime:
    """The machine's instant, aware, in UTC, which nothing holds: for screens and files, never for the law."""
    return datetime.now(UTC)


def aujourdhui() -> date:
    """The current legal day: the calendar date in Paris."""
    return jour(maintenant())


def jour(instant: datetime) -> date:
    """The calendar date in Paris of an aware instant."""
    return instant.astimezone(PARIS).date()


def ouverture(le: date) -> datetime:
    """09:00 in Paris on that day: the instant meant by a bare date."""
    return datetime.combine(le, HEURE_OUVREE, PARIS).astimezone(UTC)


@contextmanager
def figer(instant: datetime) -> Iterator[None]:
    """Hold the clock at `instant` (aware) inside the block."""
    if instant.tzinfo is None:
        raise ValueError("the business clock takes aware instants only")
    jeton = _instant.set(instant.astimezone(UTC))
    try:
        yield
    finally:
        _instant.reset(jeton)
