"""The one way to say no: a stable code for programs, a French sentence for people."""

from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

from moteur.texte import soigner

T = TypeVar("T")
S = TypeVar("S")


class Code(StrEnum):
    """Refusal codes. Other programs rely on them: add, never rename. Source: docs/contrat.md."""

    FENETRE_FERMEE = "FENETRE_FERMEE"
    PIECE_MANQUANTE = "PIECE_MANQUANTE"
    TRANSITION_INTERDITE = "TRANSITION_INTERDITE"
    ROLE_INTERDIT = "ROLE_INTERDIT"
    HORS_PERIMETRE = "HORS_PERIMETRE"
    MOTIF_REQUIS = "MOTIF_REQUIS"
    REGLE_NON_SATISFAITE = "REGLE_NON_SATISFAITE"
    REGLE_NON_RENSEIGNEE = "REGLE_NON_RENSEIGNEE"
    EVALUATIONS_INCOMPLETES = "EVALUATIONS_INCOMPLETES"
    AVIS_GRADES_MANQUANT = "AVIS_GRADES_MANQUANT"
    VISA_MANQUANT = "VISA_MANQUANT"
    VISA_CADUC = "VISA_CADUC"
    ENVELOPPE_INSUFFISANTE = "ENVELOPPE_INSUFFISANTE"
    SIGNATURE_MANQUANTE = "SIGNATURE_MANQUANTE"
    CONFLIT_INTERETS = "CONFLIT_INTERETS"
    SEPARATION_DES_ROLES = "SEPARATION_DES_ROLES"
    VERSEMENT_DEJA_EFFECTUE = "VERSEMENT_DEJA_EFFECTUE"
    CIBLES_NON_ATTEINTES = "CIBLES_NON_ATTEINTES"
    USAGES_INCOMPLETS = "USAGES_INCOMPLETS"
    VSR_MANQUANTE = "VSR_MANQUANTE"
    DELAI_DEPASSE = "DELAI_DEPASSE"
    DELAI_NON_ECHU = "DELAI_NON_ECHU"
    DONNEES_INVALIDES = "DONNEES_INVALIDES"
    DOSSIER_MODIFIE = "DOSSIER_MODIFIE"


class Refus(Exception):
    """The action is refused and nothing was written.

    `message` is shown as it is: French, says what was found and what to do. `details` holds
    JSON-ready facts for programs (rule codes, dates as ISO 8601, amounts as "0.00" strings).
    """

    def __init__(self, code: Code, message: str, **details: object) -> None:
        self.code = code
        self.message = soigner(message)
        super().__init__(self.message)
        self.details = details

    def as_dict(self) -> dict[str, object]:
        """JSON-ready form: {"code", "message", "details"}."""
        return {"code": self.code.value, "message": self.message, "details": self.details}


def unless_silent(calcul: Callable[[], T], sinon: S, silences: list[str]) -> T | S:
    """The result, or `sinon` where the rule set is silent: its refusal is kept, and the page says so instead."""
    try:
        return calcul()
    except Refus as refus:
        silences.append(refus.message)
        return sinon
