"""The embedded server: shared, started once, stopped by the last, never loosening a permission.

Real servers in folders of their own; the clients are separate processes, as commands are.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest

from config.embarque import emplacement
from config.embarque.emplacement import NOM_SOCKET, Compte, locate
from config.embarque.erreurs import ServeurIndisponible
from config.embarque.serveur import Serveur, find_postmaster, wait_for_end

PROJET = Path(__file__).resolve().parents[2]
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root lends the server an account")

# Attaches, says when the server was started, and stays until its standard input closes.
CLIENT = """
import pathlib, sys, psycopg
from config.embarque.serveur import Serveur
prises = Serveur.shared(pathlib.Path(sys.argv[1]), durable=False).ensure()
with psycopg.connect(host=str(prises), user="postgres", dbname="esms") as connexion:
    print(connexion.execute("SELECT pg_postmaster_start_time()::text").fetchone()[0], flush=True)
sys.stdin.read()
"""


@pytest.fixture
def dossier():
    """A folder every account can reach, as a checkout in `/srv` would be; its servers are stopped."""
    dossier = Path(tempfile.mkdtemp(prefix="esms-essai-", dir="/var/tmp"))
    dossier.chmod(0o755)
    habituel = os.umask(0o022)
    yield dossier
    os.umask(habituel)
    for racine in dossier.rglob("pg*"):
        if racine.name in {"pg", "pg-test"}:
            Serveur(racine).stop()
            shutil.rmtree(locate(racine).execution, ignore_errors=True)
    shutil.rmtree(dossier)


@pytest.fixture
def client():
    """Start client processes; end those still there."""
    lances = []

    def start(racine):
        commande = [sys.executable, "-c", CLIENT, str(racine)]
        lances.append(
            subprocess.Popen(
                commande,
                cwd=PROJET,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
        return lances[-1]

    yield start
    for processus in lances:
        if processus.poll() is None:
            processus.kill()
        processus.communicate()


def serving(racine):
    return find_postmaster(locate(racine)) is not None


def test_several_first_starts_at_once_make_one_server(dossier, client):
    clients = [client(dossier / "pg") for _ in range(4)]
    demarrages = {processus.stdout.readline() for processus in clients}
    assert len(demarrages) == 1
    assert demarrages != {""}
    for processus in clients[:-1]:
        processus.communicate()
    assert serving(dossier / "pg")
    clients[-1].communicate()
    assert not serving(dossier / "pg")
    assert [processus.returncode for processus in clients] == [0] * 4


def test_a_killed_client_leaves_a_server_the_next_one_uses_and_stops(dossier, client):
    premier = client(dossier / "pg")
    demarrage = premier.stdout.readline()
    premier.kill()
    premier.communicate()
    assert serving(dossier / "pg")
    second = client(dossier / "pg")
    assert second.stdout.readline() == demarrage
    second.communicate()
    assert not serving(dossier / "pg")


def test_a_killed_server_is_started_again_with_its_data(dossier):
    serveur = Serveur(dossier / "pg", durable=True)
    adresse = {"host": str(serveur.ensure()), "user": "postgres", "dbname": "esms"}
    with psycopg.connect(**adresse) as connexion:
        connexion.execute("CREATE TABLE garde AS SELECT 42 AS valeur")
    postmaster = find_postmaster(serveur.lieu)
    assert postmaster is not None
    postmaster.send_signal(signal.SIGQUIT)
    assert wait_for_end(postmaster)
    assert str(serveur.ensure()) == adresse["host"]
    with psycopg.connect(**adresse) as connexion:
        assert connexion.execute("SELECT valeur FROM garde").fetchone() == (42,)
    serveur.leave()
    assert not serving(dossier / "pg")


def test_an_interrupted_creation_is_started_over(dossier):
    serveur = Serveur(dossier / "pg", durable=False)
    (dossier / "pg" / "data.partiel" / "base").mkdir(parents=True)
    serveur.ensure()
    assert serving(dossier / "pg")
    serveur.leave()


def test_a_number_taken_by_another_process_is_never_signalled(dossier):
    serveur = Serveur(dossier / "pg", durable=False)
    serveur.ensure()
    fichier = serveur.lieu.donnees / "postmaster.pid"
    lignes = fichier.read_text().splitlines()
    serveur.stop()
    fichier.write_text("\n".join([str(os.getpid()), *lignes[1:]]))
    assert not serveur.stop()
    serveur.ensure()
    assert serving(dossier / "pg")
    serveur.leave()


def test_stopping_ends_the_servers_of_this_copy_only(dossier, client):
    voisin = client(dossier / "voisin" / "pg")
    mien = client(dossier / "var" / "pg")
    assert voisin.stdout.readline()
    assert mien.stdout.readline()
    commande = [sys.executable, "-m", "config.embarque", "arreter"]
    environnement = {**os.environ, "VAR_DIR": str(dossier / "var")}
    sortie = subprocess.run(commande, cwd=PROJET, env=environnement, capture_output=True, text=True, check=True)
    assert sortie.stdout == f"Serveur arrêté : {dossier}/var/pg\n"
    assert not serving(dossier / "var" / "pg")
    assert serving(dossier / "voisin" / "pg")


def test_a_deep_or_strange_path_works(dossier, client):
    racine = dossier / ("l'été, 100 % " + "x" * 80) / "pg"
    lieu = locate(racine)
    assert len(os.fsencode(racine / "run" / NOM_SOCKET)) > 107
    processus = client(racine)
    assert processus.stdout.readline()
    assert lieu.execution.stat().st_mode & 0o777 == 0o700
    processus.communicate()
    assert not serving(racine)


def test_a_path_initdb_would_hand_to_the_shell_is_refused(dossier, monkeypatch):
    programmes = dossier / "$(touch piege)" / "bin"
    monkeypatch.setattr(emplacement.Emplacement, "programmes", programmes)
    monkeypatch.setattr("config.embarque.installation._copy_programs", lambda lieu: None)
    with pytest.raises(ServeurIndisponible, match="déplacez le projet"):
        Serveur(dossier / "pg", durable=False).ensure()


def test_the_server_is_reached_by_its_socket_only_in_a_bare_locale(dossier):
    serveur = Serveur(dossier / "pg", durable=False)
    with psycopg.connect(host=str(serveur.ensure()), user="postgres", dbname="esms") as connexion:
        noms = ("listen_addresses", "max_connections", "shared_buffers", "server_encoding", "lc_messages")
        reglages = [connexion.execute(f"SHOW {nom}").fetchone()[0] for nom in noms]
        assert reglages == ["", "200", "256MB", "UTF8", "C"]
        assert connexion.execute("SELECT upper('éàœß')").fetchone() == ("ÉÀŒSS",)
    serveur.leave()


def test_an_account_reaches_what_modes_let_it_reach(dossier):
    prive = dossier / "prive"
    (prive / "dedans").mkdir(parents=True)
    prive.chmod(0o750)
    proprietaire = Compte(os.getuid(), 1)
    groupe = Compte(54321, os.getgid())
    autre = Compte(54321, 54321)
    assert proprietaire.reaches(prive / "dedans")
    assert groupe.reaches(prive / "dedans")
    assert not autre.reaches(prive / "dedans")


@root_only
def test_root_loosens_no_permission_of_a_private_folder(dossier, monkeypatch):
    repli = dossier / "repli"
    monkeypatch.setattr(emplacement, "REPLI", repli)
    prive = dossier / "prive"
    (prive / "projet").mkdir(parents=True)
    prive.chmod(0o700)
    serveur = Serveur(prive / "projet" / "var" / "pg", durable=False)
    serveur.ensure()
    try:
        assert prive.stat().st_mode & 0o777 == 0o700
        assert list((prive / "projet").iterdir()) == []
        assert serveur.lieu.racine.is_relative_to(repli)
        assert locate(serveur.racine).racine == serveur.lieu.racine
    finally:
        serveur.leave()


@root_only
def test_root_runs_a_copy_of_programs_the_account_cannot_reach(dossier, monkeypatch):
    vrai = emplacement.wheel()
    prive = dossier / "venv"
    prive.mkdir(mode=0o700)
    for nom in (vrai.name, f"{vrai.name}.libs"):
        (prive / nom).symlink_to(vrai.with_name(nom))
    monkeypatch.setattr(emplacement, "wheel", lambda: prive / vrai.name)
    monkeypatch.setattr("config.embarque.installation.wheel", lambda: prive / vrai.name)
    serveur = Serveur(dossier / "pg", durable=False)
    serveur.ensure()
    postmaster = find_postmaster(serveur.lieu)
    assert postmaster is not None
    assert Path(postmaster.cmdline()[0]).is_relative_to(dossier / "pg")
    serveur.leave()


@root_only
def test_root_keeps_the_locks_and_lends_only_the_data(dossier):
    serveur = Serveur(dossier / "pg", durable=False)
    serveur.ensure()
    prets = {chemin.name for chemin in (dossier / "pg").iterdir() if chemin.stat().st_uid != 0}
    serveur.leave()
    assert prets == {"data", "run"}


def test_a_socket_folder_made_by_somebody_else_is_refused(dossier):
    racine = dossier / ("x" * 100) / "pg"
    piege = locate(racine).execution
    piege.symlink_to(dossier)
    try:
        with pytest.raises(ServeurIndisponible, match="supprimez"):
            Serveur(racine, durable=False).ensure()
    finally:
        piege.unlink()
