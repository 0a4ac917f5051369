"""The process drawn: as SVG to look at, as BPMN for other tools. Layout and formats are those of viewflow."""

from viewflow.workflow import chart
from viewflow.workflow.base import Node

from instruction.etapes import Carrefour, Etape
from instruction.flows import InstructionFlow
from instruction.libelles import actions, nom_role

TITRES = {"sans_aide": "Sans aide", "clos": "Clos", "depart": "Ouverture"}


def drawings() -> dict[str, str]:
    """File name → content: `parcours.svg` and `parcours.bpmn`."""
    for noeud in InstructionFlow.instance.nodes():
        noeud.task_title = title(noeud)
    grille = chart.calc_layout_data(InstructionFlow)
    return {
        "parcours.svg": _tidy(chart.grid_to_svg(grille)),
        "parcours.bpmn": _tidy(chart.grid_to_bpmn(grille)),
    }


def title(noeud: Node) -> str:
    """What is written in the box."""
    if isinstance(noeud, Etape):
        qui = nom_role(noeud.role).lower() if noeud.role else "selon le règlement"
        return f"{actions()[noeud.action]} ({qui})"
    if isinstance(noeud, Carrefour):
        return ""
    return TITRES.get(noeud.name, "")


def _tidy(texte: str) -> str:
    """Without the blank lines that the library's templates leave."""
    return "\n".join(ligne.rstrip() for ligne in texte.splitlines() if ligne.strip()) + "\n"
