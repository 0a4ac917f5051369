"""Calls for projects and dossiers: one module per noun."""

from aap.models.campagne import Aap, Fenetre, Reglement
from aap.models.dossier import Dossier, DossierUserObjectPermission, Etat
from aap.models.enveloppe import Enveloppe, Mouvement, Nature
from aap.models.pieces import Derogation, Format, PieceFournie, Recu
from aap.models.reception import FichierRecu, Reception
from aap.models.saisie import Saisie, Section

__all__ = [
    "Aap",
    "Derogation",
    "Dossier",
    "DossierUserObjectPermission",
    "Enveloppe",
    "Etat",
    "Fenetre",
    "FichierRecu",
    "Format",
    "Mouvement",
    "Nature",
    "PieceFournie",
    "Reception",
    "Recu",
    "Reglement",
    "Saisie",
    "Section",
]
