from django.conf import settings
from django.db import models
from django.db.models import Q

from aap.models.dossier import Dossier
from moteur.declencheurs import ajout_seul


class PieceFournie(models.Model):
    """A document given for a dossier: what it is, its SHA-256 and size. Versions add up, none is replaced."""

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="pieces")
    code = models.CharField(max_length=40)
    nom = models.CharField("nom du fichier", max_length=200)
    empreinte = models.CharField("SHA-256", max_length=64)
    taille = models.PositiveBigIntegerField("taille en octets")
    par = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    fournie_le = models.DateTimeField()

    class Meta:
        verbose_name = "pièce fournie"
        verbose_name_plural = "pièces fournies"
        ordering = ("code", "-fournie_le", "-pk")
        triggers = ajout_seul()
        constraints = [
            models.CheckConstraint(
                name="piece_empreinte_forme",
                condition=Q(empreinte__regex=r"^[0-9a-f]{64}$"),
                violation_error_message="L'empreinte d'une pièce est un SHA-256 en hexadécimal.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} · {self.nom}"


class Recu(models.Model):
    """Timestamped receipt of a filing, or of its complements: what was received, and the journal row that says so.

    `instantane`: the snapshot received (aap.faits); `empreinte`: SHA-256 of it and of the documents with theirs
    (aap.recus.fingerprint).
    """

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="recus")
    entree = models.OneToOneField("moteur.Entree", on_delete=models.PROTECT, related_name="+")
    instantane = models.JSONField("instantané")
    empreinte = models.CharField("SHA-256", max_length=64)
    delivre_le = models.DateTimeField("délivré le")

    class Meta:
        verbose_name = "reçu"
        verbose_name_plural = "reçus"
        ordering = ("pk",)
        triggers = ajout_seul()

    def __str__(self) -> str:
        return f"reçu de {self.dossier}"


class Derogation(models.Model):
    """An eligibility rule waived for a dossier, with the reason and who took it upon herself."""

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="derogations")
    regle = models.CharField("règle", max_length=40)
    motif = models.TextField()
    par = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    le = models.DateTimeField()

    class Meta:
        verbose_name = "dérogation"
        ordering = ("le", "pk")
        triggers = ajout_seul()
        constraints = [
            models.UniqueConstraint(
                name="derogation_unique",
                fields=["dossier", "regle"],
                violation_error_message="Cette règle est déjà levée pour ce dossier.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.regle} levée"
