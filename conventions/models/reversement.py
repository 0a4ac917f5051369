from typing import ClassVar

from django.db import models
from django.db.models import Q

from aap.models import Dossier
from comptes.roles import Role
from moteur.declencheurs import Fige, etats_gardes
from moteur.machine import Machine, Passage, champ_etat, passage
from moteur.signature import Motif


class EtatReversement(models.TextChoices):
    EMIS = "emis", "Émis"
    RECOUVRE = "recouvre", "Recouvré"
    REMIS = "remis", "Remis gracieusement"


class Reversement(Machine):
    """Recovery order: what was paid is asked back. `montant`: euros. States: docs/statuts/reversement.md."""

    AVEC: ClassVar[tuple[str, ...]] = ("dossier__aap",)

    dossier = models.OneToOneField(Dossier, on_delete=models.PROTECT, related_name="reversement")
    montant = models.DecimalField(max_digits=12, decimal_places=2)
    etat = champ_etat(EtatReversement, EtatReversement.EMIS)
    motif = models.TextField()

    class Meta:
        verbose_name = "reversement"
        triggers = [*etats_gardes(), Fige("dossier", "montant")]
        constraints = [models.CheckConstraint(name="reversement_montant_positif", condition=Q(montant__gt=0))]

    def __str__(self) -> str:
        return f"reversement de {self.dossier}"

    def racine(self) -> Machine:
        return self.dossier

    @passage("Recouvrer", de=EtatReversement.EMIS, vers=EtatReversement.RECOUVRE, par=Role.COMPTABLE)
    def recouvrer(self, passage: Passage) -> None:
        """The whole sum came back."""

    @passage("Remettre", de=EtatReversement.EMIS, vers=EtatReversement.REMIS, par=Role.RESPONSABLE)
    def remettre(self, passage: Passage, *, motif: Motif) -> None:
        """Waive the debt, with a reason."""
        self.motif = motif
