"""The process as files: an SVG to look at, drawn like the page; a BPMN for other tools, by viewflow."""

from dataclasses import dataclass

from django.template.loader import render_to_string
from viewflow.workflow import chart

from instruction.flows import InstructionFlow
from instruction.parcours import plan
from instruction.parcours.trace import Dessin, draw

MARGE, BANDE, LIGNE = 24, 72, 30


@dataclass(frozen=True, kw_only=True)
class Place:
    """A line on the sheet, from (x, y). `bande`: the title of its band, on the first of them."""

    dessin: Dessin
    bande: str
    x: float
    y: float

    @property
    def y_ligne(self) -> float:
        return self.y - 4

    @property
    def y_bande(self) -> float:
        return self.y_ligne - LIGNE


@dataclass(frozen=True, kw_only=True)
class Feuille:
    """Everything on one sheet."""

    largeur: float
    hauteur: float
    places: list[Place]


def sheet() -> Feuille:
    """The lines one under another, each band under its title."""
    places, y = [], 0.0
    for bande in plan.BANDES:
        for rang, ligne in enumerate(bande.lignes):
            dessin = draw(ligne)
            y += BANDE if rang == 0 else LIGNE
            places.append(Place(dessin=dessin, bande="" if rang else bande.titre, x=MARGE, y=y))
            y += dessin.hauteur
    largeur = max(place.dessin.largeur for place in places) + 2 * MARGE
    return Feuille(largeur=largeur, hauteur=y + MARGE, places=places)


def drawings() -> dict[str, str]:
    """File name → content: `parcours.svg` and `parcours.bpmn`."""
    for nom, noeud in plan.nodes().items():
        noeud.task_title = f"{plan.title(nom)} ({plan.who(noeud)})" if plan.genre(nom) == "etape" else plan.title(nom)
    return {
        "parcours.svg": _tidy(render_to_string("instruction/parcours/parcours.svg", {"feuille": sheet()})),
        "parcours.bpmn": _tidy(chart.grid_to_bpmn(chart.calc_layout_data(InstructionFlow))),
    }


def _tidy(texte: str) -> str:
    """Without the blank lines that templates leave."""
    return "\n".join(ligne.strip() for ligne in texte.splitlines() if ligne.strip()) + "\n"
