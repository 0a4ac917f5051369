"""A real process, killed in the middle of a real import."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from grappes.importation import VERROU, import_files
from grappes.models import Essms, EvenementRegistre
from tests.grappes.fichiers_finess import many, stock
from tests.grappes.test_import_remplissage import schema

PROJET = Path(__file__).resolve().parents[2]
#: Imports, says when it is where the test wants it, and then waits for ever.
IMPORT = """
import pathlib, sys, django
django.setup()
from django.db import connection
from grappes import fusion
from grappes.importation import import_files

base, chemin, moment = sys.argv[1:]
connection.settings_dict["NAME"] = base

def wait():
    print(moment, flush=True)
    sys.stdin.read()

def suivi(fait, total):
    if moment == "copie" and fait > total / 2:
        wait()

def execute(suite, sql, params, many, contexte):
    resultat = suite(sql, params, many, contexte)
    if moment == "fusion" and sql == fusion.EVENEMENTS:
        wait()
    return resultat

with connection.execute_wrapper(execute):
    import_files([pathlib.Path(chemin)], suivi)
"""


@pytest.mark.parametrize("moment", ["copie", "fusion"])
def test_killed_half_way_leaves_the_register_as_it_was(base_jetable: str, tmp_path: Path, moment: str) -> None:
    """While half of the file is copied; then when every row is merged and nothing is committed."""
    import_files([stock(tmp_path / "a.csv", many(3))])
    avant = list(Essms.objects.order_by("finess").values())
    chemin = stock(tmp_path / "b.csv", many(5000), le="2026-06-12")
    _kill_import(base_jetable, chemin, moment)
    assert list(Essms.objects.order_by("finess").values()) == avant
    assert EvenementRegistre.objects.count() == 3
    _wait_for_the_server()
    assert import_files([chemin]).crees == 4997


def test_a_first_import_killed_half_way_leaves_an_empty_register_whole(base_jetable: str, tmp_path: Path) -> None:
    """Its indexes and keys, which wait for the rows, are those it had."""
    avant = schema()
    chemin = stock(tmp_path / "a.csv", many(5000))
    _kill_import(base_jetable, chemin, "fusion")
    _wait_for_the_server()
    assert not Essms.objects.exists()
    assert schema() == avant
    assert import_files([chemin]).crees == 5000


def _kill_import(base: str, chemin: Path, moment: str) -> None:
    commande = [sys.executable, "-c", IMPORT, base, str(chemin), moment]
    with subprocess.Popen(commande, cwd=PROJET, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as processus:
        assert processus.stdout is not None
        assert processus.stdout.readline() == f"{moment}\n"
        processus.kill()
    assert processus.returncode == -signal.SIGKILL


def _wait_for_the_server() -> None:
    """Until it saw that the process is gone: the lock of imports is free again."""
    with connection.cursor() as curseur:
        curseur.execute("SELECT pg_advisory_lock(%s), pg_advisory_unlock(%s)", [VERROU, VERROU])
