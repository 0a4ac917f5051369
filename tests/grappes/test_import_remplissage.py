"""The first import makes indexes and keys again once the rows are there: the same ones, or waits for nobody."""

from pathlib import Path

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from grappes.importation import import_files
from grappes.models import Essms
from grappes.remplissage import TABLES, filling
from tests.grappes.fichiers_finess import ej, geo, many, stock

#: By name: the definition, whether it holds for every row; then what tells one that was made again.
SCHEMA = """
    SELECT relname, pg_get_indexdef(oid), indisvalid::text, oid
    FROM pg_index JOIN pg_class ON oid = indexrelid WHERE indrelid = ANY (%s::regclass[])
    UNION ALL
    SELECT conname, pg_get_constraintdef(oid), convalidated::text, oid
    FROM pg_constraint WHERE conrelid = ANY (%s::regclass[])
    ORDER BY 1, 2
"""


def schema() -> tuple[list[tuple[str, ...]], set[int]]:
    """What the tables of the register hold to, and the internal numbers of it."""
    with connection.cursor() as curseur:
        curseur.execute(SCHEMA, [TABLES, TABLES])
        lignes = curseur.fetchall()
    return [ligne[:3] for ligne in lignes], {ligne[3] for ligne in lignes}


def test_a_first_import_makes_the_same_indexes_and_keys_again(base_jetable: str, tmp_path: Path) -> None:
    avant, numeros = schema()
    assert import_files([stock(tmp_path / "a.csv", [*many(30), geo(), ej()])]).crees == 30
    apres, refaits = schema()
    assert apres == avant
    assert {"essms_recherche", "essms_finess_unique"} <= {ligne[0] for ligne in apres}
    assert len(refaits - numeros) >= 9
    # Those that point outside of the register were left alone, and a second import leaves them all.
    assert import_files([stock(tmp_path / "b.csv", many(31), le="2026-06-12")]).crees == 1
    assert schema() == (avant, refaits)


def test_the_search_reads_the_index_made_again(base_jetable: str, tmp_path: Path) -> None:
    import_files([stock(tmp_path / "a.csv", many(300))])
    with transaction.atomic(), connection.cursor() as curseur:
        curseur.execute("SET LOCAL enable_seqscan = off")
        assert "essms_recherche" in Essms.objects.search("ehpad 7").order_by().explain()
    assert {essms.nom for essms in Essms.objects.search("ehpad 77")} == {"EHPAD 77"}


def test_a_reader_in_progress_is_not_waited_for(base_jetable: str, tmp_path: Path) -> None:
    """The import is then the ordinary one."""
    avant = schema()
    reglages = connection.get_connection_params()
    for django_seul in ("cursor_factory", "context"):
        reglages.pop(django_seul, None)
    with psycopg.connect(**reglages) as lecteur:
        lecteur.execute("SELECT FROM grappes_essms")
        assert import_files([stock(tmp_path / "a.csv", many(30))]).crees == 30
    assert schema() == avant


def test_a_key_that_would_not_hold_refuses_everything(base_jetable: str, tmp_path: Path) -> None:
    """Without the key that is put off, this row would be written."""
    avant = schema()
    orphelin = """
        INSERT INTO grappes_evenementregistre (importation_id, essms_id, nature, le, champ, avant, apres)
        VALUES (1, 1, 'ouverture', '2026-05-12', '', '', '')
    """
    with pytest.raises(DatabaseError, match="violates foreign key"), transaction.atomic():  # noqa: SIM117
        with connection.cursor() as curseur, filling(curseur):
            curseur.execute(orphelin)
    assert schema() == avant
