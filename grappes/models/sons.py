from django.db import models
from django.db.models import F, Q

from grappes.commandes import EtatCommande
from grappes.models.registre import Essms, OrganismeGestionnaire
from grappes.querysets import CommandeSonsQuerySet


class CommandeSons(models.Model):
    """A SONS "Prestation Ségur" order for one ESSMS, as the payment agency knows it (regles.md §3, E9 to E11).

    `reference`: that of the agency. `logiciel`: software ordered. A date, once known, never changes:
    `commandee_le` (signed), `complete_le` (complete proof file), `avance_le`, `soldee_le`, `annulee_le`.
    """

    reference = models.CharField("référence de l'agence de paiement", max_length=60)
    og = models.ForeignKey(OrganismeGestionnaire, on_delete=models.PROTECT, related_name="commandes_sons")
    essms = models.ForeignKey(Essms, on_delete=models.PROTECT, related_name="commandes_sons")
    vague = models.CharField(max_length=10, default="MS1")
    logiciel = models.CharField(max_length=100)
    editeur = models.CharField("éditeur", max_length=100, blank=True)
    commandee_le = models.DateField("commande signée le")
    complete_le = models.DateField("dossier complet le", null=True, blank=True)
    avance_le = models.DateField("avance versée le", null=True, blank=True)
    soldee_le = models.DateField("solde versé le", null=True, blank=True)
    annulee_le = models.DateField("annulée le", null=True, blank=True)

    objects = CommandeSonsQuerySet.as_manager()

    class Meta:
        verbose_name = "commande SONS"
        verbose_name_plural = "commandes SONS"
        ordering = ("commandee_le", "reference")
        constraints = [
            models.UniqueConstraint(
                name="commande_sons_reference_unique",
                fields=["reference", "essms"],
                violation_error_message="Cette commande est déjà connue pour cet établissement.",
            ),
            models.UniqueConstraint(
                name="commande_sons_une_par_vague",
                fields=["essms", "vague"],
                condition=Q(annulee_le__isnull=True),
                violation_error_message="Un ESSMS n'a qu'une commande SONS par vague : annulez l'autre d'abord.",
            ),
            models.CheckConstraint(
                name="commande_sons_dates_ordonnees",
                condition=(Q(complete_le__isnull=True) | Q(complete_le__gte=F("commandee_le")))
                & (Q(soldee_le__isnull=True) | Q(soldee_le__gte=F("commandee_le")))
                & (Q(avance_le__isnull=True) | Q(avance_le__gte=F("commandee_le")))
                & (Q(annulee_le__isnull=True) | Q(annulee_le__gte=F("commandee_le"))),
                violation_error_message="Une date de cette commande précède sa signature : corrigez-la.",
            ),
            models.CheckConstraint(
                name="commande_sons_logiciel_nomme",
                condition=~Q(logiciel=""),
                violation_error_message="Une commande SONS nomme son logiciel.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} · {self.logiciel}"

    @property
    def situation(self) -> EtatCommande:
        """How far it has come: the furthest date known, a cancellation before all."""
        etapes = (
            (self.annulee_le, EtatCommande.ANNULEE),
            (self.soldee_le, EtatCommande.SOLDEE),
            (self.avance_le, EtatCommande.AVANCEE),
            (self.complete_le, EtatCommande.COMPLETE),
        )
        return next((etat for jour, etat in etapes if jour), EtatCommande.COMMANDEE)
