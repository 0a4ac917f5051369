from datetime import date
from typing import TYPE_CHECKING, Self

from django.db.models import Q, QuerySet
from viewflow.workflow.status import STATUS

from comptes.models import Utilisateur

if TYPE_CHECKING:
    from instruction.models import Parcours, TacheSuivie  # noqa: F401


class ParcoursQuerySet(QuerySet["Parcours"]):
    def visible_to(self, utilisateur: Utilisateur, jour: date) -> Self:
        """Those whose dossier this person may read that day: the same rule as `DossierQuerySet.visible_to`."""
        if utilisateur.lit_tout(jour):
            return self.all()
        partages = Q(dossier__dossieruserobjectpermission__user=utilisateur)
        return self.filter(Q(region__in=utilisateur.regions_lues(jour)) | partages).distinct()

    def locked(self) -> Self:
        """The lock of `InstructionFlow`, taken by whoever knows the dossier and not yet its process."""
        return self.select_for_update(of=("self",), no_key=True)


class TacheQuerySet(QuerySet["TacheSuivie"]):
    def open(self) -> Self:
        """To be done: neither done nor lapsed."""
        return self.filter(status__in=(STATUS.NEW, STATUS.ASSIGNED))
