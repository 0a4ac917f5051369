"""Who reads the marks of whom: an evaluator judges alone, then sees the others. Pure."""

from collections.abc import Collection

from aap.models import Dossier, Etat
from comptes.roles import AGENCE, LECTEURS_NATIONAUX, Role
from scoring.models import Evaluation


def are_sealed(dossier: Dossier, evaluations: Collection[Evaluation], personne: int, roles: Collection[str]) -> bool:
    """Whether the marks stay closed to this person, who reads the dossier under these roles.

    They open to whoever may still evaluate once she has; to the rest of the agency at once; never to a porteur, nor
    to the GRADeS, whose opinion is its own.
    """
    if set(roles).isdisjoint({*AGENCE, *LECTEURS_NATIONAUX}):
        return True
    may_evaluate = Role.INSTRUCTEUR in roles and dossier.etat == Etat.EN_INSTRUCTION
    return may_evaluate and all(une.evaluateur_id != personne for une in evaluations)
