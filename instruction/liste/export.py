"""What is filtered, as a file: read in order and by batches, sent as it is read, however many rows."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from aap.models import Etat
from accompagnement.models import Niveau
from instruction.libelles import PROJETS
from instruction.liste.ordres import ORDRES
from instruction.models import Parcours
from instruction.querysets import SANS_DATE, ParcoursQuerySet

LOT = 2000


@dataclass(frozen=True)
class Champ:
    """A column of the file: its title, and what it holds for a row."""

    titre: str
    lire: Callable[[Parcours], Any]


CHAMPS = (
    Champ("Référence", lambda p: p.reference),
    Champ("Appel à projets", lambda p: p.aap.code),
    Champ("Région", lambda p: p.region.nom if p.region else "national"),
    Champ("Fenêtre", lambda p: p.fenetre),
    Champ("Porteur", lambda p: p.porteur),
    Champ("Grappe", lambda p: p.grappe),
    Champ("Projet", lambda p: PROJETS.get(p.projet, p.projet)),
    Champ("ESSMS", lambda p: p.essms),
    Champ("Organismes", lambda p: p.ogs),
    Champ("Secteurs", lambda p: ", ".join(p.secteurs)),
    Champ("Départements", lambda p: ", ".join(p.departements)),
    Champ("État", lambda p: Etat(p.etat).label),
    Champ("À qui de jouer", lambda p: ACTEURS[p.acteur]),
    Champ("Date la plus proche", lambda p: None if p.limite_lue == SANS_DATE else p.limite_lue),
    Champ("Risque", lambda p: Niveau(p.risque_lu).label if p.risque_lu else ""),
    Champ("En charge", lambda p: str(p.instructeur) if p.instructeur else ""),
    Champ("Déposé le", lambda p: p.depose_le),
    Champ("Aide accordée (€)", lambda p: p.aide),
)
ACTEURS: Mapping[str, str] = {
    "ars": "ARS", "porteur": "porteur", "grades": "GRADeS", "plusieurs": "plusieurs", "personne": "personne",
}  # fmt: skip


def rows(parcours: ParcoursQuerySet, tri: str) -> Iterator[list[Any]]:
    """The titles, then a row per dossier, in the order of the list; read by a server-side cursor.

    `parcours`: come through `lecture.visible`, so that nobody takes away what she may not read.
    """
    yield [champ.titre for champ in CHAMPS]
    prefixe = "-" if tri.startswith("-") else ""
    lus = parcours.light().select_related("aap", "region", "instructeur")
    for un in lus.order_by(f"{prefixe}{ORDRES[tri.removeprefix('-')].champ}", f"{prefixe}pk").iterator(chunk_size=LOT):
        yield [champ.lire(un) for champ in CHAMPS]
