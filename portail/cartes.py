"""The porteur's dossiers as cards: whose turn, by when, how much. Three queries, whatever their number."""

from dataclasses import dataclass
from datetime import date

from aap.models import Dossier, Etat
from aap.querysets import DossierQuerySet
from instruction.agenda import opened, with_opened
from instruction.libelles import PROJETS, Badge, badge
from instruction.tours import Tour, turn
from moteur.texte import en_euros


@dataclass(frozen=True, kw_only=True)
class Carte:
    """One dossier on the home page. `brouillon`: read in its steps, not yet on the page of a filed dossier."""

    dossier: Dossier
    badge: Badge
    projet: str
    tour: Tour
    argent: str
    brouillon: bool

    @property
    def a_vous(self) -> bool:
        return self.tour.acteur == "porteur"


def read_cards(dossiers: DossierQuerySet, jour: date) -> list[Carte]:
    """What is asked of the porteur first, the nearest date before; then the others, the last filed first."""
    cartes = [_card(dossier, jour) for dossier in with_opened(dossiers)]
    return sorted(cartes, key=lambda une: (not une.a_vous, une.tour.echeance or date.max))


def _card(dossier: Dossier, jour: date) -> Carte:
    return Carte(
        dossier=dossier,
        badge=badge(dossier.etat),
        projet=PROJETS[dossier.projet],
        tour=turn(opened(dossier), dossier.etat, jour, porteur=True),
        argent=f"{en_euros(dossier.aide)} accordés" if dossier.aide else "",
        brouillon=dossier.etat == Etat.BROUILLON,
    )
