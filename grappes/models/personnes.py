from django.conf import settings
from django.db import models
from django.db.models import F, Q

from grappes.models.registre import OrganismeGestionnaire
from grappes.querysets import RattachementQuerySet


class Rattachement(models.Model):
    """A person acts for an OG between two days, included. One person may act for several OGs."""

    utilisateur = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="rattachements")
    og = models.ForeignKey(OrganismeGestionnaire, on_delete=models.PROTECT, related_name="rattachements")
    fonction = models.CharField(max_length=100, blank=True)
    du = models.DateField()
    au = models.DateField(null=True, blank=True)

    objects = RattachementQuerySet.as_manager()

    class Meta:
        verbose_name = "rattachement"
        ordering = ("og", "du")
        constraints = [
            models.UniqueConstraint(
                name="rattachement_en_cours_unique",
                fields=["utilisateur", "og"],
                condition=Q(au__isnull=True),
                violation_error_message="Cette personne agit déjà pour cet organisme.",
            ),
            models.CheckConstraint(
                name="rattachement_dates_ordonnees",
                condition=Q(au__isnull=True) | Q(au__gte=F("du")),
                violation_error_message="La fin du rattachement précède son début : corrigez l'une des dates.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.utilisateur} pour {self.og}"
