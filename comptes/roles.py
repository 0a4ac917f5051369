"""The roles of the programme. Source: regles.md §6 (role split)."""

from django.db import models


class Role(models.TextChoices):
    """Who may do what. A role is held in a region, or nationally when the region is empty."""

    PORTEUR = "porteur", "Porteur"
    INSTRUCTEUR = "instructeur", "Instructeur ARS"
    RESPONSABLE = "responsable", "Responsable ARS (ordonnateur)"
    COMPTABLE = "comptable", "Comptable"
    CONSEILLER_GRADES = "conseiller_grades", "Conseiller GRADeS"
    PILOTE_NATIONAL = "pilote_national", "Pilote national"
    AUDITEUR = "auditeur", "Auditeur"
    ADMINISTRATEUR = "administrateur", "Administrateur"


#: Roles that read every region and change nothing.
LECTEURS_NATIONAUX = frozenset({Role.PILOTE_NATIONAL, Role.AUDITEUR, Role.ADMINISTRATEUR})

#: Roles of the agency that instructs: what it writes for itself is read by them alone.
AGENCE = (Role.INSTRUCTEUR, Role.RESPONSABLE, Role.COMPTABLE)
#: Roles of the agency: those one of its people may let another of its people exercise.
DELEGABLES = frozenset(AGENCE)
#: Who orders does not pay, who pays does not order (décret 2012-1246, art. 9).
OPPOSES = {Role.RESPONSABLE: Role.COMPTABLE, Role.COMPTABLE: Role.RESPONSABLE}
