from decimal import Decimal

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q

from comptes.models import Departement
from grappes.categories import Secteur, categorie
from grappes.finess import FORMAT
from grappes.querysets import MembreQuerySet

FINESS_VALIDE = RegexValidator(
    FORMAT,
    "Un numéro FINESS a 9 caractères : deux pour le département, puis des chiffres (2A et 2B en Corse).",
)


class Registre(models.Model):
    """A row of the register. `rejeu`: empty for the real register, else the play that alone sees the row."""

    rejeu = models.UUIDField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True


class OrganismeGestionnaire(Registre):
    """OG: the legal body that manages establishments, known by its FINESS EJ.

    `essms_declares`: all its ESSMS, also those it brings nowhere (regles.md §12.6); empty: those we know.
    """

    finess = models.CharField("FINESS juridique", max_length=9, validators=[FINESS_VALIDE])
    nom = models.CharField(max_length=200)
    essms_declares = models.PositiveIntegerField("nombre total d'ESSMS", null=True, blank=True)

    class Meta:
        verbose_name = "organisme gestionnaire"
        verbose_name_plural = "organismes gestionnaires"
        ordering = ("finess",)
        constraints = [
            models.UniqueConstraint(
                name="og_finess_unique",
                fields=["finess", "rejeu"],
                nulls_distinct=False,
                violation_error_message="Cet organisme est déjà au registre.",
            ),
            models.CheckConstraint(
                name="og_finess_forme",
                condition=Q(finess__regex=FORMAT.pattern),
                violation_error_message="Ce numéro FINESS juridique n'a pas la forme attendue.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.nom} ({self.finess})"


class Essms(Registre):
    """An establishment or service, known by its FINESS ET. Its sector comes from its category."""

    finess = models.CharField("FINESS géographique", max_length=9, validators=[FINESS_VALIDE])
    nom = models.CharField(max_length=200)
    categorie = models.CharField("catégorie FINESS", max_length=4)
    departement = models.ForeignKey(Departement, on_delete=models.PROTECT, related_name="+", verbose_name="département")
    og = models.ForeignKey(OrganismeGestionnaire, on_delete=models.PROTECT, related_name="essms")

    class Meta:
        verbose_name = "ESSMS"
        verbose_name_plural = "ESSMS"
        ordering = ("finess",)
        constraints = [
            models.UniqueConstraint(
                name="essms_finess_unique",
                fields=["finess", "rejeu"],
                nulls_distinct=False,
                violation_error_message="Cet établissement est déjà au registre.",
            ),
            models.CheckConstraint(
                name="essms_finess_forme",
                condition=Q(finess__regex=FORMAT.pattern),
                violation_error_message="Ce numéro FINESS géographique n'a pas la forme attendue.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.finess} {self.nom}"

    @property
    def secteur(self) -> Secteur | None:
        """Sector of its category; None when the category is not one we know."""
        connue = categorie(self.categorie)
        return connue.secteur if connue else None


class Grappe(models.Model):
    """A group of ESSMS that deploys one software together, carried by one OG (regles.md E3, E22)."""

    nom = models.CharField(max_length=200)
    og_porteur = models.ForeignKey(
        OrganismeGestionnaire, on_delete=models.PROTECT, related_name="+", verbose_name="OG porteur"
    )

    class Meta:
        verbose_name = "grappe"
        ordering = ("nom", "pk")

    def __str__(self) -> str:
        return self.nom


class Membre(models.Model):
    """An ESSMS in a grappe, and what it states there: hours (mixed home services), SONS software."""

    grappe = models.ForeignKey(Grappe, on_delete=models.CASCADE, related_name="membres")
    essms = models.ForeignKey(Essms, on_delete=models.PROTECT, related_name="participations")
    heures_eligibles = models.PositiveIntegerField("heures éligibles", null=True, blank=True)
    heures_totales = models.PositiveIntegerField("heures totales", null=True, blank=True)
    sons_logiciel = models.CharField("logiciel d'une commande SONS", max_length=100, blank=True)
    arrive_le = models.DateField("arrivée")
    parti_le = models.DateField("départ", null=True, blank=True)

    objects = MembreQuerySet.as_manager()

    class Meta:
        verbose_name = "membre"
        ordering = ("essms__finess",)
        constraints = [
            models.UniqueConstraint(
                name="membre_present_une_fois",
                fields=["grappe", "essms"],
                condition=Q(parti_le__isnull=True),
                violation_error_message="Cet établissement est déjà dans la grappe.",
            ),
            models.CheckConstraint(
                name="membre_dates_ordonnees",
                condition=Q(parti_le__isnull=True) | Q(parti_le__gte=F("arrive_le")),
                violation_error_message="Le départ précède l'arrivée : corrigez l'une des dates.",
            ),
            models.CheckConstraint(
                name="membre_heures_coherentes",
                condition=Q(heures_eligibles__isnull=True, heures_totales__isnull=True)
                | Q(
                    heures_eligibles__isnull=False,
                    heures_totales__isnull=False,
                    heures_totales__gt=0,
                    heures_eligibles__lte=F("heures_totales"),
                ),
                violation_error_message="Les heures éligibles dépassent les heures totales, ou l'une manque.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.essms)

    @property
    def part_eligible(self) -> Decimal:
        """Share of eligible hours, 0 to 1, exact (regles.md E8); 1 for whoever is not a mixed service."""
        if self.heures_totales is None or self.heures_eligibles is None:
            return Decimal(1)
        return Decimal(self.heures_eligibles) / Decimal(self.heures_totales)
