"""Start, share and stop an embedded PostgreSQL server.

Two locks of the kernel (`flock`, released by themselves when a process dies, even by `kill -9`):
`clients` is held shared by every process that uses the server, so the one that can have it alone is
the last and stops the server; `demarrage` is held alone while a server is started or stopped.
"""

import atexit
import fcntl
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar, Self

import psutil
import psycopg
from psycopg import sql

from config.embarque.emplacement import Emplacement, locate
from config.embarque.erreurs import ServeurIndisponible
from config.embarque.installation import install, launch_options, prepare_root

BASE = "esms"
DELAI_DEMARRAGE = 60.0
DELAI_ARRET = 30.0
PAUSE = 0.01

REGLAGES = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    # Room for two web processes, their workers and a race test at once.
    "max_connections": "200",
    "shared_buffers": "256MB",
    # One server alone: no replica to feed.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# Tests throw their data away: nothing has to survive a crash of the machine.
JETABLE = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


class Serveur:
    """One server seen from this process. `ensure` attaches; the exit of the process detaches."""

    _partages: ClassVar[dict[Path, Self]] = {}
    _registre: ClassVar[threading.Lock] = threading.Lock()

    def __init__(self, racine: Path, *, durable: bool = True) -> None:
        self.racine = racine
        self.durable = durable
        self._fil = threading.RLock()
        self._lieu: Emplacement | None = None
        self._clients: int | None = None

    @classmethod
    def shared(cls, racine: Path, *, durable: bool = True) -> Self:
        """The one object of this process for that folder."""
        with cls._registre:
            if racine not in cls._partages:
                cls._partages[racine] = cls(racine, durable=durable)
            return cls._partages[racine]

    @property
    def lieu(self) -> Emplacement:
        if self._lieu is None:
            self._lieu = locate(self.racine)
        return self._lieu

    def ensure(self) -> Path:
        """Start the server if nobody has, and return the folder of its socket. Raises ServeurIndisponible."""
        with self._fil:
            prepare_root(self.lieu)
            self._hold()
            if find_postmaster(self.lieu) is None or status(self.lieu) != "ready":
                with self._alone():
                    self._start()
            return self.lieu.execution

    def leave(self) -> None:
        """Detach; the last one out stops the server."""
        with self._fil:
            if self._clients is None:
                return
            clients, self._clients = self._clients, None
            try:
                fcntl.flock(clients, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            else:
                self.stop()
            finally:
                os.close(clients)

    def stop(self) -> bool:
        """Stop the server, with whoever is connected. False when there was none."""
        if not self.lieu.racine.exists():
            return False
        with self._alone():
            postmaster = find_postmaster(self.lieu)
            if postmaster is None:
                return False
            for ordre in (signal.SIGINT, signal.SIGQUIT):
                postmaster.send_signal(ordre)
                if wait_for_end(postmaster):
                    return True
        raise ServeurIndisponible(f"Le serveur PostgreSQL n° {postmaster.pid} ne s'arrête pas.")

    def forget(self) -> None:
        """In a forked child: the lock is the parent's, the child takes its own if it connects."""
        self._fil = threading.RLock()
        if self._clients is not None:
            os.close(self._clients)
            self._clients = None

    def _hold(self) -> None:
        """Take the shared lock once; again if its file was deleted and made anew in between."""
        chemin = self.lieu.racine / "clients.lock"
        if self._clients is not None:
            if chemin.exists() and os.path.samestat(os.fstat(self._clients), chemin.stat()):
                return
            os.close(self._clients)
        self._clients = open_lock(chemin)
        fcntl.flock(self._clients, fcntl.LOCK_SH)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        verrou = open_lock(self.lieu.racine / "demarrage.lock")
        try:
            fcntl.flock(verrou, fcntl.LOCK_EX)
            yield
        finally:
            os.close(verrou)

    def _start(self) -> None:
        postmaster = find_postmaster(self.lieu)
        if postmaster and status(self.lieu) == "stopping":
            wait_for_end(postmaster)
            postmaster = None
        if postmaster is None:
            install(self.lieu, durable=self.durable)
            postmaster = self._launch()
        self._wait_until_ready(postmaster)
        self._create_database()

    def _launch(self) -> psutil.Process:
        reglages = REGLAGES if self.durable else REGLAGES | JETABLE
        # The value is a list, quoted so that a comma in the path is not a second folder.
        reglages = {**reglages, "unix_socket_directories": f'"{self.lieu.execution}"'}
        commande = [str(self.lieu.programmes / "postgres"), "-D", str(self.lieu.donnees)]
        commande += [f"--{nom}={valeur}" for nom, valeur in reglages.items()]
        _drop_stale_pid_file(self.lieu)
        journal = os.open(self.lieu.journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
        try:
            enfant = subprocess.Popen(commande, stdout=journal, stderr=journal, **launch_options(self.lieu.compte))
        except OSError as erreur:
            raise self._failure(str(erreur)) from erreur
        finally:
            os.close(journal)
        # The server may outlive this process on purpose: without this, Python complains at exit.
        enfant.returncode = 0
        return psutil.Process(enfant.pid)

    def _wait_until_ready(self, postmaster: psutil.Process) -> None:
        limite = time.monotonic() + DELAI_DEMARRAGE
        while status(self.lieu) != "ready" or find_postmaster(self.lieu) is None:
            if not alive(postmaster):
                raise self._failure()
            if time.monotonic() > limite:
                raise self._failure(f"toujours pas prêt après {DELAI_DEMARRAGE:.0f} secondes")
            time.sleep(PAUSE)

    def _failure(self, cause: str = "") -> ServeurIndisponible:
        if not cause:
            lignes = self.lieu.journal.read_text(errors="replace").splitlines() if self.lieu.journal.exists() else []
            cause = next((ligne for ligne in reversed(lignes) if "FATAL" in ligne), "arrêt immédiat")
        return ServeurIndisponible(
            f"Le serveur PostgreSQL embarqué n'a pas démarré : {cause.strip()} (voir {self.lieu.journal})."
        )

    def _create_database(self) -> None:
        """Create the project's base; on a throwaway server, also drop what killed runs left behind.

        Nobody else is connected yet: others wait for the start lock.
        """
        adresse = f"host='{_libpq(self.lieu.execution)}' user=postgres dbname=postgres"
        with psycopg.connect(adresse, autocommit=True) as connexion:
            bases = {nom for (nom,) in connexion.execute("SELECT datname FROM pg_database WHERE NOT datistemplate")}
            restes = set() if self.durable else bases - {"postgres", BASE}
            for nom in restes:
                connexion.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(nom)))
            if BASE not in bases:
                connexion.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(BASE)))


