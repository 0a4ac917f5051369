"""What a process grows by while it exports the list: a hundred thousand rows next to a thousand.

Each export runs in a process of its own (`bench.exporte`), whose highest memory is read from the kernel: what a former
export left behind would hide what the next one takes. The format that grows most is the one judged.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass

from bench.mesure import Mesure
from moteur.tableaux import FORMATS

CIBLE = 1.5


@dataclass(frozen=True, kw_only=True)
class Pointe:
    """In mebibytes: what was sent, the highest the process went, from where it was before."""

    envoye: float
    pointe: float
    avant: float

    @property
    def hausse(self) -> float:
        return round(self.pointe - self.avant, 1)


def measure(petite: tuple[str, int], grande: tuple[str, int], lignes: int) -> Mesure:
    """How many exports fit in a gibibyte. `petite`, `grande`: a database that is there, and who reads it."""
    peu = {format: _apart(format, *petite) for format in FORMATS}
    beaucoup = {format: _apart(format, *grande) for format in FORMATS}
    pire = max(FORMATS, key=lambda format: beaucoup[format].pointe / peu[format].pointe)
    details = {
        "rows": lignes, "compared_to": "the same export of few rows", "format": pire,
        "growth_mib": {format: {"few": peu[format].hausse, "all": beaucoup[format].hausse} for format in FORMATS},
        "sent_mib": {format: round(beaucoup[format].envoye, 1) for format in FORMATS},
    }  # fmt: skip
    return Mesure(
        name="export, mémoire", unit="exports/GiB", figure=1024 / beaucoup[pire].pointe,
        floor=1024 / peu[pire].pointe, aim=CIBLE, details=details,
    )  # fmt: skip


def _apart(format: str, base: str, lecteur: int) -> Pointe:
    sys.stderr.write(f"export {format} : {base}\n")
    commande = [sys.executable, "-m", "bench", "exporter", base, format, str(lecteur)]
    fini = subprocess.run(commande, check=True, capture_output=True, env=os.environ | {"DEBUG": "0"})  # noqa: S603
    return Pointe(**json.loads(fini.stdout))
