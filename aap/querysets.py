from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Self

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, QuerySet

from comptes.models import Utilisateur
from comptes.roles import AGENCE, Role
from grappes.models import Interet
from moteur.machine import MachineQuerySet

if TYPE_CHECKING:
    from aap.models import Dossier, Note  # noqa: F401


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

    def with_deport(self, utilisateur: Utilisateur, jour: date) -> Self:
        """Each with `deport`: whether a declared interest shuts this person out of it (Dossier.conflict_of)."""
        siens = Interet.objects.en_vigueur(jour).filter(personne=utilisateur).touching(OuterRef(OuterRef("grappe")))
        return self.annotate(deport=Exists(siens))

    def deported(self, utilisateur: Utilisateur, jour: date) -> Self:
        """Those that a declared interest shuts this person out of, found from her interests."""
        siens = Interet.objects.en_vigueur(jour).filter(personne=utilisateur)
        return self.filter(grappe__in=siens.grappes())

    def without_deport(self, utilisateur: Utilisateur, jour: date) -> Self:
        """Those whose evaluations she may read, and whose tasks may be hers."""
        return self.exclude(grappe__in=Interet.objects.en_vigueur(jour).filter(personne=utilisateur).grappes())

    def shut_out(self, jour: date) -> set[tuple[int, int]]:
        """(dossier, person) of all those whom a declared interest shuts out of one of these. One query."""
        carries = Interet.objects.en_vigueur(jour).touching(OuterRef(OuterRef("grappe")))
        exclus = self.order_by().annotate(exclus=ArraySubquery(carries.order_by().values("personne")))
        return {(pk, qui) for pk, gens in exclus.values_list("pk", "exclus") for qui in gens}

    def with_rules(self) -> Self:
        """With what examining a dossier reads: its call, its rule set (not its text) and its porteur."""
        return self.select_related("aap__reglement", "grappe__og_porteur").defer("aap__reglement__texte")


class NoteQuerySet(QuerySet["Note"]):
    def visible_to(self, utilisateur: Utilisateur, jour: date) -> Self:
        """Internal notes this person may read that day: those of the agencies she works for, and those shared with
        the GRADeS she advises for. Nobody else's: neither a porteur, nor who reads every dossier, nor whom a declared
        interest shuts out."""
        roles = utilisateur.roles_au(jour)
        agence = {region for role in AGENCE for region in roles.get(role, ())}
        partagees = Q(partagee=True) & _in(roles.get(Role.CONSEILLER_GRADES, ()))
        lues = self.filter(_in(agence) | partagees, dossier__aap__rejeu__isnull=True)
        siens = Interet.objects.en_vigueur(jour).filter(personne=utilisateur)
        return lues.exclude(dossier__grappe__in=siens.grappes())


def _in(regions: Iterable[str | None]) -> Q:
    """Of a dossier instructed in one of these regions; None stands for a national call."""
    codes = set(regions)
    nationaux = Q(dossier__aap__region__isnull=True) if None in codes else Q(pk__in=[])
    return Q(dossier__aap__region__in=codes - {None}) | nationaux
