"""The delegations a person may read, each with where it stands today. A fixed number of queries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from comptes.delegations import may_revoke
from comptes.models import Affectation, Delegation, Region, Utilisateur
from comptes.roles import DELEGABLES, Role
from instruction.libelles import Badge

#: The latest ones are enough: what ended long ago is in the journal of the dossiers decided under it.
MONTREES = 100


@dataclass(frozen=True, kw_only=True)
class Ligne:
    """One delegation. `revocable`: by the reader, today."""

    delegation: Delegation
    badge: Badge
    revocable: bool


@dataclass(frozen=True, kw_only=True)
class Page:
    """`autres`: of her region, or of everybody. `peut_donner`: she holds a role that may be lent."""

    donnees: list[Ligne]
    recues: list[Ligne]
    autres: list[Ligne]
    lit_les_autres: bool
    peut_donner: bool


@dataclass(frozen=True, kw_only=True)
class TitrePropre:
    """A role of hers that she may lend, where she holds it."""

    role: Role
    region: Region | None

    @property
    def cle(self) -> str:
        return f"{self.role}.{self.region.pk if self.region else ''}"

    @property
    def libelle(self) -> str:
        return f"{self.role.label}, {self.region or 'niveau national'}"


def read(lecteur: Utilisateur, jour: date) -> Page:
    visibles = Delegation.objects.visible_to(lecteur, jour)
    lues = list(
        visibles.select_related("delegant", "delegataire", "region", "revoquee_par").order_by("-du", "-pk")[:MONTREES]
    )
    en_vigueur = set(
        Delegation.objects.filter(pk__in=[une.pk for une in lues]).en_vigueur(jour).values_list("pk", flat=True)
    )
    lignes = [_line(une, lecteur, jour, en_vigueur=une.pk in en_vigueur) for une in lues]
    siennes = {lecteur.pk}
    return Page(
        donnees=[une for une in lignes if une.delegation.delegant_id in siennes],
        recues=[une for une in lignes if une.delegation.delegataire_id in siennes],
        autres=[
            une for une in lignes if {une.delegation.delegant_id, une.delegation.delegataire_id}.isdisjoint(siennes)
        ],
        lit_les_autres=lecteur.lit_tout(jour) or Role.RESPONSABLE in lecteur.roles_propres_au(jour),
        peut_donner=not DELEGABLES.isdisjoint(lecteur.roles_propres_au(jour)),
    )


def own_titles(personne: Utilisateur, jour: date) -> list[TitrePropre]:
    """What she may lend."""
    tenus = {role: codes for role, codes in personne.roles_propres_au(jour).items() if role in DELEGABLES}
    regions = Region.objects.in_bulk([code for codes in tenus.values() for code in codes if code])
    titres = [
        TitrePropre(role=Role(role), region=regions[code] if code else None)
        for role, codes in tenus.items()
        for code in codes
    ]
    return sorted(titres, key=lambda titre: titre.libelle)


def colleagues(personne: Utilisateur, titres: Iterable[TitrePropre], jour: date) -> list[Utilisateur]:
    """People of the agencies where she holds these roles, apart from herself."""
    niveaux = {titre.region.pk if titre.region else None for titre in titres}
    tenues = Affectation.objects.valides_le(jour).at(niveaux).filter(role__in=DELEGABLES)
    siens = Utilisateur.objects.filter(pk__in=tenues.values("utilisateur"), is_active=True)
    return list(siens.exclude(pk=personne.pk).order_by("last_name", "pk"))


def _line(delegation: Delegation, lecteur: Utilisateur, jour: date, *, en_vigueur: bool) -> Ligne:
    return Ligne(
        delegation=delegation,
        badge=_badge(delegation, jour, en_vigueur=en_vigueur),
        revocable=may_revoke(lecteur, delegation, jour),
    )


def _badge(delegation: Delegation, jour: date, *, en_vigueur: bool) -> Badge:
    dernier = delegation.dernier_jour
    if dernier is None or dernier < jour:
        revoquee = delegation.revoquee_des is not None
        return Badge("Révoquée" if revoquee else "Terminée", "", "stop-circle-line" if revoquee else "archive-line")
    if delegation.du > jour:
        return Badge("À venir", "blue-cumulus", "time-line")
    if not en_vigueur:
        return Badge("Suspendue", "warning", "pause-circle-line")
    return Badge("En vigueur", "success", "checkbox-circle-line")
