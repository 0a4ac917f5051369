"""How far a SONS order has come. Source: regles.md §3."""

from enum import StrEnum


class EtatCommande(StrEnum):
    COMMANDEE = "commandée"
    COMPLETE = "dossier complet"
    AVANCEE = "avance versée"
    SOLDEE = "soldée"
    ANNULEE = "annulée"
