"""`python -m config.embarque etat|arreter`: the embedded servers of this copy of the project."""

import argparse
import sys

from config.chemins import VAR_DIR
from config.embarque.erreurs import ServeurIndisponible
from config.embarque.serveur import Serveur, find_postmaster

DOSSIERS = ("pg", "pg-test")


def main() -> None:
    """Say where the data are, or stop the servers of this copy and no other."""
    parser = argparse.ArgumentParser(prog="python -m config.embarque", description=main.__doc__)
    parser.add_argument("action", choices=("etat", "arreter"))
    action = parser.parse_args().action
    for serveur in (Serveur(VAR_DIR / nom) for nom in DOSSIERS):
        if action == "arreter":
            if serveur.stop():
                say(f"Serveur arrêté : {serveur.lieu.racine}")
        elif serveur.lieu.donnees.exists():
            processus = find_postmaster(serveur.lieu)
            say(f"{serveur.lieu.racine} : {f'en marche (n° {processus.pid})' if processus else 'arrêté'}")


def say(ligne: str) -> None:
    sys.stdout.write(f"{ligne}\n")


if __name__ == "__main__":
    try:
        main()
    except ServeurIndisponible as erreur:
        sys.exit(f"Erreur : {erreur}")
