"""Who may: territories, people and their dated roles, invitations, delegations. One module per noun."""

from comptes.models.delegation import Delegation
from comptes.models.invitation import Invitation
from comptes.models.personnes import Affectation, Utilisateur
from comptes.models.territoires import Departement, Region

__all__ = ["Affectation", "Delegation", "Departement", "Invitation", "Region", "Utilisateur"]
