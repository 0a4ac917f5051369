"""Calls for projects and dossiers: one module per noun."""

from aap.models.campagne import Aap, Fenetre, Reglement
from aap.models.dossier import Dossier, DossierUserObjectPermission, Etat
from aap.models.enveloppe import Enveloppe, Mouvement, Nature
from aap.models.pieces import Derogation, PieceFournie, Recu
from aap.models.reception import FichierRecu, Reception

__all__ = [
    "Aap",
    "Derogation",
    "Dossier",
    "DossierUserObjectPermission",
    "Enveloppe",
    "Etat",
    "Fenetre",
    "FichierRecu",
    "Mouvement",
    "Nature",
    "PieceFournie",
    "Reception",
    "Recu",
    "Reglement",
]
