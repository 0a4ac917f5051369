"""Searching a register of 100 000 ESSMS, next to one reading of the whole table.

The first 20 results of each query, made into objects with their OG, against `SELECT count(*)` of a column that has no
index: the slowest query is the one judged. The queries: words that half of the register holds, words of two letters,
rare ones, several, none, and numbers, names, communes and OG drawn from the register itself.
"""

from statistics import median

from django.db import connection

from bench.base import throwaway
from bench.finess import written
from bench.mesure import Chrono, Mesure, laps
from grappes.importation import import_files
from grappes.models import Essms

ESSMS = 100_000
CIBLE = 5.0
#: What a person waits without noticing, in milliseconds.
ATTENTE = 50
TOURS = 5
RESULTATS = 20
TIRES = 5
MOTS = (
    "", "ehpad", "EHPAD résidence", "association", "as", "ca", "re", "e", "st", "saint", "de la", "établissement",
    "personnes âgées", "hébergement", "service", "savs", "500", "31", "75", "cmpp", "ehpad 31", "foyer 59",
    "association residence accueil", "ehpad introuvable", "zzzz", "zz yy", "marseille", "ehpad les lavandes",
)  # fmt: skip
LECTURE = "SELECT count(*) FROM grappes_essms WHERE adresse = 'nulle part'"


def measure(vierge: str) -> list[Mesure]:
    """Queries per second for the slowest of them, on a copy of the database `vierge`."""
    with throwaway(vierge):
        with written(ESSMS) as fichiers:
            import_files(fichiers)
        attendues = queries()
        durees, lecture = {texte: Chrono() for texte in attendues}, Chrono()
        for _ in laps("recherche", TOURS):
            with lecture.lap(), connection.cursor() as curseur:
                curseur.execute(LECTURE)
            for texte, chrono in durees.items():
                with chrono.lap():
                    list(Essms.objects.found(texte, RESULTATS))
    medianes = {texte: 1000 / chrono.rate(1) for texte, chrono in durees.items()}
    lente = max(medianes, key=lambda texte: medianes[texte])
    details = {
        "essms": ESSMS, "queries": len(attendues), "laps": TOURS, "compared_to": "one sequential scan of the table",
        "p50_ms": round(median(medianes.values()), 1), "max_ms": round(medianes[lente], 1), "slowest": lente,
        "worst_of_all_laps_ms": round(1000 * max(max(chrono.tours) for chrono in durees.values()), 1),
        "under_50_ms": medianes[lente] < ATTENTE,
    }  # fmt: skip
    figure = durees[lente].rate(1)
    return [
        Mesure(name="recherche", unit="queries/s", figure=figure, floor=lecture.rate(1), aim=CIBLE, details=details)
    ]


def queries() -> list[str]:
    """The words above, and what a few rows spread over the register would be looked for by."""
    pas = max(1, ESSMS // TIRES)
    lignes = Essms.objects.filter(pk__in=range(pas, ESSMS + 1, pas)).order_by("finess")
    tires = lignes.values_list("finess", "nom", "commune", "og__nom")
    return list(dict.fromkeys([*MOTS, *(valeur for ligne in tires for valeur in (*ligne, ligne[0][:5]))]))
