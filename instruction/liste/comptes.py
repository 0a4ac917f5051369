"""Counting without reading everything: exact up to a ceiling, "more than" beyond, so that a hundred thousand
dossiers cost what a thousand do."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import QuerySet

PLAFOND = 1000


@dataclass(frozen=True, kw_only=True)
class Compte:
    """`nombre`: at most `PLAFOND`; `plus`: there are more. `aide`: euros granted to those counted."""

    nombre: int
    plus: bool
    aide: Decimal


def count(lots: Mapping[str, "QuerySet[Any]"]) -> dict[str, Compte]:
    """Each of these sets of `Parcours` counted up to the ceiling, in one query."""
    morceaux, parametres = [], []
    for nom, lot in lots.items():
        sql, valeurs = lot.order_by().values("aide")[: PLAFOND + 1].query.sql_with_params()
        morceaux.append(f"SELECT %s, count(*), coalesce(sum(aide), 0) FROM ({sql}) lot")  # noqa: S608 - Django wrote it
        parametres += [nom, *valeurs]
    if not morceaux:
        return {}
    with connection.cursor() as curseur:
        curseur.execute(" UNION ALL ".join(morceaux), parametres)
        return {nom: _counted(nombre, aide) for nom, nombre, aide in curseur.fetchall()}


def total(comptes: Mapping[str, Compte]) -> Compte:
    """All of them together: beyond one ceiling, beyond the ceiling."""
    return Compte(
        nombre=sum(un.nombre for un in comptes.values()),
        plus=any(un.plus for un in comptes.values()),
        aide=sum((un.aide for un in comptes.values()), Decimal("0.00")),
    )


def _counted(nombre: int, aide: Decimal) -> Compte:
    return Compte(nombre=min(nombre, PLAFOND), plus=nombre > PLAFOND, aide=aide)
