"""The five steps of a filing, and what is still missing in each: what the page, the panel and the guard all ask."""

from collections.abc import Mapping
from dataclasses import dataclass

from aap.champs import Manque
from aap.examen import missing_documents
from aap.faits import Faits
from aap.models import Dossier, Section
from aap.saisie import unfilled


@dataclass(frozen=True)
class Etape:
    """A step: its code in the address, its title."""

    code: str
    titre: str


ETAPES = (
    Etape("appel", "Appel à projets"),
    Etape("grappe", "Votre grappe"),
    Etape("projet", "Projet et logiciel"),
    Etape("pieces", "Pièces"),
    Etape("depot", "Engagements et dépôt"),
)


@dataclass(frozen=True, kw_only=True)
class Avancement:
    """Where a filing stands. `manques`: step → what it still lacks."""

    manques: Mapping[str, list[Manque]]

    @property
    def pourcent(self) -> int:
        """Share of the steps' demands that are met, as people expect a bar to fill: 100 when all are."""
        finies = sum(not manques for manques in self.manques.values())
        return round(100 * finies / len(self.manques))

    @property
    def reste(self) -> int:
        return sum(len(manques) for manques in self.manques.values())


def progress(dossier: Dossier, faits: Faits) -> Avancement:
    """What each step still lacks, from what the dossier states."""
    saisies = unfilled(dossier)
    return Avancement(
        manques={
            "appel": [],
            "grappe": []
            if faits.essms
            else [Manque("grappe", "Les établissements", "Ajoutez les ESSMS de la grappe.")],
            "projet": saisies[Section.PROJET],
            "pieces": [
                Manque(f"piece-{p.code}", p.libelle, "Fournissez cette pièce.")
                for p in missing_documents(dossier, faits)
            ],
            "depot": saisies[Section.ENGAGEMENTS],
        }
    )
