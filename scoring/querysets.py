from datetime import date
from typing import TYPE_CHECKING, Self

from django.db.models import QuerySet

from aap.models import Dossier
from comptes.models import Utilisateur
from comptes.roles import Role

if TYPE_CHECKING:
    from scoring.models import Evaluation  # noqa: F401


class EvaluationQuerySet(QuerySet["Evaluation"]):
    def visible_to(self, utilisateur: Utilisateur, jour: date) -> Self:
        """Marks this person may read that day: of the dossiers she reads as an agent, where nothing shuts her out.

        Every page that shows marks starts here. A porteur never reads any, were the dossier shared with her.
        """
        if utilisateur.roles_au(jour).keys() <= {Role.PORTEUR}:
            return self.none()
        dossiers = Dossier.objects.visible_to(utilisateur, jour).without_deport(utilisateur, jour)
        if not utilisateur.lit_tout(jour):
            dossiers = dossiers.filter(aap__region__in=utilisateur.regions_lues(jour))
        return self.filter(dossier__in=dossiers.values("pk"))
