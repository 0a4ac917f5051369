from django.conf import settings
from django.db import models

from aap.models import Dossier
from moteur.declencheurs import ajout_seul


class Axe(models.TextChoices):
    """Axes of the national risk follow-up. Source: regles.md §8."""

    COUT_QUALITE_DELAI = "cout_qualite_delai", "Coût, qualité, délai"
    ACHAT = "achat", "Achat"
    GOUVERNANCE = "gouvernance", "Gouvernance"
    EDITEUR = "editeur", "Éditeur"
    SECURITE_SI = "securite_si", "Sécurité du SI"


class Niveau(models.TextChoices):
    FORT = "fort", "Fort"
    MODERE = "modere", "Modéré"
    FAIBLE_OU_NUL = "faible_ou_nul", "Faible ou nul"
    NON_EVALUE = "non_evalue", "Non évalué"


class Avis(models.TextChoices):
    FAVORABLE = "favorable", "Favorable"
    RESERVE = "reserve", "Réservé"
    DEFAVORABLE = "defavorable", "Défavorable"


class AvisGrades(models.Model):
    """Opinion of the regional GRADeS on a dossier. A new opinion adds to the former.

    `risques`: axis → level, as they were at that moment; each level is also an annotation of the dossier.
    """

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="avis_grades")
    avis = models.CharField(max_length=12, choices=Avis.choices)
    risques = models.JSONField()
    commentaire = models.TextField(blank=True)
    par = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    le = models.DateTimeField()

    class Meta:
        verbose_name = "avis du GRADeS"
        verbose_name_plural = "avis du GRADeS"
        ordering = ("le", "pk")
        triggers = ajout_seul()

    def __str__(self) -> str:
        return f"avis {self.get_avis_display().lower()} sur {self.dossier}"
