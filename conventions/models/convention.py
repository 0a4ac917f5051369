from datetime import date
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from aap.models import Dossier
from comptes.roles import Role
from grappes.models import OrganismeGestionnaire
from moteur.declencheurs import Fige, ajout_seul, etats_gardes
from moteur.machine import Machine, Passage, champ_etat, passage


class EtatConvention(models.TextChoices):
    BROUILLON = "brouillon", "Brouillon"
    EN_SIGNATURE = "en_signature", "En signature"
    SIGNEE = "signee", "Signée"
    ECHUE = "echue", "Échue"
    RESILIEE = "resiliee", "Résiliée"


class Convention(Machine):
    """Funding agreement of a dossier. `montant`: the aid, euros. States: docs/statuts/convention.md.

    `notifiee_le`: day the decision was sent; `engagee_le`: day the credits were committed; `echeance_cibles`: day
    by which the targets are due, as signed (a prorogation adds a row, it does not change this one).
    """

    AVEC: ClassVar[tuple[str, ...]] = ("dossier__aap",)

    dossier = models.OneToOneField(Dossier, on_delete=models.PROTECT, related_name="convention")
    etat = champ_etat(EtatConvention, EtatConvention.BROUILLON)
    montant = models.DecimalField(max_digits=12, decimal_places=2)
    notifiee_le = models.DateField("notifiée le", null=True, blank=True, editable=False)
    engagee_le = models.DateField("engagée le", null=True, blank=True, editable=False)
    echeance_cibles = models.DateField("échéance des cibles", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "convention"
        triggers = [*etats_gardes(), Fige("dossier", "montant")]
        constraints = [
            models.CheckConstraint(name="convention_montant_positif", condition=Q(montant__gt=0)),
            models.CheckConstraint(
                name="convention_signee_engagee",
                condition=~Q(etat__in=[EtatConvention.SIGNEE, EtatConvention.ECHUE])
                | Q(engagee_le__isnull=False, echeance_cibles__isnull=False, echeance_cibles__gt=F("engagee_le")),
                violation_error_message="Une convention signée porte sa date d'engagement et son échéance.",
            ),
        ]

    def __str__(self) -> str:
        return f"convention de {self.dossier}"

    def racine(self) -> Machine:
        return self.dossier

    @property
    def echeance(self) -> date | None:
        """Day by which the targets are due, prorogations included."""
        derniere = max(self.prorogations.all(), key=lambda une: (une.le, une.pk), default=None)
        return derniere.jusqu_au if derniere else self.echeance_cibles

    @passage(
        "Mettre en signature",
        de=EtatConvention.BROUILLON,
        vers=EtatConvention.EN_SIGNATURE,
        par=Role.RESPONSABLE,
    )
    def mettre_en_signature(self, passage: Passage) -> None:
        """Open for signature, when the decision is notified."""
        self.notifiee_le = passage.jour

    @passage("Conclure", de=EtatConvention.EN_SIGNATURE, vers=EtatConvention.SIGNEE, par=Role.RESPONSABLE)
    def conclure(self, passage: Passage, *, echeance_cibles: date) -> None:
        """Every party signed: credits are committed that day (regles.md §5)."""
        self.engagee_le, self.echeance_cibles = passage.jour, echeance_cibles

    @passage(
        "Résilier",
        de=[EtatConvention.BROUILLON, EtatConvention.EN_SIGNATURE, EtatConvention.SIGNEE],
        vers=EtatConvention.RESILIEE,
        par=(Role.RESPONSABLE, Role.PORTEUR),
    )
    def resilier(self, passage: Passage) -> None:
        """The porteur withdrew before signature, or the targets were not reached in time."""

    @passage(
        "Constater l'échéance",
        de=EtatConvention.SIGNEE,
        vers=EtatConvention.ECHUE,
        par=(Role.INSTRUCTEUR, Role.COMPTABLE),
    )
    def echoir(self, passage: Passage) -> None:
        """Everything it provided for was done."""


class Qualite(models.TextChoices):
    ARS = "ars", "Agence régionale de santé"
    PORTEUR = "porteur", "Porteur de la grappe"
    OG = "og", "Organisme gestionnaire membre"


class Signataire(models.Model):
    """A party whose signature is required. ARS and porteur sign the convention; where there are several OGs,
    each signs the partnership convention too (regles.md §5, §9)."""

    convention = models.ForeignKey(Convention, on_delete=models.PROTECT, related_name="signataires")
    qualite = models.CharField("qualité", max_length=10, choices=Qualite.choices)
    og = models.ForeignKey(OrganismeGestionnaire, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "signataire"
        ordering = ("qualite", "og__finess")
        triggers = ajout_seul()
        constraints = [
            models.UniqueConstraint(
                name="signataire_unique", fields=["convention", "qualite", "og"], nulls_distinct=False
            ),
            models.CheckConstraint(
                name="signataire_og_nomme",
                condition=Q(qualite=Qualite.OG, og__isnull=False) | ~Q(qualite=Qualite.OG) & Q(og__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.og.nom if self.og else self.get_qualite_display()

    @property
    def code(self) -> str:
        """How commands name it: "ars", "porteur", "og:310000010"."""
        return f"og:{self.og.finess}" if self.og else self.qualite


class Signature(models.Model):
    """A signature given: by whom it was recorded, and when. Never replaced, never erased."""

    signataire = models.OneToOneField(Signataire, on_delete=models.PROTECT, related_name="signature")
    par = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    le = models.DateTimeField()

    class Meta:
        verbose_name = "signature"
        triggers = ajout_seul()

    def __str__(self) -> str:
        return f"{self.signataire}, le {self.le:%d/%m/%Y}"


class Prorogation(models.Model):
    """A dated decision that gives more time to reach the targets; the deadline signed stays readable."""

    convention = models.ForeignKey(Convention, on_delete=models.PROTECT, related_name="prorogations")
    jusqu_au = models.DateField("jusqu'au")
    motif = models.TextField()
    par = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    le = models.DateTimeField()

    class Meta:
        verbose_name = "prorogation"
        ordering = ("le", "pk")
        triggers = ajout_seul()

    def __str__(self) -> str:
        return f"prorogation au {self.jusqu_au:%d/%m/%Y}"
