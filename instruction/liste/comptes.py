"""Counting without reading everything: exact up to a ceiling, "more than" beyond, so that a hundred thousand
dossiers cost what a thousand do."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from aap.models import Etat

#: Dossiers that are counted one by one, all states together.
PLAFOND = 1000
#: Beyond, of each state that was not asked for.
PLAFOND_PAR_ETAT = 50


@dataclass(frozen=True, kw_only=True)
class Compte:
    """`nombre`: of those counted; `plus`: there are more. `aide`: euros granted to those counted."""

    nombre: int
    plus: bool
    aide: Decimal


def count_by_state(parcours: "QuerySet[Any]", choisis: Collection[str] = ()) -> dict[str, Compte]:
    """Those of each state that has any, in the order of a dossier's life, in one query.

    Exact when there are `PLAFOND` of them at most; else each state is counted apart, up to `PLAFOND` for `choisis`.
    """
    lus, parametres = _select(parcours.values("etat", "aide"), PLAFOND)
    morceaux = [
        "SELECT etat, true, count(*), coalesce(sum(aide), 0) FROM lus WHERE (SELECT tout FROM assez) GROUP BY 1"
    ]
    for etat in Etat.values:
        # The condition is constant: where it is false, PostgreSQL does not even begin.
        lot, valeurs = _select(parcours.filter(etat=etat).values("aide"), _ceiling(etat, choisis))
        morceaux.append(
            f"SELECT %s, false, count(*), coalesce(sum(aide), 0) FROM ({lot}) lot WHERE NOT (SELECT tout FROM assez)"  # noqa: S608
        )
        parametres += [etat, *valeurs]
    # What is read starts with SELECT (ui.lecture).
    sql = f"""SELECT * FROM (
        WITH lus AS MATERIALIZED ({lus}), assez AS (SELECT count(*) <= {PLAFOND} AS tout FROM lus)
        {" UNION ALL ".join(morceaux)}
    ) comptes"""  # noqa: S608 - Django wrote its parts
    with connection.cursor() as curseur:
        curseur.execute(sql, parametres)
        trouves = {etat: _counted(nombre, aide, None if exact else _ceiling(etat, choisis))
                   for etat, exact, nombre, aide in curseur.fetchall() if nombre}  # fmt: skip
    return {etat: trouves[etat] for etat in Etat.values if etat in trouves}


def total(comptes: Mapping[str, Compte], *, au_moins: int = 0) -> Compte:
    """All of them together: more than the ceiling when one of them is. `au_moins`: what is known of them then."""
    nombre, plus = sum(un.nombre for un in comptes.values()), any(un.plus for un in comptes.values())
    return Compte(
        nombre=max(nombre, au_moins) if plus else nombre,
        plus=plus,
        aide=sum((un.aide for un in comptes.values()), Decimal("0.00")),
    )


def _ceiling(etat: str, choisis: Collection[str]) -> int:
    return PLAFOND if etat in choisis else PLAFOND_PAR_ETAT


def _counted(nombre: int, aide: Decimal, plafond: int | None) -> Compte:
    """`plafond`: None when every dossier was counted."""
    plus = plafond is not None and nombre > plafond
    return Compte(nombre=nombre - 1 if plus else nombre, plus=plus, aide=aide)


def _select(lot: "QuerySet[Any]", plafond: int) -> tuple[str, list[Any]]:
    """One row more than the ceiling, to know that there are more."""
    sql, valeurs = lot.order_by()[: plafond + 1].query.sql_with_params()
    return sql, list(valeurs)
