"""Opinions, risks, support plans and requests for help: one module per noun."""

from accompagnement.models.aide import DemandeAide, EtatAide
from accompagnement.models.avis import Avis, AvisGrades, Axe, Niveau
from accompagnement.models.plan import ACHEVEES, ActionPlan, PhasePlan, StatutAction, SuiviAction
from accompagnement.models.risques import (
    GRAVITE,
    Annotation,
    Intervenant,
    LienRisque,
    Maitrise,
    NiveauCourant,
    Organisation,
    Risque,
)

__all__ = [
    "ACHEVEES", "GRAVITE", "ActionPlan", "Annotation", "Avis", "AvisGrades", "Axe",
    "DemandeAide", "EtatAide", "Intervenant", "LienRisque", "Maitrise", "Niveau", "NiveauCourant", "Organisation",
    "PhasePlan", "Risque", "StatutAction", "SuiviAction",
]  # fmt: skip
