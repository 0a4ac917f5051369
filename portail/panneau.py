"""Beside every step: does the project hold, and for how much. The same functions as the engine, on what is typed."""

from dataclasses import dataclass

from django.db.models import prefetch_related_objects

from aap.bareme import Financement
from aap.eligibilite import Contexte, Verdict
from aap.examen import check_eligibility, compute_aid, context, current
from aap.models import Dossier, Fenetre
from instruction.constats import Regle, explain
from moteur import horloge
from moteur.erreurs import unless_silent
from portail.etapes import Avancement, progress


@dataclass(frozen=True, kw_only=True)
class Panneau:
    """`silences`: what the rule set does not say. `contexte`: what the verdicts rest on.

    `fenetre`: the one open or next to open; None when all are closed.
    """

    regles: list[Regle]
    financement: Financement | None
    silences: list[str]
    avancement: Avancement
    contexte: Contexte
    fenetre: Fenetre | None
    ouverte: bool

    @property
    def bloquantes(self) -> list[Regle]:
        return [regle for regle in self.regles if regle.issue == "ko"]

    @property
    def satisfaites(self) -> int:
        return sum(regle.issue != "ko" for regle in self.regles)


def read(dossier: Dossier) -> Panneau:
    """The panel of a dossier still written in: what it states now, in a fixed number of queries."""
    prefetch_related_objects([dossier], "derogations", "pieces", "saisies", "aap__fenetres")
    faits = current(dossier)
    contexte = context(dossier, faits)
    silences: list[str] = []
    fenetre = _window(dossier)
    return Panneau(
        regles=[
            explain(verdict, dossier.aap.regles)
            for verdict in unless_silent(lambda: check_eligibility(dossier, faits, contexte), list[Verdict](), silences)
        ],
        financement=unless_silent(lambda: compute_aid(dossier, faits), None, silences),
        silences=silences,
        avancement=progress(dossier, faits),
        contexte=contexte,
        fenetre=fenetre,
        ouverte=bool(fenetre and fenetre.is_open(horloge.aujourdhui())),
    )


def _window(dossier: Dossier) -> Fenetre | None:
    """The window to file in: open today if one is, else the next one."""
    jour = horloge.aujourdhui()
    a_venir = [fenetre for fenetre in dossier.aap.fenetres.all() if fenetre.dernier_jour >= jour]
    ouvertes = [fenetre for fenetre in a_venir if fenetre.is_open(jour)]
    return next(iter(ouvertes or a_venir), None)
