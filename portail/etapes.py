"""The five steps of a filing, and what is still missing in each: what the page, the panel and the guard all ask."""

from collections.abc import Mapping
from dataclasses import dataclass

from aap.champs import Manque
from aap.complements import Ouverture, opening
from aap.examen import missing_documents
from aap.faits import Faits
from aap.models import Dossier, Partie, Section
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
    """What each step still lacks, from what the dossier states; of an answer to complements, only what is re-opened."""
    saisies, ouverte = unfilled(dossier), opening(dossier)
    membres = [] if faits.essms else [Manque("grappe", "Les établissements", "Ajoutez les ESSMS de la grappe.")]
    parties = {
        Partie.GRAPPE: ("grappe", membres),
        Partie.PROJET: ("projet", saisies[Section.PROJET]),
        Partie.ENGAGEMENTS: ("depot", saisies[Section.ENGAGEMENTS]),
    }
    manques = {code: siens if _is_open(partie, ouverte) else [] for partie, (code, siens) in parties.items()}
    pieces = [p for p in missing_documents(dossier, faits) if ouverte is None or p.code in ouverte.pieces]
    manques["pieces"] = [Manque(f"piece-{p.code}", p.libelle, "Fournissez cette pièce.") for p in pieces]
    return Avancement(manques={etape.code: manques.get(etape.code, []) for etape in ETAPES})


def _is_open(partie: Partie, ouverte: Ouverture | None) -> bool:
    """Whether she may still change it: what she may not is not asked of her."""
    return ouverte is None or partie in ouverte.parties
