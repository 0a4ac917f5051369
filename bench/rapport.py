"""Every bench on a database of its own, as one JSON document. Those named on the command line alone, if any is."""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bench import finess, franchir, liste, pages, parcours, recherche
from bench.base import throwaway
from bench.mesure import Mesure, machine
from instruction.scenario import Scenario, read_file

SUCCES = Path(__file__).resolve().parents[1] / "fixtures" / "scenarios" / "succes.json"

#: What each needs: the scenario that its dossiers play, a migrated database to copy.
BANCS: Mapping[str, Callable[[Scenario, str], list[Mesure]]] = {
    "importer": lambda _, vierge: finess.measure(vierge),
    "rechercher": lambda _, vierge: recherche.measure(vierge),
    "pages": pages.measure,
    "liste": liste.measure,
    "parcours": lambda scenario, _: parcours.measure(scenario),
    "franchir": lambda scenario, _: franchir.measure(scenario),
}


def main(arguments: Sequence[str] | None = None, modele: str = "template1") -> None:
    """`modele`: the database that those of the benches are copied from; one that is migrated saves doing it again."""
    noms = _asked(arguments) or list(BANCS)
    scenario = read_file(SUCCES)
    with throwaway(modele) as vierge:
        mesures = [mesure for nom in noms for mesure in BANCS[nom](scenario, vierge)]
        rapport = {"machine": machine(), "benches": [mesure.as_dict() for mesure in mesures]}
    sys.stdout.write(json.dumps(rapport, ensure_ascii=False, indent=1) + "\n")


def _asked(arguments: Sequence[str] | None) -> list[str]:
    parseur = argparse.ArgumentParser(prog="python -m bench", description="Measures, as JSON on stdout.")
    parseur.add_argument("bancs", nargs="*", metavar="BANC", help=f"one of: {', '.join(BANCS)} (default: all)")
    parseur.epilog = "To be run alone on the machine: whatever else works there weighs on the figures."
    noms: list[str] = parseur.parse_args(arguments).bancs
    if inconnus := [nom for nom in noms if nom not in BANCS]:
        parseur.error(f"unknown: {', '.join(inconnus)}; known: {', '.join(BANCS)}")
    return noms
