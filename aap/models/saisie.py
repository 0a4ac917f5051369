from django.conf import settings
from django.db import models
from django.db.models import Q

from aap.models.dossier import Dossier


class Section(models.TextChoices):
    """Parts of a dossier that people fill in by hand."""

    PROJET = "projet", "Projet et logiciel"
    AUTODIAGNOSTIC = "autodiagnostic", "Autodiagnostic du système d'information"
    EQUIPEMENT = "equipement", "Besoins en équipement"
    ENGAGEMENTS = "engagements", "Engagements"


class Saisie(models.Model):
    """What was typed in one section of a dossier: every field as typed, right or wrong, so that nothing is lost.

    `champs`: {field: {"valeur", "par", "le"}}: the last value, who wrote it (number and name) and when (ISO 8601).
    `version`: grows by one at each writing.
    """

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="saisies")
    section = models.CharField(max_length=20, choices=Section.choices)
    version = models.PositiveIntegerField(default=0)
    champs = models.JSONField(default=dict)
    par = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    le = models.DateTimeField()

    class Meta:
        verbose_name = "saisie"
        ordering = ("dossier", "section")
        constraints = [
            models.UniqueConstraint(
                name="saisie_section_unique",
                fields=["dossier", "section"],
                violation_error_message="Cette section vient d'être ouverte par ailleurs : relisez la page.",
            ),
            models.CheckConstraint(
                name="saisie_section_connue",
                condition=Q(section__in=Section.values),
                violation_error_message="Cette section n'existe pas.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_section_display()} de {self.dossier}"
