"""Who reads a dossier, and what she may see of it besides what its porteur sees."""

from dataclasses import dataclass
from datetime import date

from aap.models import Dossier
from comptes.models import Utilisateur
from comptes.roles import AGENCE, LECTEURS_NATIONAUX, Role


@dataclass(frozen=True, kw_only=True)
class Regard:
    """A reader. `roles`: those under which she reads this dossier; none: it was shared with her, as its porteur's.

    `deport`: a declared interest shuts her out of it: she neither acts nor reads what the agency thinks of it.
    """

    lecteur: Utilisateur
    roles: frozenset[str]
    deport: bool = False

    @property
    def interne(self) -> bool:
        """Whether she reads what the agency does: its whole history, its evaluations, its opinion."""
        return bool(self.roles)

    @property
    def evalue(self) -> bool:
        """Whether she evaluates dossiers such as this one."""
        return Role.INSTRUCTEUR in self.roles

    @property
    def agence(self) -> bool:
        """Whether she instructs it."""
        return not self.deport and not self.roles.isdisjoint(AGENCE)


def look(lecteur: Utilisateur, dossier: Dossier, jour: date) -> Regard:
    """How this person reads this dossier that day. A porteur who is an officer elsewhere is a porteur here.

    `dossier`: come through `with_deport`, where an interest of hers may tie her to it.
    """
    ici = dossier.aap.region_id
    roles = {
        role
        for role, regions in lecteur.roles_au(jour).items()
        if role in LECTEURS_NATIONAUX or (role != Role.PORTEUR and ici in regions)
    }
    return Regard(lecteur=lecteur, roles=frozenset(roles), deport=getattr(dossier, "deport", False))
