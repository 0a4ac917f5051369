from datetime import date

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from comptes.models import Departement
from grappes.categories import Secteur, categorie
from grappes.declencheurs import MotsDeRecherche, NomSuivi
from grappes.finess import FORMAT
from grappes.querysets import EssmsQuerySet

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
    nom = models.CharField(max_length=200, blank=True)
    siren = models.CharField("SIREN", max_length=9, blank=True)
    vu_le = models.DateField("dernier fichier FINESS qui le cite", null=True, blank=True, editable=False)
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
            models.CheckConstraint(
                name="og_siren_forme",
                condition=Q(siren="") | Q(siren__regex="^[0-9]{9}$"),
                violation_error_message="Un SIREN a 9 chiffres.",
            ),
        ]
        triggers = [NomSuivi()]

    def __str__(self) -> str:
        return f"{self.nom} ({self.finess})" if self.nom else self.finess


class Essms(Registre):
    """An establishment or service, known by its FINESS ET. Its sector comes from its category.

    These are the current values; what they were, and since when, is in `EvenementRegistre` (ADR 0010).
    `coord_x`, `coord_y`: in the projection `coord_systeme`, which differs overseas.
    `recherche`: written by the database.
    """

    finess = models.CharField("FINESS géographique", max_length=9, validators=[FINESS_VALIDE])
    nom = models.CharField(max_length=200)
    categorie = models.CharField("catégorie FINESS", max_length=4)
    # No index: a hundred values for the whole country, and nothing looks an ESSMS up by this alone.
    departement = models.ForeignKey(
        Departement, on_delete=models.PROTECT, related_name="+", verbose_name="département", db_index=False
    )
    og = models.ForeignKey(OrganismeGestionnaire, on_delete=models.PROTECT, related_name="essms")
    nom_long = models.CharField("raison sociale longue", max_length=200, blank=True)
    adresse = models.CharField(max_length=200, blank=True)
    code_postal = models.CharField("code postal", max_length=5, blank=True)
    commune = models.CharField(max_length=200, blank=True)
    agregat = models.CharField("agrégat de catégories", max_length=4, blank=True)
    siret = models.CharField("SIRET", max_length=14, blank=True)
    ouvert_le = models.DateField("ouverture", null=True, blank=True)
    ferme_le = models.DateField("fermeture", null=True, blank=True)
    coord_x = models.FloatField("coordonnée X", null=True, blank=True)
    coord_y = models.FloatField("coordonnée Y", null=True, blank=True)
    coord_systeme = models.CharField("projection", max_length=40, blank=True)
    vu_le = models.DateField("dernier fichier FINESS qui le cite", null=True, blank=True, editable=False)
    recherche = SearchVectorField(null=True, editable=False)

    objects = EssmsQuerySet.as_manager()

    class Meta:
        verbose_name = "ESSMS"
        verbose_name_plural = "ESSMS"
        ordering = ("finess",)
        # No index by name: results are sorted, since walking names until enough match may read them all.
        indexes = [GinIndex(name="essms_recherche", fields=["recherche"])]
        triggers = [MotsDeRecherche()]
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
            models.CheckConstraint(
                name="essms_siret_forme",
                condition=Q(siret="") | Q(siret__regex="^[0-9]{14}$"),
                violation_error_message="Un SIRET a 14 chiffres.",
            ),
            models.CheckConstraint(
                name="essms_code_postal_forme",
                condition=Q(code_postal="") | Q(code_postal__regex="^[0-9]{5}$"),
                violation_error_message="Un code postal a 5 chiffres.",
            ),
            models.CheckConstraint(
                name="essms_position_complete",
                condition=Q(coord_x__isnull=True, coord_y__isnull=True, coord_systeme="")
                | Q(coord_x__isnull=False, coord_y__isnull=False),
                violation_error_message="Une position a deux coordonnées : donnez les deux, ou aucune.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.finess} {self.nom}"

    def is_open(self, jour: date) -> bool:
        """Whether it takes people in that day: it no longer does on the day of its closure."""
        return self.ferme_le is None or self.ferme_le > jour

    @property
    def secteur(self) -> Secteur | None:
        """Sector of its category; None when the category is not one we know."""
        connue = categorie(self.categorie)
        return connue.secteur if connue else None
