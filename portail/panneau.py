"""Beside every step: does the project hold, and for how much. The same functions as the engine, on what is typed."""

from dataclasses import dataclass

from aap.bareme import Financement
from aap.eligibilite import Verdict
from aap.examen import check_eligibility, compute_aid
from aap.models import Dossier, Fenetre
from instruction.constats import Regle, explain
from moteur import horloge
from moteur.erreurs import Refus
from portail.etapes import Avancement, progress


@dataclass(frozen=True, kw_only=True)
class Panneau:
    """`silences`: what the rule set does not say. `fenetre`: the one open or next to open; None when all are closed."""

    regles: list[Regle]
    financement: Financement | None
    silences: list[str]
    avancement: Avancement
    fenetre: Fenetre | None
    ouverte: bool

    @property
    def bloquantes(self) -> list[Regle]:
        return [regle for regle in self.regles if regle.issue == "ko"]

    @property
    def satisfaites(self) -> int:
        return sum(regle.issue != "ko" for regle in self.regles)


def read(dossier: Dossier) -> Panneau:
    """The panel of a draft."""
    silences: list[str] = []
    verdicts: list[Verdict] = []
    financement = None
    try:
        verdicts = check_eligibility(dossier)
    except Refus as refus:
        silences.append(refus.message)
    try:
        financement = compute_aid(dossier)
    except Refus as refus:
        silences.append(refus.message)
    fenetre = _window(dossier)
    return Panneau(
        regles=[explain(verdict, dossier.aap.regles) for verdict in verdicts],
        financement=financement,
        silences=silences,
        avancement=progress(dossier),
        fenetre=fenetre,
        ouverte=bool(fenetre and fenetre.is_open(horloge.aujourdhui())),
    )


def _window(dossier: Dossier) -> Fenetre | None:
    """The window to file in: open today if one is, else the next one."""
    jour = horloge.aujourdhui()
    a_venir = [fenetre for fenetre in dossier.aap.fenetres.all() if fenetre.dernier_jour >= jour]
    ouvertes = [fenetre for fenetre in a_venir if fenetre.is_open(jour)]
    return next(iter(ouvertes or a_venir), None)
