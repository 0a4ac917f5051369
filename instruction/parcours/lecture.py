"""The process as its page shows it: drawings, and the same in a table; where one dossier stands on it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from viewflow.workflow.status import STATUS

from aap.models import Dossier
from instruction.etapes import Etape
from instruction.models import TacheSuivie
from instruction.parcours import plan
from instruction.parcours.trace import Dessin, draw, with_states
from instruction.querysets import OUVERTES
from moteur import horloge
from moteur.texte import en_toutes_lettres


@dataclass(frozen=True, kw_only=True)
class Avancee:
    """Where a dossier stands on a step. `etat`: "faite" or "en_cours".

    `mention`: on the drawing; `dit`: in the table.
    """

    etat: str
    mention: str
    dit: str


@dataclass(frozen=True, kw_only=True)
class Rangee:
    """One step in the table. `ensuite`: what comes next, each with the name of the way."""

    quoi: str
    qui: str
    ensuite: list[str]
    avancee: Avancee | None


@dataclass(frozen=True, kw_only=True)
class Bande:
    titre: str
    dessins: list[Dessin]
    rangees: list[Rangee]


def read(avancees: Mapping[str, Avancee] | None = None) -> list[Bande]:
    """The bands. `avancees`: node → where a dossier stands."""
    connues = avancees or {}
    etats = {nom: (une.etat, une.mention) for nom, une in connues.items()}
    return [
        Bande(
            titre=bande.titre,
            dessins=[with_states(draw(ligne), etats) for ligne in bande.lignes],
            rangees=[_row(etape, connues) for ligne in bande.lignes for etape in plan.steps(ligne)],
        )
        for bande in plan.BANDES
    ]


def progress(dossier: Dossier, jour: date) -> dict[str, Avancee]:
    """Node → where this dossier stands, read from its tasks. One query."""
    suivies: dict[str, list[TacheSuivie]] = {}
    for tache in TacheSuivie.objects.filter(process__dossier=dossier).select_related("owner").order_by("pk"):
        suivies.setdefault(tache.flow_task.name, []).append(tache)
    lues = {nom: _stand(taches, jour) for nom, taches in suivies.items()}
    return {nom: avancee for nom, avancee in lues.items() if avancee}


def _stand(taches: list[TacheSuivie], jour: date) -> Avancee | None:
    """None for a step that was only stopped: it is still to come."""
    if ouvertes := [tache for tache in taches if tache.status in OUVERTES]:
        return _open(ouvertes[0], jour)
    faites = [tache for tache in taches if tache.status == STATUS.DONE]
    if not faites:
        return None
    le = horloge.jour(faites[-1].finished)
    fois = f", {len(faites)} fois" if len(faites) > 1 else ""
    return Avancee(etat="faite", mention=f"✓ faite {le:%d/%m/%Y}", dit=f"Faite le {en_toutes_lettres(le)}{fois}")


def _open(tache: TacheSuivie, jour: date) -> Avancee:
    retard = bool(tache.pour_le and tache.pour_le < jour)
    depuis = en_toutes_lettres(horloge.jour(tache.created))
    dit = f"En cours depuis le {depuis}"
    if tache.pour_le:
        dit += f", à faire pour le {en_toutes_lettres(tache.pour_le)}{' (en retard)' if retard else ''}"
    if tache.owner:
        dit += f", prise par {tache.owner}"
    return Avancee(etat="en_cours", mention="● en retard" if retard else "● en cours", dit=dit)


def _row(etape: Etape, avancees: Mapping[str, Avancee]) -> Rangee:
    return Rangee(
        quoi=plan.title(etape.name),
        qui=plan.who(etape),
        ensuite=list(_after(etape.name)),
        avancee=avancees.get(etape.name),
    )


def _after(nom: str, voie: str = "") -> Iterator[str]:
    """What comes next through what only forks and joins, each with the names of the ways that lead there."""
    for suivant, libelle in plan.successors(nom):
        par = ", ".join(un for un in (voie, libelle) if un)
        if plan.genre(suivant) in ("etape", "fin"):
            yield f"{par} : {_named(suivant)}" if par else _named(suivant)
        else:
            yield from _after(suivant, par)


def _named(nom: str) -> str:
    noeud = plan.nodes()[nom]
    return f"{plan.title(nom)} ({plan.who(noeud)})" if isinstance(noeud, Etape) else plan.title(nom)
