"""Counting without reading everything: exact up to a ceiling, "more than" beyond, so that a hundred thousand
dossiers cost what a thousand do."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from operator import itemgetter
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from aap.models import Etat

#: Dossiers that are read, at most, to be counted.
PLAFOND = 2_000
#: Of a state that was asked for.
PLAFOND_CHOISI = 1_000
#: Of a state that those hold less of: counted apart.
PLAFOND_PAR_ETAT = 20


@dataclass(frozen=True, kw_only=True)
class Compte:
    """`nombre`: of those counted; `plus`: there are more. `aide`: euros granted to those counted."""

    nombre: int
    plus: bool
    aide: Decimal


def count_by_state(parcours: "QuerySet[Any]", choisis: Collection[str] = ()) -> dict[str, Compte]:
    """Those of each state that has any, in the order of a dossier's life, in one query.

    Exact when there are `PLAFOND` of them at most. Else the states in `choisis`, and those that the first ones read
    hold few of, are counted apart; of the others, it is said that there are more.
    """
    with connection.cursor() as curseur:
        curseur.execute(*_query(parcours, choisis))
        lues = curseur.fetchall()
    trouves = {}
    for etat, apart, tout, nombre, aide in sorted(lues, key=itemgetter(1)):  # counted apart: says more, comes last
        if nombre:
            trouves[etat] = Compte(nombre=nombre, plus=False, aide=aide) if tout else _more(etat, nombre, aide, choisis)
            if apart and nombre <= _ceiling(etat, choisis):
                trouves[etat] = Compte(nombre=nombre, plus=False, aide=aide)
    return {etat: trouves[etat] for etat in Etat.values if etat in trouves}


def _query(parcours: "QuerySet[Any]", choisis: Collection[str]) -> tuple[str, list[Any]]:
    """What is read starts with SELECT (ui.lecture)."""
    lus, parametres = _select(parcours.values("etat", "aide"), PLAFOND)
    morceaux = ["SELECT etat, false, (SELECT tout FROM assez), nombre, aide FROM par_etat"]
    for etat in Etat.values:
        # The condition is constant: where it is false, PostgreSQL does not even begin.
        lot, valeurs = _select(parcours.filter(etat=etat).values("aide"), _ceiling(etat, choisis))
        morceaux.append(
            f"SELECT %s, true, false, count(*), coalesce(sum(aide), 0) FROM ({lot}) lot"  # noqa: S608
            " WHERE NOT (SELECT tout FROM assez)"
            " AND NOT EXISTS (SELECT FROM par_etat WHERE etat = %s AND nombre > %s)"
        )
        parametres += [etat, *valeurs, etat, _ceiling(etat, choisis)]
    sql = f"""SELECT * FROM (
        WITH lus AS MATERIALIZED ({lus}),
            par_etat AS MATERIALIZED (
                SELECT etat, count(*) AS nombre, coalesce(sum(aide), 0) AS aide FROM lus GROUP BY etat
            ),
            assez AS (SELECT coalesce(sum(nombre), 0) <= {PLAFOND} AS tout FROM par_etat)
        {" UNION ALL ".join(morceaux)}
    ) comptes"""  # noqa: S608 - Django wrote its parts
    return sql, parametres


def total(comptes: Mapping[str, Compte], *, au_moins: int = 0) -> Compte:
    """All of them together: more than the ceiling when one of them is. `au_moins`: what is known of them then."""
    nombre, plus = sum(un.nombre for un in comptes.values()), any(un.plus for un in comptes.values())
    return Compte(
        nombre=max(nombre, au_moins) if plus else nombre,
        plus=plus,
        aide=sum((un.aide for un in comptes.values()), Decimal("0.00")),
    )


def _ceiling(etat: str, choisis: Collection[str]) -> int:
    return PLAFOND_CHOISI if etat in choisis else PLAFOND_PAR_ETAT


def _more(etat: str, nombre: int, aide: Decimal, choisis: Collection[str]) -> Compte:
    """At least that many were seen: said in round figures."""
    rond = (nombre - 1) // PLAFOND_PAR_ETAT * PLAFOND_PAR_ETAT
    return Compte(nombre=min(rond, _ceiling(etat, choisis)) if etat in choisis else rond, plus=True, aide=aide)


def _select(lot: "QuerySet[Any]", plafond: int) -> tuple[str, list[Any]]:
    """One row more than the ceiling, to know that there are more."""
    sql, valeurs = lot.order_by()[: plafond + 1].query.sql_with_params()
    return sql, list(valeurs)
