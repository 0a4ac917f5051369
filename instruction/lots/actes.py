"""What may be done to many dossiers at once: the same doors as for one, those that need no form per dossier."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from aap.models import Dossier, Etat
from comptes.models import Utilisateur
from comptes.roles import Role
from conventions.models import Versement
from instruction.libelles import actions as libelles
from instruction.rejeu import actions
from moteur import horloge
from moteur.porte import actes, aretes_par_nom
from moteur.signature import cles

#: Acts and transitions of a dossier, in the order of its life.
MASSE = (
    "attribuer", "affecter_conseiller", "retirer_conseiller", "prendre_en_charge", "demander_complements",
    "declarer_recevable", "declarer_irrecevable", "cloturer_instruction", "inscrire_au_comite", "ajourner", "ecarter",
    "notifier", "signer_convention", "verser_premiere_moitie", "proroger", "constater_cibles", "constater_echec",
    "verser_seconde_moitie", "cloturer",
)  # fmt: skip
#: Steps of a payment, for each half: where the dossier then is.
VERSEMENTS = ("certifier", "ordonnancer", "executer")
MOITIES = {
    1: ("première moitié", Etat.CONVENTIONNE),
    2: ("seconde moitié", Etat.CIBLES_ATTEINTES),
}
#: One dossier at a time, and why.
SEULS: Mapping[str, str] = {
    "recevoir": "a file brings each version",
    "reorienter": "each goes to its own call",
    "deroger": "a waiver is weighed for one dossier and one rule",
    "evaluer": "marks are given dossier by dossier",
    "donner_avis_grades": "an opinion is given dossier by dossier",
    "selectionner": "the committee decides by rank, under one envelope: its own screen",
    "mettre_en_attente": "each has its rank",
    "signer": "one reads what one signs",
    "refuser_usages": "the reasons are those of its indicators",
    "ecrire_message": "a message answers somebody",
    "ecrire_note": "a note is about one dossier",
    "viser": "one reads what one agrees with",
    "refuser_visa": "an objection is about one dossier",
    "annoter_risque": "a risk is judged dossier by dossier",
    "ouvrir_risque": "a shared cause is opened once",
    "rattacher_risque": "a risk is judged dossier by dossier",
    "detacher_risque": "a risk is judged dossier by dossier",
    "planifier_action": "a plan is made with its porteur",
    "suivre_action": "a plan is made with its porteur",
    "remettre": "a debt is waived one by one",
}
#: Data of an act that stay as they are without being asked: nothing named re-opens everything.
D_OFFICE = frozenset({"sections", "pieces"})


@dataclass(frozen=True, kw_only=True)
class EnMasse:
    """An act as a batch does it. `etats`: where it may be done; `fixe`: data that go unsaid; `champs`: data to ask."""

    nom: str
    libelle: str
    etats: frozenset[str]
    roles: frozenset[str]
    fixe: Mapping[str, Any]
    champs: frozenset[str]
    porte: Callable[..., Any]

    @property
    def motive(self) -> bool:
        """Whether each dossier is told why."""
        return "motif" in self.champs


@cache
def en_masse() -> Mapping[str, EnMasse]:
    """Every act of a batch, by the name kept on it."""
    tous = [_of_dossier(nom) for nom in MASSE]
    tous += [_of_payment(nom, rang) for rang in MOITIES for nom in VERSEMENTS]
    return {un.nom: un for un in tous}


def offered(lecteur: Utilisateur) -> list[EnMasse]:
    """Those her roles of today let her do, wherever it is: the door judges each dossier."""
    detenus = lecteur.roles_au(horloge.aujourdhui()).keys()
    return [un for un in en_masse().values() if not un.roles.isdisjoint(detenus)]


def may_batch(lecteur: Utilisateur) -> bool:
    """Whether she may do anything to many dossiers."""
    return bool(offered(lecteur))


def alone() -> Collection[str]:
    """The doors a batch does not open: for one dossier, or for its porteur."""
    return SEULS.keys() | {nom for nom in actions() if _roles(nom) == {Role.PORTEUR}}


def _of_dossier(nom: str) -> EnMasse:
    porte = actions()[nom]
    declare = actes(Dossier).get(nom)
    return EnMasse(
        nom=nom,
        libelle=libelles()[nom],
        etats=declare.dans if declare else frozenset(aretes_par_nom(Dossier)[nom]),
        roles=_roles(nom),
        fixe={},
        champs=cles(porte) - D_OFFICE,
        porte=porte,
    )


def _of_payment(nom: str, rang: int) -> EnMasse:
    moitie, etat = MOITIES[rang]
    return EnMasse(
        nom=f"{nom}_{rang}",
        libelle=f"{libelles()[nom]} : {moitie}",
        etats=frozenset({etat}),
        roles=_roles(nom),
        fixe={"rang": rang},
        champs=frozenset(),
        porte=actions()[nom],
    )


def _roles(nom: str) -> frozenset[str]:
    if declare := actes(Dossier).get(nom):
        return declare.roles
    aretes = aretes_par_nom(Dossier).get(nom) or aretes_par_nom(Versement).get(nom) or {}
    return frozenset().union(*(arete.roles for arete in aretes.values()))
