from django.db import models

from aap.models.dossier import Dossier
from moteur.declencheurs import ajout_seul


class DemandeComplements(models.Model):
    """One request for complements: what it re-opens, and what the dossier said at that instant.

    `parties`: codes of `Partie`; `pieces`: codes of documents; both empty, everything is open.
    `avant`: the picture before the answer (aap.complements.Photo). `derniere_piece`: key of the last document given
    before it, 0 for none: those of the answer come after.
    """

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="demandes_complements")
    motif = models.TextField()
    echeance = models.DateField("échéance")
    parties = models.JSONField("parties rouvertes", default=list)
    pieces = models.JSONField("pièces rouvertes", default=list)
    avant = models.JSONField()
    derniere_piece = models.PositiveBigIntegerField("dernière pièce")
    demandee_le = models.DateTimeField("demandée le")

    class Meta:
        verbose_name = "demande de compléments"
        verbose_name_plural = "demandes de compléments"
        ordering = ("dossier", "-pk")
        triggers = ajout_seul()

    def __str__(self) -> str:
        return f"compléments demandés à {self.dossier}"
