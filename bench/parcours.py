"""The whole path of a grappe of 46 ESSMS, from filing to the second payment, played and rolled back."""

from bench.mesure import Chrono, Mesure, count_queries, laps
from instruction.rejeu import play
from instruction.scenario import Scenario

TOURS = 7


def measure(scenario: Scenario) -> list[Mesure]:
    """Paths per second, in one process."""
    requetes = count_queries(lambda: play(scenario))
    chrono = Chrono()
    for _ in laps("parcours", TOURS):
        with chrono.lap():
            bilan = play(scenario)
            assert bilan["dossiers"]["D1"]["etat"] == "clos"
    details = {"events": len(scenario.evenements), "essms": 46, "laps": TOURS, "queries_per_path": requetes}
    return [Mesure(name="parcours", unit="paths/s", figure=chrono.rate(1), details=details)]
