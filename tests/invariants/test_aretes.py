"""The machine that Python declares and the one that PostgreSQL enforces are the same, pair by pair, both ways."""

from itertools import product
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from moteur import journal
from moteur.machine import Machine

MACHINES = journal.machines()


def states(modele: type[Machine]) -> list[str]:
    return [str(valeur) for valeur, _ in _field(modele).choices]


def declared(modele: type[Machine]) -> set[tuple[str, str]]:
    """Read from `django_fsm` itself, not by the engine's own reader."""
    return {(str(t.source), str(t.target)) for t in _field(modele).get_all_transitions(modele)}


def bare_table(modele: type[Machine], declencheur: str) -> None:
    """A table of the same columns with that one trigger of the real one, and nothing else in the way."""
    table = modele._meta.db_table
    with connection.cursor() as curseur:
        curseur.execute(
            """SELECT pg_get_triggerdef(oid), tgenabled FROM pg_trigger
               WHERE tgrelid = %s::regclass AND tgname ~ %s""",
            [table, f"^pgtrigger_{declencheur}_[0-9a-f]+$"],
        )
        ((definition, actif),) = curseur.fetchall()
        assert actif == "O", f"{table} : le déclencheur {declencheur} est débranché"
        curseur.execute(f"CREATE TABLE epreuve AS SELECT * FROM {table} WITH NO DATA")
        curseur.execute(definition.replace(f"public.{table}", "epreuve"))


def accepted(ordre: str, *valeurs: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as curseur:
            curseur.execute(ordre, valeurs)
    except DatabaseError:
        return False
    return True


@pytest.mark.parametrize("modele", MACHINES)
def test_postgresql_crosses_the_declared_edges_and_no_other(db: None, modele: type[Machine]) -> None:
    bare_table(modele, "aretes")
    franchies = set()
    for de, vers in product(states(modele), repeat=2):
        with connection.cursor() as curseur:
            curseur.execute("TRUNCATE epreuve")
            curseur.execute("INSERT INTO epreuve (etat) VALUES (%s)", [de])
        if accepted("UPDATE epreuve SET etat = %s", vers) and de != vers:
            franchies.add((de, vers))
    assert franchies == declared(modele)


@pytest.mark.parametrize("modele", MACHINES)
def test_postgresql_lets_a_row_be_born_in_its_first_state_only(db: None, modele: type[Machine]) -> None:
    bare_table(modele, "etat_initial")
    nes = {etat for etat in states(modele) if accepted("INSERT INTO epreuve (etat) VALUES (%s)", etat)}
    assert nes == {str(_field(modele).get_default())}


@pytest.mark.parametrize("modele", MACHINES)
def test_every_state_can_be_reached_and_every_edge_joins_known_states(modele: type[Machine]) -> None:
    atteints = {str(_field(modele).get_default())}
    while suivants := {vers for de, vers in declared(modele) if de in atteints} - atteints:
        atteints |= suivants
    assert atteints == set(states(modele))


def _field(modele: type[Machine]) -> Any:
    machine: Any = modele
    return machine._meta.get_field("etat")
