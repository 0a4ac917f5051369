"""Every bench on a database of its own, as one JSON document."""

import json
import sys
from pathlib import Path

from bench import finess, franchir, liste, pages, parcours, recherche
from bench.base import throwaway
from bench.mesure import machine
from instruction.scenario import read_file

SUCCES = Path(__file__).resolve().parents[1] / "fixtures" / "scenarios" / "succes.json"


def main() -> None:
    scenario = read_file(SUCCES)
    with throwaway() as vierge:
        mesures = [*finess.measure(vierge), *recherche.measure(vierge), *pages.measure(scenario, vierge)]
        mesures += liste.measure(scenario, vierge)
        mesures += [*parcours.measure(scenario), *franchir.measure(scenario)]
        rapport = {"machine": machine(), "benches": [mesure.as_dict() for mesure in mesures]}
    sys.stdout.write(json.dumps(rapport, ensure_ascii=False, indent=1) + "\n")
