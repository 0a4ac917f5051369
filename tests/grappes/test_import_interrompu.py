"""A real process, killed in the middle of a real import."""

import subprocess
import sys
from pathlib import Path

from grappes.importation import import_files
from grappes.models import Essms, EvenementRegistre
from tests.grappes.fichiers_finess import many, stock

PROJET = Path(__file__).resolve().parents[2]
#: Imports, says when half of the file is copied, and then waits for ever.
IMPORT = """
import pathlib, sys, django
django.setup()
from django.db import connection
from grappes.importation import import_files
connection.settings_dict["NAME"] = sys.argv[1]
def suivi(fait, total):
    if fait > total / 2:
        print("moitie", flush=True)
        sys.stdin.read()
import_files([pathlib.Path(sys.argv[2])], suivi)
"""


def test_killed_half_way_leaves_the_register_as_it_was(base_jetable: str, tmp_path: Path) -> None:
    import_files([stock(tmp_path / "a.csv", many(3))])
    avant = list(Essms.objects.order_by("finess").values())
    chemin = stock(tmp_path / "b.csv", many(5000), le="2026-06-12")
    commande = [sys.executable, "-c", IMPORT, base_jetable, str(chemin)]
    with subprocess.Popen(commande, cwd=PROJET, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as processus:
        assert processus.stdout is not None
        assert processus.stdout.readline() == "moitie\n"
        processus.kill()
    assert list(Essms.objects.order_by("finess").values()) == avant
    assert EvenementRegistre.objects.count() == 3
