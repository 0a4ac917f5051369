"""The GRADeS's opinions, and the requests for help: one module per noun."""

from accompagnement.models.aide import DemandeAide, EtatAide
from accompagnement.models.avis import Avis, AvisGrades, Axe, Niveau

__all__ = ["Avis", "AvisGrades", "Axe", "DemandeAide", "EtatAide", "Niveau"]
