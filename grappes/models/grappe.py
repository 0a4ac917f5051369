from decimal import Decimal

from django.db import models
from django.db.models import F, Q

from grappes.models.registre import Essms, OrganismeGestionnaire
from grappes.querysets import MembreQuerySet


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
    """An ESSMS in a grappe, and what it states there: hours (mixed home services), SONS software.

    `retenu_par`: the journal row since which the grappe's dossier holds it, present or gone; empty while the
    snapshot of that dossier does not name it. Of two dossiers, the smaller one holds (regles.md §12.7).
    """

    grappe = models.ForeignKey(Grappe, on_delete=models.CASCADE, related_name="membres")
    essms = models.ForeignKey(Essms, on_delete=models.PROTECT, related_name="participations")
    heures_eligibles = models.PositiveIntegerField("heures éligibles", null=True, blank=True)
    heures_totales = models.PositiveIntegerField("heures totales", null=True, blank=True)
    sons_logiciel = models.CharField("logiciel d'une commande SONS", max_length=100, blank=True)
    arrive_le = models.DateField("arrivée")
    parti_le = models.DateField("départ", null=True, blank=True)
    motif_depart = models.TextField("motif du départ", blank=True)
    retenu_par = models.ForeignKey(
        "moteur.Entree", on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )

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
