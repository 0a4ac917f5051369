from django.db import models
from django.db.models import Q

from grappes.models.registre import Essms, OrganismeGestionnaire
from moteur.declencheurs import ajout_seul


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