def status(lieu: Emplacement) -> str:
    """What the server last wrote of itself: `starting`, `ready`, `stopping`; empty without one."""
    lignes = _pid_file(lieu)
    return lignes[7].strip() if len(lignes) > 7 else ""


def find_postmaster(lieu: Emplacement) -> psutil.Process | None:
    """The living server of that folder, and no other process that got its number since."""
    lignes = _pid_file(lieu)
    try:
        processus = psutil.Process(int(lignes[0]))
        if alive(processus) and str(lieu.donnees) in processus.cmdline():
            return processus
    except (IndexError, ValueError, psutil.Error):
        pass
    return None


def alive(processus: psutil.Process) -> bool:
    """A zombie counts as dead, and is buried here if it is a child of this process."""
    try:
        if processus.ppid() == os.getpid():
            os.waitpid(processus.pid, os.WNOHANG)
        return processus.is_running() and processus.status() != psutil.STATUS_ZOMBIE
    except (psutil.NoSuchProcess, ChildProcessError):
        return False


def wait_for_end(processus: psutil.Process) -> bool:
    limite = time.monotonic() + DELAI_ARRET
    while alive(processus):
        if time.monotonic() > limite:
            return False
        time.sleep(PAUSE)
    return True


def open_lock(chemin: Path) -> int:
    try:
        return os.open(chemin, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError as erreur:
        raise ServeurIndisponible(
            f"Impossible d'ouvrir {chemin} ({erreur.strerror}) : lancez la commande avec le compte "
            "qui a créé la base embarquée."
        ) from erreur


def _pid_file(lieu: Emplacement) -> list[str]:
    try:
        return (lieu.donnees / "postmaster.pid").read_text().splitlines()
    except OSError:
        return []


def _drop_stale_pid_file(lieu: Emplacement) -> None:
    """After a crash the number may belong to another living process: PostgreSQL would then not start.

    Called alone and with no living server on these data.
    """
    (lieu.donnees / "postmaster.pid").unlink(missing_ok=True)


def _libpq(chemin: Path) -> str:
    return str(chemin).replace("\\", "\\\\").replace("'", "\\'")


def leave_all() -> None:
    """Detach this process from every server it used."""
    for serveur in list(Serveur._partages.values()):
        serveur.leave()


def _forget_all() -> None:
    for serveur in Serveur._partages.values():
        serveur.forget()


atexit.register(leave_all)
os.register_at_fork(after_in_child=_forget_all)
