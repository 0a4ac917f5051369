"""Which dossiers are followed, and by whom. Pure."""

from aap.models import Etat
from comptes.roles import Role

#: From the filing to the last payment: before, nothing is stated; afterwards, the risk came true or never will.
SUIVIS = frozenset(Etat) - {
    Etat.BROUILLON, Etat.IRRECEVABLE, Etat.REORIENTE, Etat.NON_RETENU, Etat.ABANDONNE, Etat.SOLDE, Etat.CLOS,
    Etat.EN_REVERSEMENT,
}  # fmt: skip
#: The GRADeS and the ARS, in a continuing dialogue. Source: regles.md §8.
ACCOMPAGNANTS = (Role.CONSEILLER_GRADES, Role.INSTRUCTEUR)
