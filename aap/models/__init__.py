"""Calls for projects and dossiers: one module per noun."""

from aap.models.campagne import Aap, Fenetre, Reglement
from aap.models.complements import DemandeComplements
from aap.models.dossier import Dossier, DossierUserObjectPermission, Etat
from aap.models.enveloppe import Enveloppe, Mouvement, Nature
from aap.models.messages import LectureMessage, Message, PieceJointe
from aap.models.notes import Mention, Note
from aap.models.objectifs import Objectif
from aap.models.parties import Partie
from aap.models.pieces import Derogation, Format, PieceFournie, Recu
from aap.models.presence import Presence
from aap.models.reception import FichierRecu, Reception
from aap.models.saisie import Saisie, Section
from aap.models.visa import Sens, Visa

__all__ = [
    "Aap",
    "DemandeComplements",
    "Derogation",
    "Dossier",
    "DossierUserObjectPermission",
    "Enveloppe",
    "Etat",
    "Fenetre",
    "FichierRecu",
    "Format",
    "LectureMessage",
    "Mention",
    "Message",
    "Mouvement",
    "Nature",
    "Note",
    "Objectif",
    "Partie",
    "PieceFournie",
    "PieceJointe",
    "Presence",
    "Reception",
    "Recu",
    "Reglement",
    "Saisie",
    "Section",
    "Sens",
    "Visa",
]
