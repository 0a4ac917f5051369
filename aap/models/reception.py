import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from aap.models.dossier import Dossier
from moteur.declencheurs import ajout_seul


class Reception(models.Model):
    """What another system handed over for a dossier: one row per version received, none replaced.

    `source`, `identifiant`: whose number, which number; they name one dossier for ever. `contenu`: the record
    accepted (docs/echange); `empreinte`: its SHA-256; `non_repris`: what we have no field for, kept: list of
    {"libelle", "valeur", …}.
    """

    source = models.CharField(max_length=60)
    identifiant = models.CharField(max_length=100)
    rang = models.PositiveIntegerField()
    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="receptions")
    empreinte = models.CharField("SHA-256", max_length=64)
    contenu = models.JSONField()
    non_repris = models.JSONField(default=list)
    par = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    le = models.DateTimeField()

    class Meta:
        verbose_name = "réception"
        verbose_name_plural = "réceptions"
        ordering = ("source", "identifiant", "rang")
        triggers = ajout_seul()
        constraints = [
            models.UniqueConstraint(
                name="reception_rang_unique",
                fields=["source", "identifiant", "rang"],
                violation_error_message="Ce dossier vient d'être reçu par ailleurs : relancez l'import.",
            ),
            models.CheckConstraint(
                name="reception_rang_positif",
                condition=Q(rang__gte=1),
                violation_error_message="Le rang d'une réception commence à 1.",
            ),
            models.CheckConstraint(
                name="reception_empreinte_forme",
                condition=Q(empreinte__regex=r"^[0-9a-f]{64}$"),
                violation_error_message="L'empreinte d'une réception est un SHA-256 en hexadécimal.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.identifiant}, version {self.rang}"


class FichierRecu(models.Model):
    """A file of dossiers handed over on the page: kept between its trial and its import, then for its refused ones.

    `contenu`: its very bytes; `bilan`: the verdicts (moteur.lots.BilanLot), simulated until `importe_le`.
    """

    cle = models.UUIDField("clé", primary_key=True, default=uuid.uuid4, editable=False)
    nom = models.CharField("nom du fichier", max_length=200)
    contenu = models.BinaryField()
    bilan = models.JSONField()
    par = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recu_le = models.DateTimeField("reçu le")
    importe_le = models.DateTimeField("importé le", null=True, blank=True)

    class Meta:
        verbose_name = "fichier reçu"
        verbose_name_plural = "fichiers reçus"
        ordering = ("-recu_le", "pk")

    def __str__(self) -> str:
        return self.nom
