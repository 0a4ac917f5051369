"""What a measure says, and on what machine it was taken."""

import os
import platform
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from statistics import median
from time import perf_counter
from typing import Any

from django.db import connection


@dataclass(frozen=True, kw_only=True)
class Mesure:
    """`figure`: ours, `floor`: what it is compared to, per second. `ratio`: how many times slower, against `aim`.

    Only a ratio is judged: a figure depends on the machine. `ok`: None when nothing is aimed at.
    """

    name: str
    unit: str
    figure: float
    floor: float | None = None
    aim: float | None = None
    details: dict[str, Any]

    def as_dict(self) -> dict[str, Any]:
        ratio = round(self.floor / self.figure, 2) if self.floor else None
        ok = ratio <= self.aim if ratio is not None and self.aim is not None else None
        donnees = asdict(self) | {"figure": round(self.figure, 1)}
        donnees["floor"] = round(self.floor, 1) if self.floor else None
        return donnees | {"ratio": ratio, "ok": ok}


def machine() -> dict[str, Any]:
    with connection.cursor() as curseur:
        curseur.execute("SELECT current_setting('server_version'), current_setting('fsync')")
        version, fsync = curseur.fetchone()
    return {
        "cores": os.cpu_count(),
        "processor": platform.machine(),
        "python": platform.python_version(),
        "postgresql": version,
        "fsync": fsync,
    }


class Chrono:
    """Durations of a repeated job, in seconds."""

    def __init__(self) -> None:
        self.tours: list[float] = []

    @contextmanager
    def lap(self) -> Iterator[None]:
        debut = perf_counter()
        yield
        self.tours.append(perf_counter() - debut)

    def rate(self, par_tour: int) -> float:
        """Median number per second, of laps of `par_tour` each."""
        return par_tour / median(self.tours)


def count_queries(action: Callable[[], object]) -> int:
    """Number of SQL queries `action()` sends; BEGIN and COMMIT do not count."""
    requetes: list[str] = []

    def note(execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        requetes.append(sql)
        return execute(sql, *arguments)

    with connection.execute_wrapper(note):
        action()
    return len(requetes)


def laps(nom: str, nombre: int) -> Iterator[int]:
    """`range(nombre)`, told on stderr."""
    for tour in range(nombre):
        sys.stderr.write(f"{nom} : tour {tour + 1}/{nombre}\n")
        yield tour
