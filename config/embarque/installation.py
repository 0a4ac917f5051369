"""Prepare the folders of a server, its programs and its first data. Called under the start lock."""

import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from config.embarque.emplacement import Compte, Emplacement, wheel
from config.embarque.erreurs import ServeurIndisponible

# A language-free setting: bare machines have no locale installed. The built-in provider still knows
# the whole of Unicode for upper and lower case; the order is that of code points.
INITDB = (
    *("--username=postgres", "--encoding=UTF8", "--locale=C"),
    *("--locale-provider=builtin", "--builtin-locale=PG_UNICODE_FAST"),
    # Whoever opens the socket is trusted: only the server's account and root can, by its folder.
    *("--auth-local=trust", "--auth-host=reject", "--no-instructions"),
)
# `initdb` hands the path of its programs to a shell, between double quotes.
SENSIBLES = frozenset('"$`\\')


def prepare_root(lieu: Emplacement) -> None:
    """Create the folder of the server, empty, so that its locks can be taken.

    Folders that already exist are left as they are. Root keeps this one for itself; the server's
    account only owns `data` and `run` inside it.
    """
    manquants = [dossier for dossier in lieu.racine.parents if not dossier.exists()]
    try:
        for dossier in reversed(manquants):
            _make(dossier, 0o755)
        _make(lieu.racine, 0o711 if lieu.compte else 0o700)
    except OSError as erreur:
        raise ServeurIndisponible(
            f"Impossible de créer {lieu.racine} pour la base embarquée ({erreur.strerror}) : donnez à ce "
            "compte le droit d'y écrire, ou une autre base par DATABASE_URL."
        ) from erreur


def install(lieu: Emplacement, *, durable: bool) -> None:
    """Everything the server needs to start: programs, socket folder, data."""
    _copy_programs(lieu)
    _make_private(lieu)
    if lieu.donnees.exists():
        _check_owner(lieu.donnees, lieu.uid)
    else:
        _initialise(lieu, durable=durable)


def launch_options(compte: Compte | None) -> dict[str, Any]:
    """How a program of the server is run: its account, no particular folder, no inherited setting.

    In a session of its own: a Ctrl-C in the terminal is for the command, not for the server.
    """
    identite = {"user": compte.uid, "group": compte.gid, "extra_groups": []} if compte else {}
    environnement = {"PATH": os.defpath, "LC_ALL": "C"}
    commun = {"stdin": subprocess.DEVNULL, "cwd": "/", "umask": 0o077, "start_new_session": True}
    return {**commun, **identite, "env": environnement}


def _make(dossier: Path, mode: int) -> None:
    """Create a folder with exactly this mode, whatever the umask; an existing one is left alone."""
    try:
        dossier.mkdir(mode=0o700)
    except FileExistsError:
        return
    dossier.chmod(mode)


def _make_private(lieu: Emplacement) -> None:
    """Create the folder of the socket; refuse one that somebody else made in `/tmp`."""
    dossier = lieu.execution
    try:
        dossier.mkdir(mode=0o700)
        if lieu.compte:
            os.chown(dossier, lieu.compte.uid, lieu.compte.gid)
    except FileExistsError:
        _check_owner(dossier, lieu.uid)
        if dossier.is_symlink() or dossier.stat().st_mode & 0o077:
            raise ServeurIndisponible(f"{dossier} n'est pas un dossier privé : supprimez-le.") from None


def _check_owner(dossier: Path, uid: int) -> None:
    proprietaire = dossier.lstat().st_uid
    if proprietaire != uid:
        raise ServeurIndisponible(
            f"{dossier} appartient à un autre compte (n° {proprietaire}, attendu {uid}) : lancez la commande "
            "avec le compte qui a créé la base embarquée, ou supprimez ce dossier pour repartir de zéro."
        )


def _copy_programs(lieu: Emplacement) -> None:
    """Copy PostgreSQL where the server's account can run it, when the virtual environment is private."""
    cible = lieu.programmes.parent
    if cible.is_relative_to(wheel()) or cible.exists():
        return
    brouillon = lieu.racine / "programmes.partiel"
    shutil.rmtree(brouillon, ignore_errors=True)
    # The programs look for their libraries in the folder beside the package.
    bibliotheques = wheel().with_name(f"{wheel().name}.libs")
    source = wheel() / cible.name
    for dossier in (bibliotheques, source / "bin", source / "lib", source / "share"):
        shutil.copytree(dossier, brouillon / dossier.relative_to(wheel().parent))
    for chemin in (brouillon, *brouillon.rglob("*")):
        chemin.chmod(0o755)
    brouillon.rename(cible.parent.parent)


def _initialise(lieu: Emplacement, *, durable: bool) -> None:
    """Create the data beside, then move them into place: an interrupted creation leaves nothing."""
    if SENSIBLES.intersection(str(lieu.programmes)):
        raise ServeurIndisponible(
            f"PostgreSQL ne sait pas s'installer depuis {lieu.programmes} : déplacez le projet "
            "dans un dossier dont le nom n'a ni guillemet double, ni dollar, ni accent grave, "
            "ni barre oblique inverse."
        )
    print(f"Base embarquée : création dans {lieu.racine}", file=sys.stderr)  # noqa: T201
    brouillon = lieu.racine / "data.partiel"
    shutil.rmtree(brouillon, ignore_errors=True)
    brouillon.mkdir(mode=0o700)
    compte = _named(lieu.compte)
    if compte:
        os.chown(brouillon, compte.uid, compte.gid)
    options = INITDB if durable else (*INITDB, "--no-sync")
    commande = [lieu.programmes / "initdb", *options, "-D", brouillon]
    resultat = subprocess.run(commande, capture_output=True, check=False, text=True, **launch_options(compte))
    if resultat.returncode != 0:
        raise ServeurIndisponible(f"La base embarquée n'a pas pu être créée : {resultat.stderr.strip()}")
    if lieu.compte:
        for chemin in (brouillon, *brouillon.rglob("*")):
            os.chown(chemin, lieu.compte.uid, lieu.compte.gid, follow_symlinks=False)
    brouillon.rename(lieu.donnees)


def _named(compte: Compte | None) -> Compte | None:
    """An account `initdb` accepts: it insists on a name, which the server's own account lacks."""
    if compte is None:
        return None
    try:
        pwd.getpwuid(compte.uid)
    except KeyError:
        personne = pwd.getpwnam("nobody")
        return Compte(personne.pw_uid, personne.pw_gid)
    return compte
