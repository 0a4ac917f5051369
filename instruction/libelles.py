"""The words and signs of the screens: phases, badges, names of what people do."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from aap.models import Dossier, Etat
from comptes.roles import Role
from conventions.models import EtatVersement, Versement
from moteur.porte import actes, aretes_par_nom

#: The life of a dossier as people tell it, each phase with its states.
PHASES: tuple[tuple[str, frozenset[Etat]], ...] = (
    ("Dépôt", frozenset({Etat.BROUILLON, Etat.DEPOSE})),
    ("Recevabilité", frozenset({Etat.EN_RECEVABILITE, Etat.A_COMPLETER})),
    ("Instruction", frozenset({Etat.EN_INSTRUCTION, Etat.INSTRUIT})),
    ("Comité de sélection", frozenset({Etat.EN_COMITE, Etat.LISTE_ATTENTE})),
    ("Convention", frozenset({Etat.SELECTIONNE, Etat.NOTIFIE, Etat.CONVENTIONNE})),
    ("Déploiement", frozenset({Etat.EN_DEPLOIEMENT})),
    ("Vérification des usages", frozenset({Etat.EN_VERIFICATION, Etat.CIBLES_ATTEINTES})),
    ("Solde et clôture", frozenset({Etat.SOLDE, Etat.CLOS})),
)
#: Ended without aid, even where one had been granted; then all those where nothing more is awaited.
SANS_AIDE = frozenset({Etat.IRRECEVABLE, Etat.REORIENTE, Etat.NON_RETENU, Etat.ABANDONNE})
TERMINES = SANS_AIDE | {Etat.CLOS}

#: DSFR colour and icon of each state: the text says it all, these only help to scan.
BADGES: Mapping[Etat, tuple[str, str]] = {
    Etat.BROUILLON: ("", "draft-line"),
    Etat.DEPOSE: ("blue-cumulus", "inbox-line"),
    Etat.EN_RECEVABILITE: ("blue-cumulus", "search-line"),
    Etat.A_COMPLETER: ("orange-terre-battue", "question-line"),
    Etat.IRRECEVABLE: ("error", "close-circle-line"),
    Etat.REORIENTE: ("beige-gris-galet", "arrow-go-forward-line"),
    Etat.EN_INSTRUCTION: ("blue-ecume", "survey-line"),
    Etat.INSTRUIT: ("blue-ecume", "checkbox-circle-line"),
    Etat.EN_COMITE: ("purple-glycine", "team-line"),
    Etat.LISTE_ATTENTE: ("yellow-moutarde", "time-line"),
    Etat.NON_RETENU: ("error", "close-circle-line"),
    Etat.SELECTIONNE: ("green-menthe", "award-line"),
    Etat.NOTIFIE: ("green-menthe", "mail-send-line"),
    Etat.CONVENTIONNE: ("green-bourgeon", "quill-pen-line"),
    Etat.EN_DEPLOIEMENT: ("green-archipel", "computer-line"),
    Etat.EN_VERIFICATION: ("blue-ecume", "bar-chart-2-line"),
    Etat.CIBLES_ATTEINTES: ("success", "trophy-line"),
    Etat.SOLDE: ("success", "money-euro-circle-line"),
    Etat.CLOS: ("", "archive-line"),
    Etat.EN_REVERSEMENT: ("error", "arrow-go-back-line"),
    Etat.ABANDONNE: ("beige-gris-galet", "stop-circle-line"),
}
BADGES_VERSEMENT: Mapping[EtatVersement, tuple[str, str]] = {
    EtatVersement.PROPOSE: ("", "draft-line"),
    EtatVersement.CERTIFIE: ("blue-cumulus", "checkbox-circle-line"),
    EtatVersement.ORDONNANCE: ("purple-glycine", "quill-pen-line"),
    EtatVersement.EXECUTE: ("success", "bank-line"),
    EtatVersement.REJETE: ("error", "close-circle-line"),
    EtatVersement.ANNULE: ("beige-gris-galet", "stop-circle-line"),
}

POSTES: Mapping[str, str] = {
    "usage": "Forfait usage",
    "logiciel": "Logiciel",
    "equipement": "Équipement",
    "amoa_marche": "Assistance à la passation du marché (AMOA)",
    "amoa_projet": "Assistance à la conduite du projet (AMOA)",
    "forfait": "Forfait par ESSMS",
}
PROJETS: Mapping[str, str] = {
    "acquisition": "Acquisition d'un logiciel",
    "montee_de_version": "Montée de version du logiciel",
}
SECTEURS: Mapping[str, str] = {
    "PA": "Personnes âgées",
    "PH": "Personnes handicapées",
    "DOM": "Aide et soins à domicile",
    "PDS": "Personnes en difficultés spécifiques",
    "PDE": "Protection de l'enfance",
    "AHI": "Accueil, hébergement, insertion",
    "PJM": "Protection juridique des majeurs",
}
COMPTES: Mapping[str, str] = {
    "personnes": "personnes accompagnées",
    "dossiers_actifs": "dossiers actifs",
    "dossiers_avec_projet": "dossiers avec projet personnalisé",
    "dossiers_avec_evenement": "dossiers avec un événement",
    "messages_mss": "messages",
    "dmp_alimentes": "DMP alimentés",
}


@dataclass(frozen=True)
class Badge:
    """A state on a screen. `couleur` and `icone`: names of the DSFR, the colour possibly empty."""

    texte: str
    couleur: str
    icone: str


def badge(etat: str) -> Badge:
    """Badge of a state of a dossier."""
    return Badge(Etat(etat).label, *BADGES[Etat(etat)])


def badge_versement(etat: str) -> Badge:
    """Badge of a state of a payment."""
    return Badge(EtatVersement(etat).label, *BADGES_VERSEMENT[EtatVersement(etat)])


def phase(etat: str) -> int | None:
    """Rank of the phase a state belongs to, from 1; None when the dossier left the usual path."""
    rangs = (rang for rang, (_, etats) in enumerate(PHASES, start=1) if etat in etats)
    return next(rangs, None)


def nom_role(role: str) -> str:
    """A role in French; what the journal holds may be older than the roles of today."""
    return Role(role).label if role in Role.values else role


@cache
def actions() -> Mapping[str, str]:
    """French name of each thing a task may ask for, as its transition or act declares it."""
    noms = {nom: declare.libelle for nom, declare in actes(Dossier).items()}
    for modele in (Versement, Dossier):
        noms |= {nom: next(iter(aretes.values())).libelle for nom, aretes in aretes_par_nom(modele).items()}
    return noms | {"prouver_usages": "Déployer et prouver les usages"}
