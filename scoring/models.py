from django.conf import settings
from django.db import models

from aap.models import Dossier
from scoring.querysets import EvaluationQuerySet


class Evaluation(models.Model):
    """The marks one person gave a dossier. `notes`: criterion → share of its scale, "0" to "1", exact text.

    She may correct her own until the instruction is closed; the journal keeps every version.
    """

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="evaluations")
    evaluateur = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="évaluateur"
    )
    notes = models.JSONField()
    rendue_le = models.DateTimeField()

    objects = EvaluationQuerySet.as_manager()

    class Meta:
        verbose_name = "évaluation"
        verbose_name_plural = "évaluations"
        ordering = ("rendue_le", "pk")
        constraints = [
            models.UniqueConstraint(
                name="evaluation_une_par_personne",
                fields=["dossier", "evaluateur"],
                violation_error_message="Cette personne a déjà évalué ce dossier.",
            )
        ]

    def __str__(self) -> str:
        return f"évaluation de {self.dossier} par {self.evaluateur}"
