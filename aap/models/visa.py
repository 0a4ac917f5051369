from django.conf import settings
from django.db import models
from django.db.models import Q

from aap.models.dossier import Dossier
from comptes.roles import Role
from moteur.declencheurs import ajout_seul


class Sens(models.TextChoices):
    ACCORDE = "accorde", "Accordé"
    REFUSE = "refuse", "Refusé"


class Visa(models.Model):
    """Somebody has read what is about to be decided, and agrees or not. The latest of a role on a decision counts.

    What was read (aap.visas.Portee): `faits`, the snapshot of the dossier; `derogations`, rule waived → reason; `aide`,
    total and lines, amounts as "0.00". `empreinte`: SHA-256 of the three.
    """

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="visas")
    transition = models.CharField("décision visée", max_length=60)
    role = models.CharField("rôle", max_length=20, choices=Role.choices)
    sens = models.CharField(max_length=8, choices=Sens.choices)
    motif = models.TextField(blank=True)
    faits = models.JSONField()
    derogations = models.JSONField("dérogations")
    aide = models.JSONField()
    empreinte = models.CharField("SHA-256", max_length=64)
    par = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    le = models.DateTimeField()

    class Meta:
        verbose_name = "visa"
        verbose_name_plural = "visas"
        ordering = ("dossier", "pk")
        triggers = ajout_seul()
        constraints = [
            models.CheckConstraint(
                name="visa_sens_connu",
                condition=Q(sens__in=Sens.values),
                violation_error_message="Un visa est accordé ou refusé.",
            ),
            models.CheckConstraint(
                name="visa_refus_motive",
                condition=Q(sens=Sens.REFUSE) ^ Q(motif=""),
                violation_error_message="Un visa refusé porte son motif ; un visa accordé n'en a pas.",
            ),
            models.CheckConstraint(
                name="visa_role_connu",
                condition=Q(role__in=Role.values),
                violation_error_message="Ce rôle n'existe pas.",
            ),
            models.CheckConstraint(
                name="visa_empreinte_forme",
                condition=Q(empreinte__regex=r"^[0-9a-f]{64}$"),
                violation_error_message="L'empreinte d'un visa est un SHA-256 en hexadécimal.",
            ),
        ]

    def __str__(self) -> str:
        return f"visa de {self.par} sur {self.dossier}"
