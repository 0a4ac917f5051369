from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import BigIntegerField, F, Q, Value

from comptes.models.territoires import Region
from comptes.querysets import AffectationQuerySet
from comptes.roles import LECTEURS_NATIONAUX, Role
from moteur import horloge
from moteur.erreurs import Code, Refus

#: {role: region codes}, None meaning the national level.
Regions = dict[str, frozenset[str | None]]


@dataclass(frozen=True)
class Tenus:
    """The roles of a person on one day. `delegues`: (role, region) → the first delegation that gives it."""

    tous: Regions
    propres: Regions
    delegues: dict[tuple[str, str | None], int]

    @classmethod
    def of(cls, lignes: Iterable[tuple[str, str | None, int | None]]) -> Self:
        """From (role, region, delegation or None)."""
        tous, propres = defaultdict[str, set[str | None]](set), defaultdict[str, set[str | None]](set)
        delegues: dict[tuple[str, str | None], int] = {}
        for role, region, delegation in lignes:
            tous[role].add(region)
            if delegation is None:
                propres[role].add(region)
            else:
                delegues[role, region] = min(delegation, delegues.get((role, region), delegation))
        return cls(_frozen(tous), _frozen(propres), delegues)


def _frozen(regions: Mapping[str, set[str | None]]) -> Regions:
    return {role: frozenset(codes) for role, codes in regions.items()}


class Utilisateur(AbstractUser):
    """A person. What she may do comes from her dated assignments, never from flags on this row."""

    #: What was found of her roles, by day: a request or a play asks many times.
    _tenus: dict[date, Tenus]

    class Meta:
        ordering = ("username",)
        verbose_name = "utilisateur"

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    def roles_au(self, jour: date) -> Regions:
        """Roles in force that day, hers and those delegated to her: {role: region codes}, None: the national level."""
        return self._held(jour).tous

    def roles_propres_au(self, jour: date) -> Regions:
        """The same without those delegated to her."""
        return self._held(jour).propres

    def holds_delegations(self, jour: date) -> bool:
        """Whether somebody lends her a role that day, even one that she holds herself."""
        return bool(self._held(jour).delegues)

    def titre_pour(self, role: str, regions: frozenset[str | None], jour: date) -> "Mandat | None":
        """The delegation she needs to hold that role in one of these regions; None where the role is hers."""
        tenus = self._held(jour)
        if not regions.isdisjoint(tenus.propres.get(role, ())):
            return None
        possibles = [tenus.delegues[role, code] for code in regions if (role, code) in tenus.delegues]
        return Mandat(self, min(possibles)) if possibles else None

    def _held(self, jour: date) -> Tenus:
        """One query, the first time."""
        if jour not in self.__dict__.setdefault("_tenus", {}):
            propres = self.affectations.valides_le(jour).order_by().annotate(delegation=Value(None, BigIntegerField()))
            recues = self.delegations_recues.en_vigueur(jour).order_by().annotate(delegation=F("pk"))
            champs = ("role", "region_id", "delegation")
            self.learn(jour, propres.values_list(*champs).union(recues.values_list(*champs), all=True))
        tenus: Tenus = self.__dict__["_tenus"][jour]
        return tenus

    def learn(self, jour: date, tenus: Iterable[tuple[str, str | None, int | None]]) -> None:
        """Her roles in force that day, (role, region, delegation or None) each, read by whoever loaded her."""
        self.__dict__.setdefault("_tenus", {})[jour] = Tenus.of(tenus)

    def is_agent(self, jour: date) -> bool:
        """Whether she holds another role than that of porteur."""
        return not self.roles_au(jour).keys() <= {Role.PORTEUR}

    @property
    def agit_aujourdhui(self) -> bool:
        """The same today, for menus."""
        return self.is_agent(horloge.aujourdhui())

    def lit_tout(self, jour: date) -> bool:
        """Whether she holds a role that reads every region."""
        return not LECTEURS_NATIONAUX.isdisjoint(self.roles_au(jour))

    def regions_lues(self, jour: date) -> set[str]:
        """Codes of the regions whose dossiers she reads through an agency or GRADeS role."""
        roles = self.roles_au(jour)
        return {code for role in roles if role != Role.PORTEUR for code in roles[role] if code}


@dataclass(frozen=True)
class Mandat:
    """The delegation under which somebody is about to act."""

    delegataire: Utilisateur
    delegation: int

    def tenir(self, jour: date) -> dict[str, Any]:
        """Hold it until the end of the transaction, and say it for the journal.

        Read afresh, whatever was known of her roles: who revokes it at this instant waits for this act, or is seen.
        Raises: Refus ROLE_INTERDIT when it is over.
        """
        tenue = self.delegataire.delegations_recues.en_vigueur(jour).locked().filter(pk=self.delegation).first()
        if tenue is None:
            raise Refus(
                Code.ROLE_INTERDIT,
                "La délégation sous laquelle vous agissiez vient de prendre fin : demandez à la personne qui vous "
                "l'avait donnée de décider elle-même, ou d'en donner une autre.",
            )
        return {
            "delegation": tenue.pk,
            "nature": tenue.nature,
            "delegant": tenue.delegant_id,
            "acte": tenue.acte,
            "acte_le": tenue.acte_le.isoformat() if tenue.acte_le else None,
        }


class Affectation(models.Model):
    """A role held by a person in a region (none: at national level) between two days, included."""

    utilisateur = models.ForeignKey(Utilisateur, on_delete=models.PROTECT, related_name="affectations")
    role = models.CharField("rôle", max_length=20, choices=Role.choices)
    region = models.ForeignKey(
        Region, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="région"
    )
    du = models.DateField("du")
    au = models.DateField("au", null=True, blank=True)

    objects = AffectationQuerySet.as_manager()

    class Meta:
        verbose_name = "affectation"
        constraints = [
            models.CheckConstraint(
                name="affectation_dates_ordonnees",
                condition=Q(au__isnull=True) | Q(au__gte=F("du")),
                violation_error_message="La fin de l'affectation précède son début : corrigez l'une des dates.",
            ),
            models.CheckConstraint(
                name="affectation_porteur_sans_region",
                condition=~Q(role=Role.PORTEUR) | Q(region__isnull=True),
                violation_error_message="Un porteur n'a pas de région : ses dossiers lui sont partagés un à un.",
            ),
            models.CheckConstraint(
                name="affectation_role_connu",
                condition=Q(role__in=Role.values),
                violation_error_message="Ce rôle n'existe pas.",
            ),
            models.UniqueConstraint(
                name="affectation_unique",
                fields=["utilisateur", "role", "region", "du"],
                nulls_distinct=False,
                violation_error_message="Cette affectation existe déjà à cette date.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.utilisateur} · {self.get_role_display()} · {self.region_id or 'national'}"
