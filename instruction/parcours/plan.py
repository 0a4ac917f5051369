"""How the process is cut so that it can be read: four bands, each of one line or two. The words of its nodes."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from viewflow.workflow.base import Node
from viewflow.workflow.flow.nodes import End, Join, Split, StartHandle

from instruction.etapes import Carrefour, Etape
from instruction.flows import InstructionFlow
from instruction.libelles import actions, nom_role

#: Who, where the rule set names the role.
AU_REGLEMENT = "Selon le règlement"


@dataclass(frozen=True)
class Ligne:
    """A part of the process, drawn from left to right. `noeuds`: by name, in reading order."""

    titre: str
    noeuds: tuple[str, ...]


@dataclass(frozen=True)
class Bande:
    titre: str
    lignes: tuple[Ligne, ...]


BANDES = (
    Bande(
        "Recevabilité",
        (
            Ligne("Dépôt et recevabilité", (
                "depart", "deposer", "prendre_en_charge", "declarer_recevable", "recevabilite", "completer",
                "complements", "declarer_irrecevable",
            )),
        ),
    ),
    Bande(
        "Instruction et comité",
        (
            Ligne("Instruction", (
                "instruction", "evaluer", "evaluations", "donner_avis_grades", "avis_reunis", "cloturer_instruction",
            )),
            Ligne("Comité", (
                "inscrire_au_comite", "visa_selection", "viser_selection", "selectionner", "decision", "visa_attente",
                "viser_attente", "selectionner_en_attente",
            )),
        ),
    ),
    Bande(
        "Convention et paiement",
        (
            Ligne("Convention", (
                "visa_notification", "viser_notification", "notifier", "signature", "signer_ars", "signer_porteur",
                "signatures_reunies", "visa_convention", "viser_convention", "signer_convention",
            )),
            Ligne("Premier versement", (
                "certifier_1", "ordonnancer_1", "executer_1", "paiement_1", "verser_premiere_moitie",
            )),
        ),
    ),
    Bande(
        "Usages et clôture",
        (
            Ligne("Usages", (
                "deploiement", "declarer_usages", "prononcer_vsr", "preuves_reunies", "soumettre_usages",
                "constater_cibles", "verification", "delai_des_cibles", "constater_echec", "cloturer_reversement",
            )),
            Ligne("Second versement et clôture", (
                "certifier_2", "ordonnancer_2", "executer_2", "paiement_2", "verser_seconde_moitie", "cloturer",
            )),
        ),
    ),
)  # fmt: skip
#: Where a dossier ends: drawn at the end of every way that leads there.
FINS = {"sans_aide": "Sans aide", "clos": "Clos"}


@cache
def nodes() -> dict[str, Node]:
    return {noeud.name: noeud for noeud in InstructionFlow.instance.nodes()}


@cache
def successors(nom: str) -> tuple[tuple[str, str], ...]:
    """What comes after a node: (name, what the way is called), in the order in which it is declared."""
    return tuple((fleche.dst.name, fleche.label or "") for fleche in nodes()[nom]._outgoing())


def steps(ligne: Ligne) -> Iterator[Etape]:
    """The human tasks of a line."""
    yield from (noeud for nom in ligne.noeuds if isinstance(noeud := nodes()[nom], Etape))


def title(nom: str) -> str:
    """A node in words; empty for what only forks or joins."""
    noeud = nodes()[nom]
    if isinstance(noeud, Etape):
        return actions()[noeud.action]
    return FINS.get(nom, "")


def who(etape: Etape) -> str:
    """The role a step falls to, short."""
    return nom_role(etape.role).partition(" (")[0] if etape.role else AU_REGLEMENT


@cache
def heads() -> dict[str, str]:
    """First node of a line → its title: how a way that leaves a line says where it goes."""
    lignes = [ligne for bande in BANDES for ligne in bande.lignes]
    return {ligne.noeuds[0]: ligne.titre for ligne in lignes}


def genre(nom: str) -> str:
    """ "etape", "carrefour", "barre" (ways that part or meet), "depart" or "fin"."""
    noeud = nodes()[nom]
    for classe, dit in ((Etape, "etape"), (Carrefour, "carrefour"), (StartHandle, "depart"), (End, "fin")):
        if isinstance(noeud, classe):
            return dit
    assert isinstance(noeud, Split | Join)
    return "barre"
