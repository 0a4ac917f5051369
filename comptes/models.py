from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q

from comptes.querysets import AffectationQuerySet, InvitationQuerySet
from comptes.roles import LECTEURS_NATIONAUX, Role


class Region(models.Model):
    """One of the 18 regions, one ARS each. Code: INSEE. Source: regles.md §11.4."""

    code = models.CharField(max_length=2, primary_key=True)
    nom = models.CharField(max_length=60)

    class Meta:
        ordering = ("nom",)
        verbose_name = "région"

    def __str__(self) -> str:
        return self.nom


class Departement(models.Model):
    """One of the 101 départements. `finess`: the code FINESS gives it (9A…9F overseas, regles.md §11.4)."""

    code = models.CharField("code INSEE", max_length=3, primary_key=True)
    finess = models.CharField("code FINESS", max_length=2, unique=True)
    nom = models.CharField(max_length=60)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="departements")

    class Meta:
        ordering = ("code",)
        verbose_name = "département"

    def __str__(self) -> str:
        return f"{self.nom} ({self.code})"


class Utilisateur(AbstractUser):
    """A person. What she may do comes from her dated assignments, never from flags on this row."""

    #: What `roles_au` found, by day: a request or a play asks many times.
    _roles: dict[date, dict[str, frozenset[str | None]]]

    class Meta:
        ordering = ("username",)
        verbose_name = "utilisateur"

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    def roles_au(self, jour: date) -> dict[str, frozenset[str | None]]:
        """Roles in force on that day: {role: region codes}, None meaning the national level."""
        cache = self.__dict__.setdefault("_roles", {})
        if jour not in cache:
            self.learn(jour, self.affectations.valides_le(jour).order_by("pk").values_list("role", "region_id"))
        found: dict[str, frozenset[str | None]] = cache[jour]
        return found

    def learn(self, jour: date, affectations: Iterable[tuple[str, str | None]]) -> None:
        """Her assignments in force that day, (role, region) each, read by whoever loaded her."""
        regions: dict[str, set[str | None]] = defaultdict(set)
        for role, region in affectations:
            regions[role].add(region)
        self.__dict__.setdefault("_roles", {})[jour] = {role: frozenset(codes) for role, codes in regions.items()}

    def lit_tout(self, jour: date) -> bool:
        """Whether she holds a role that reads every region."""
        return not LECTEURS_NATIONAUX.isdisjoint(self.roles_au(jour))

    def regions_lues(self, jour: date) -> set[str]:
        """Codes of the regions whose dossiers she reads through an agency or GRADeS role."""
        roles = self.roles_au(jour)
        return {code for role in roles if role != Role.PORTEUR for code in roles[role] if code}


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


class Invitation(models.Model):
    """A role offered by e-mail to somebody who may have no account yet. Used once, until it expires.

    `empreinte`: SHA-256 of the token of the link, which is in the e-mail and nowhere else.
    """

    courriel = models.EmailField("adresse électronique")
    role = models.CharField("rôle", max_length=20, choices=Role.choices)
    region = models.ForeignKey(
        Region, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="région"
    )
    empreinte = models.CharField(max_length=64, unique=True)
    par = models.ForeignKey(Utilisateur, on_delete=models.PROTECT, related_name="invitations_envoyees")
    creee_le = models.DateTimeField("envoyée le")
    expire_le = models.DateTimeField("expire le")
    acceptee_le = models.DateTimeField("acceptée le", null=True)
    acceptee_par = models.ForeignKey(
        Utilisateur, on_delete=models.PROTECT, null=True, related_name="invitations_recues"
    )
    annulee_le = models.DateTimeField("annulée le", null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = "invitation"
        ordering = ("-creee_le", "-pk")
        constraints = [
            models.CheckConstraint(
                name="invitation_role_connu",
                condition=Q(role__in=Role.values),
                violation_error_message="Ce rôle n'existe pas : choisissez l'un de ceux de la liste.",
            ),
            models.CheckConstraint(
                name="invitation_porteur_sans_region",
                condition=~Q(role=Role.PORTEUR) | Q(region__isnull=True),
                violation_error_message="Un porteur n'a pas de région : laissez-la vide.",
            ),
            models.CheckConstraint(
                name="invitation_dates_ordonnees",
                condition=Q(expire_le__gt=F("creee_le")),
                violation_error_message="L'invitation expirerait avant d'être envoyée : corrigez l'une des dates.",
            ),
            models.CheckConstraint(
                name="invitation_empreinte_forme",
                condition=Q(empreinte__regex=r"^[0-9a-f]{64}$"),
                violation_error_message="L'empreinte attendue est un SHA-256 : 64 chiffres hexadécimaux minuscules.",
            ),
            models.CheckConstraint(
                name="invitation_acceptee_par_quelqu_un",
                condition=Q(acceptee_le__isnull=True, acceptee_par__isnull=True)
                | Q(acceptee_le__isnull=False, acceptee_par__isnull=False),
                violation_error_message="Une invitation est acceptée par quelqu'un, un jour : indiquez les deux.",
            ),
            models.CheckConstraint(
                name="invitation_une_seule_issue",
                condition=Q(acceptee_le__isnull=True) | Q(annulee_le__isnull=True),
                violation_error_message="Une invitation acceptée ne s'annule plus : mettez fin à l'affectation.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.courriel} · {self.get_role_display()} · {self.region_id or 'national'}"

    @property
    def cle(self) -> str:
        """Its name in the journal."""
        return f"invitation:{self.pk}"
