"""What the settings decide from the environment, seen from a fresh interpreter."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.cle import local_secret_key

PROJET = Path(__file__).resolve().parents[2]
EXTERNE = "postgresql://u:p@127.0.0.1:1/b"


def run(code, tmp_path, **variables):
    garde = {nom: os.environ[nom] for nom in ("PATH", "HOME", "LANG") if nom in os.environ}
    environnement = {**garde, "VAR_DIR": str(tmp_path / "var"), **variables}
    commande = [sys.executable, *([code] if code == "manage.py" else ["-c", code])]
    if code == "manage.py":
        commande += ["makemigrations", "--check", "--dry-run", "--help"]
    return subprocess.run(commande, cwd=PROJET, env=environnement, capture_output=True, text=True, check=False)


def test_the_local_demonstration_needs_no_variable(tmp_path):
    code = "from config import settings as s; print(s.DEBUG, s.HTTPS, s.DATABASES['default']['ENGINE'])"
    assert run(code, tmp_path).stdout.split() == ["True", "False", "config.embarque"]


def test_a_served_instance_is_not_in_debug_and_speaks_tls(tmp_path):
    code = "from config import settings as s; print(s.DEBUG, s.SECURE_SSL_REDIRECT, s.ALLOWED_HOSTS)"
    sortie = run(code, tmp_path, DATABASE_URL=EXTERNE, SECRET_KEY="x" * 50).stdout
    assert sortie.split() == ["False", "True", "[]"]


def test_a_served_instance_must_be_given_its_key(tmp_path):
    sortie = run("manage.py", tmp_path, DATABASE_URL=EXTERNE)
    assert sortie.returncode == 1
    assert sortie.stderr.strip().startswith("Erreur : La variable SECRET_KEY manque")


def test_a_bad_variable_is_one_sentence(tmp_path):
    sortie = run("manage.py", tmp_path, DEBUG="bof")
    assert sortie.returncode == 1
    assert sortie.stderr.strip() == "Erreur : La variable DEBUG vaut « bof » : écrivez 1 (oui) ou 0 (non)."


def test_a_command_that_does_not_connect_starts_no_server(tmp_path):
    assert run("manage.py", tmp_path).returncode == 0
    assert not (tmp_path / "var" / "pg").exists()


def test_e_mails_about_dossiers_leave_from_a_served_instance_only(tmp_path):
    code = "from config import settings as s; print(s.COURRIELS_ENVOYES, s.EMAIL_BACKEND.split('.')[-2])"
    servie = {"DATABASE_URL": EXTERNE, "SECRET_KEY": "x" * 50}
    assert run(code, tmp_path).stdout.split() == ["False", "console"]
    assert run(code, tmp_path, EMAIL_HOST="smtp.test").stdout.split() == ["False", "smtp"]
    assert run(code, tmp_path, **servie).stdout.split() == ["False", "console"]
    assert run(code, tmp_path, EMAIL_HOST="smtp.test", **servie).stdout.split() == ["True", "smtp"]


def test_the_local_key_is_made_once_and_private(tmp_path):
    fichier = tmp_path / "var" / "cle"
    cle = local_secret_key(fichier)
    assert len(cle) >= 50
    assert local_secret_key(fichier) == cle
    assert fichier.stat().st_mode & 0o777 == 0o600
    assert [chemin.name for chemin in fichier.parent.iterdir()] == ["cle"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_an_unwritable_folder_still_gives_a_key(tmp_path):
    tmp_path.chmod(0o500)
    assert len(local_secret_key(tmp_path / "cle")) >= 50
