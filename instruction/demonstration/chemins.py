"""The path that leads a dossier to a state: for each state where one comes from, and the steps in between.

An incident is a detour played once a state is reached: something refused, then done right.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from aap.models import Etat
from accompagnement.models import Axe
from instruction.demonstration.fichiers import Ligne
from instruction.demonstration.usages import declare

REPONSE = timedelta(days=30)
#: Opinions and the levels of the five axes, in their order; one axis is sometimes left for later.
OPINIONS = (
    ("favorable", ("faible_ou_nul", "faible_ou_nul", "modere", "faible_ou_nul", "faible_ou_nul")),
    ("favorable", ("modere", "faible_ou_nul", "faible_ou_nul", "faible_ou_nul", "modere")),
    ("reserve", ("modere", "modere", "modere", "faible_ou_nul", "modere")),
    ("favorable", ("faible_ou_nul", "modere", "faible_ou_nul", "modere", "non_evalue")),
)
COMMENTAIRES = {
    "favorable": "Projet cadré, calendrier réaliste, équipe en place.",
    "reserve": "Projet utile mais fragile : un suivi rapproché est nécessaire dès la signature.",
}


@dataclass(frozen=True)
class Contexte:
    """What the data of a step may depend on: the dossier, the FINESS of its ESSMS, the day it is played."""

    ligne: Ligne
    finess: Sequence[str]
    jour: date


Donnees = Callable[[Contexte], dict[str, Any]]


def _said(**donnees: Any) -> Donnees:
    return lambda contexte: donnees


@dataclass(frozen=True)
class Pas:
    """One step. `delai`: days after the one before, at the usual pace; None: the day of the committee."""

    delai: int | None
    par: str
    action: str
    donnees: Donnees = _said()


def _complements(contexte: Contexte) -> dict[str, Any]:
    motif = "Précisez le calendrier de déploiement et joignez le devis de formation daté et signé."
    return {"motif": motif, "echeance": (contexte.jour + REPONSE).isoformat()}


def _session(contexte: Contexte) -> dict[str, Any]:
    return {"seance": contexte.ligne.seance.isoformat() if contexte.ligne.seance else None}


def _marks(base: int) -> Donnees:
    """Shares of each criterion, between 0,50 and 0,99, in steps the eye can tell apart."""

    def notes(contexte: Contexte) -> dict[str, Any]:
        part = 50 + (contexte.ligne.rang * 7 + base) % 50
        return {"notes": {"uniforme": f"0.{part}"}}

    return notes


def _opinion(contexte: Contexte) -> dict[str, Any]:
    avis, niveaux = OPINIONS[contexte.ligne.rang % len(OPINIONS)]
    risques = dict(zip(Axe.values, niveaux, strict=True))
    return {"avis": avis, "risques": risques, "commentaire": COMMENTAIRES[avis]}


def _figures(contexte: Contexte) -> dict[str, Any]:
    return declare(contexte.finess, contexte.jour, faible="cibles_manquees" in contexte.ligne.incidents)


def _better_figures(contexte: Contexte) -> dict[str, Any]:
    return declare(contexte.finess, contexte.jour, faible=False)


def _on_the_day(contexte: Contexte) -> dict[str, Any]:
    return {"le": contexte.jour.isoformat()}


def _rank(contexte: Contexte) -> dict[str, Any]:
    return {"rang": contexte.ligne.rang - 20}


def _payment(rang: int) -> tuple[Pas, ...]:
    return (
        Pas(3, "responsable", "certifier", _said(rang=rang)),
        Pas(2, "responsable", "ordonnancer", _said(rang=rang)),
        Pas(4, "comptable", "executer", _said(rang=rang)),
    )


PRECEDENT: Mapping[Etat, Etat] = {
    Etat.DEPOSE: Etat.BROUILLON,
    Etat.EN_RECEVABILITE: Etat.DEPOSE,
    Etat.A_COMPLETER: Etat.EN_RECEVABILITE,
    Etat.IRRECEVABLE: Etat.A_COMPLETER,
    Etat.REORIENTE: Etat.EN_RECEVABILITE,
    Etat.EN_INSTRUCTION: Etat.EN_RECEVABILITE,
    Etat.INSTRUIT: Etat.EN_INSTRUCTION,
    Etat.EN_COMITE: Etat.INSTRUIT,
    Etat.LISTE_ATTENTE: Etat.EN_COMITE,
    Etat.NON_RETENU: Etat.EN_COMITE,
    Etat.SELECTIONNE: Etat.EN_COMITE,
    Etat.NOTIFIE: Etat.SELECTIONNE,
    Etat.ABANDONNE: Etat.NOTIFIE,
    Etat.CONVENTIONNE: Etat.NOTIFIE,
    Etat.EN_DEPLOIEMENT: Etat.CONVENTIONNE,
    Etat.EN_REVERSEMENT: Etat.EN_DEPLOIEMENT,
    Etat.EN_VERIFICATION: Etat.EN_DEPLOIEMENT,
    Etat.CIBLES_ATTEINTES: Etat.EN_VERIFICATION,
    Etat.SOLDE: Etat.CIBLES_ATTEINTES,
    Etat.CLOS: Etat.SOLDE,
}

PAS: Mapping[Etat, tuple[Pas, ...]] = {
    Etat.BROUILLON: (),
    Etat.DEPOSE: (Pas(0, "porteur", "deposer"),),
    Etat.EN_RECEVABILITE: (Pas(3, "instructeur", "prendre_en_charge"),),
    Etat.A_COMPLETER: (Pas(4, "instructeur", "demander_complements", _complements),),
    Etat.IRRECEVABLE: (
        Pas(35, "instructeur", "declarer_irrecevable", _said(motif="Moins de 15 ESSMS, compléments non reçus.")),
    ),
    Etat.REORIENTE: (
        Pas(
            2,
            "instructeur",
            "reorienter",
            _said(aap="ESMS-NAT-2022", motif="Au moins 50 ESSMS : la grappe relève de l'appel à projets national."),
        ),
    ),
    Etat.EN_INSTRUCTION: (Pas(6, "instructeur", "declarer_recevable"),),
    Etat.INSTRUIT: (
        Pas(7, "instructeur", "evaluer", _marks(20)),
        Pas(1, "instructeur:autre", "evaluer", _marks(26)),
        Pas(2, "conseiller_grades", "donner_avis_grades", _opinion),
        Pas(3, "instructeur", "cloturer_instruction"),
    ),
    Etat.EN_COMITE: (Pas(2, "instructeur", "inscrire_au_comite", _session),),
    Etat.LISTE_ATTENTE: (Pas(None, "responsable", "mettre_en_attente", _rank),),
    Etat.NON_RETENU: (
        Pas(None, "responsable", "ecarter", _said(motif="Priorité trop basse au vu de l'enveloppe restante.")),
    ),
    Etat.SELECTIONNE: (Pas(None, "responsable", "selectionner"),),
    Etat.NOTIFIE: (Pas(3, "responsable", "notifier"),),
    Etat.ABANDONNE: (
        Pas(12, "porteur", "abandonner", _said(motif="Départ de la directrice du projet, calendrier intenable.")),
    ),
    Etat.CONVENTIONNE: (
        Pas(6, "porteur", "signer", _said(signataire="porteur")),
        Pas(2, "responsable", "signer", _said(signataire="tous")),
        Pas(1, "responsable", "signer_convention"),
    ),
    Etat.EN_DEPLOIEMENT: (*_payment(1), Pas(1, "comptable", "verser_premiere_moitie")),
    Etat.EN_REVERSEMENT: (
        Pas(0, "responsable", "constater_echec", _said(motif="Échéance passée sans aucun usage déclaré.")),
    ),
    Etat.EN_VERIFICATION: (
        Pas(75, "porteur", "declarer_usages", _figures),
        Pas(3, "porteur", "prononcer_vsr", _on_the_day),
        Pas(1, "porteur", "soumettre_usages"),
    ),
    Etat.CIBLES_ATTEINTES: (Pas(9, "responsable", "constater_cibles"),),
    Etat.SOLDE: (*_payment(2), Pas(1, "comptable", "verser_seconde_moitie")),
    Etat.CLOS: (Pas(15, "instructeur", "cloturer"),),
}

INCIDENTS: Mapping[str, tuple[Etat, tuple[Pas, ...]]] = {
    "trop_tot": (
        Etat.BROUILLON,
        (
            Pas(0, "porteur", "deposer"),
            Pas(6, "porteur", "fournir_piece", _said(code="cadre_de_reponse")),
        ),
    ),
    "hors_delai": (Etat.BROUILLON, (Pas(0, "porteur", "deposer"),)),
    "pieces_oubliees": (
        Etat.BROUILLON,
        (Pas(0, "porteur", "deposer"), Pas(2, "porteur", "fournir_piece", _said(code="toutes"))),
    ),
    "ailleurs": (Etat.DEPOSE, (Pas(1, "instructeur:voisin", "prendre_en_charge"),)),
    "complements": (
        Etat.EN_RECEVABILITE,
        (Pas(3, "instructeur", "demander_complements", _complements), Pas(6, "porteur", "completer")),
    ),
    "trop_petite": (Etat.EN_RECEVABILITE, (Pas(3, "instructeur", "declarer_recevable"),)),
    "feder": (
        Etat.EN_RECEVABILITE,
        (
            Pas(3, "instructeur", "declarer_recevable"),
            Pas(4, "responsable", "deroger", _said(regle="CUMUL_UE", motif="Le FEDER ne porte que sur le réseau.")),
        ),
    ),
    "evaluations_manquantes": (Etat.EN_INSTRUCTION, (Pas(4, "instructeur", "cloturer_instruction"),)),
    "ajournement": (
        Etat.EN_COMITE,
        (
            Pas(1, "responsable", "ajourner", _said(motif="Le plan de financement reste à préciser avant la séance.")),
            Pas(6, "instructeur", "inscrire_au_comite", _session),
        ),
    ),
    "enveloppe_epuisee": (Etat.EN_COMITE, (Pas(None, "responsable", "selectionner"),)),
    "sans_motif": (Etat.EN_COMITE, (Pas(None, "responsable", "ecarter"),)),
    "signature_oubliee": (Etat.NOTIFIE, (Pas(4, "responsable", "signer_convention"),)),
    "meme_main": (Etat.CONVENTIONNE, (Pas(2, "responsable", "executer", _said(rang=1)),)),
    "echec_premature": (
        Etat.EN_DEPLOIEMENT,
        (Pas(700, "responsable", "constater_echec", _said(motif="Le porteur ne répond plus.")),),
    ),
    "cibles_manquees": (
        Etat.EN_VERIFICATION,
        (
            Pas(9, "responsable", "constater_cibles"),
            Pas(1, "instructeur", "refuser_usages", _said(motif="Messages MSSanté sous la cible de 70 %.")),
            Pas(25, "porteur", "declarer_usages", _better_figures),
            Pas(1, "porteur", "soumettre_usages"),
        ),
    ),
}


def path(etat: Etat, incidents: Sequence[str]) -> Iterator[tuple[Etat, Pas]]:
    """Steps to `etat` from a draft, each with the state it leads towards (or, in a detour, comes from)."""
    if etat in PRECEDENT:
        yield from path(PRECEDENT[etat], incidents)
    yield from ((etat, pas) for pas in PAS[etat])
    for nom in incidents:
        apres, detour = INCIDENTS[nom]
        if apres == etat:
            yield from ((etat, pas) for pas in detour)
