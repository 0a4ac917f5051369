from datetime import date
from typing import TYPE_CHECKING, Self

from django.db.models import Q

from comptes.models import Utilisateur
from moteur.machine import MachineQuerySet

if TYPE_CHECKING:
    from aap.models import Dossier  # noqa: F401


class DossierQuerySet(MachineQuerySet):
    def visible_to(self, utilisateur: Utilisateur, jour: date) -> Self:
        """Dossiers this person may read that day: her regions', those shared with her, or all of them.

        Every view and export starts here; what is filtered out does not exist (404). A play's dossiers
        are never visible: they live and die with its transaction.
        """
        reels = self.filter(aap__rejeu__isnull=True)
        if utilisateur.lit_tout(jour):
            return reels
        partages = Q(dossieruserobjectpermission__user=utilisateur)
        return reels.filter(Q(aap__region__in=utilisateur.regions_lues(jour)) | partages).distinct()

    def with_rules(self) -> Self:
        """With what examining a dossier reads: its call, its rule set (not its text) and its porteur."""
        return self.select_related("aap__reglement", "grappe__og_porteur").defer("aap__reglement__texte")
