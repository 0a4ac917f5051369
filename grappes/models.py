from decimal import Decimal

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q

from comptes.models import Departement
from grappes.categories import Secteur, categorie
from grappes.declencheurs import MotsDeRecherche, NomSuivi
from grappes.finess import FORMAT
from grappes.querysets import EssmsQuerySet, MembreQuerySet
from moteur.declencheurs import ajout_seul

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
    departement = models.ForeignKey(Departement, on_delete=models.PROTECT, related_name="+", verbose_name="département")
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
        indexes = [
            GinIndex(name="essms_recherche", fields=["recherche"]),
            models.Index(name="essms_par_nom", fields=["nom", "finess"]),
        ]
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

    @property
    def secteur(self) -> Secteur | None:
        """Sector of its category; None when the category is not one we know."""
        connue = categorie(self.categorie)
        return connue.secteur if connue else None


class Importation(models.Model):
    """A reading of FINESS files that changed the register.

    `fichiers`: name, SHA-256, encoding, date; `bilan`: counts.
    """

    le = models.DateTimeField()
    fichiers = models.JSONField()
    bilan = models.JSONField()

    class Meta:
        verbose_name = "importation du registre"
        verbose_name_plural = "importations du registre"
        ordering = ("pk",)
        triggers = ajout_seul()

    def __str__(self) -> str:
        return f"importation du {self.le:%d/%m/%Y %H:%M}"


class NatureEvenement(models.TextChoices):
    OUVERTURE = "ouverture", "ouverture"
    FERMETURE = "fermeture", "fermeture"
    REOUVERTURE = "reouverture", "réouverture"
    CHANGEMENT = "changement", "changement"


class EvenementRegistre(models.Model):
    """One dated fact about an OG or an ESSMS: append-only, so that no value of the register is lost (ADR 0010).

    `le`: the day the source gives, else that of the file. `champ`, `avant`, `apres`: for a change.
    """

    importation = models.ForeignKey(Importation, on_delete=models.PROTECT, related_name="evenements", db_index=False)
    og = models.ForeignKey(
        OrganismeGestionnaire, on_delete=models.PROTECT, null=True, blank=True, related_name="evenements"
    )
    essms = models.ForeignKey(Essms, on_delete=models.PROTECT, null=True, blank=True, related_name="evenements")
    nature = models.CharField(max_length=12, choices=NatureEvenement.choices)
    le = models.DateField("date d'effet")
    champ = models.CharField(max_length=12, blank=True)
    avant = models.TextField(blank=True)
    apres = models.TextField("après", blank=True)

    class Meta:
        verbose_name = "événement du registre"
        verbose_name_plural = "événements du registre"
        ordering = ("le", "pk")
        constraints = [
            models.CheckConstraint(
                name="evenement_un_seul_objet",
                condition=Q(og__isnull=True, essms__isnull=False) | Q(og__isnull=False, essms__isnull=True),
                violation_error_message="Un événement porte sur un organisme ou sur un établissement, pas les deux.",
            ),
            models.CheckConstraint(
                name="evenement_nature_connue",
                condition=Q(nature__in=NatureEvenement.values),
                violation_error_message="Cette nature d'événement n'existe pas.",
            ),
            models.CheckConstraint(
                name="evenement_champ_du_changement",
                condition=Q(nature=NatureEvenement.CHANGEMENT) ^ Q(champ=""),
                violation_error_message="Un changement nomme ce qui change ; les autres événements ne nomment rien.",
            ),
        ]
        triggers = ajout_seul()

    def __str__(self) -> str:
        return f"{self.get_nature_display()} du {self.le:%d/%m/%Y}"


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
