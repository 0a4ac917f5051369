from django.db import models
from django.db.models import F, Q

from comptes.models.personnes import Utilisateur
from comptes.models.territoires import Region
from comptes.querysets import InvitationQuerySet
from comptes.roles import Role


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
