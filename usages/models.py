from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from aap.models import Dossier
from comptes.roles import Role
from grappes.models import OrganismeGestionnaire
from moteur.declencheurs import Fige, Inviolable, ajout_seul, etats_gardes, sans_vidage
from moteur.machine import Machine, Passage, champ_etat, passage


class EtatDeclaration(models.TextChoices):
    BROUILLON = "brouillon", "Brouillon"
    TRANSMISE = "transmise", "Transmise"
    VALIDEE = "validee", "Validée"
    REFUSEE = "refusee", "Refusée"


class Declaration(Machine):
    """The usage figures of a dossier for one month (`mois`: its first day). States: docs/statuts/declaration.md."""

    AVEC: ClassVar[tuple[str, ...]] = ("dossier__aap",)

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="declarations")
    mois = models.DateField()
    etat = champ_etat(EtatDeclaration, EtatDeclaration.BROUILLON)

    class Meta:
        verbose_name = "déclaration d'usage"
        verbose_name_plural = "déclarations d'usage"
        ordering = ("mois", "pk")
        triggers = [*etats_gardes(), Fige("dossier", "mois")]
        constraints = [
            models.UniqueConstraint(
                name="declaration_une_par_mois",
                fields=["dossier", "mois"],
                condition=~Q(etat=EtatDeclaration.REFUSEE),
            ),
            models.CheckConstraint(name="declaration_premier_du_mois", condition=Q(mois__day=1)),
        ]

    def __str__(self) -> str:
        return f"usages de {self.dossier}, {self.mois:%m/%Y}"

    def racine(self) -> Machine:
        return self.dossier

    @passage("Transmettre", de=EtatDeclaration.BROUILLON, vers=EtatDeclaration.TRANSMISE, par=Role.PORTEUR)
    def transmettre(self, passage: Passage) -> None:
        """Hand in: the figures are frozen."""

    @passage("Valider", de=EtatDeclaration.TRANSMISE, vers=EtatDeclaration.VALIDEE, par=Role.RESPONSABLE)
    def valider(self, passage: Passage) -> None:
        """The targets were found met on these figures."""

    @passage("Refuser", de=EtatDeclaration.TRANSMISE, vers=EtatDeclaration.REFUSEE, par=Role.INSTRUCTEUR)
    def refuser(self, passage: Passage) -> None:
        """They do not prove the usage: another declaration is expected."""


class FigeUneFoisTransmise(Inviolable):
    """Figures change only while their declaration is a draft."""

    name = "fige_une_fois_transmise"
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete
    declare = [("_etat", "TEXT")]

    def get_func(self, model: object) -> str:
        return self.format_sql("""
            SELECT etat INTO _etat FROM usages_declaration
                WHERE id IN (NEW.declaration_id, OLD.declaration_id) AND etat <> 'brouillon' LIMIT 1;
            IF FOUND THEN
                RAISE EXCEPTION 'declaration % : mesures figees', _etat
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'mesure_figee';
            END IF;
            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
            RETURN NEW;
        """)


class Mesure(models.Model):
    """Counts of one ESSMS for the month: numbers only, never a person (regles.md §10)."""

    declaration = models.ForeignKey(Declaration, on_delete=models.CASCADE, related_name="mesures")
    finess = models.CharField("FINESS géographique", max_length=9)
    personnes = models.PositiveIntegerField("personnes accompagnées")
    dossiers_actifs = models.PositiveIntegerField()
    dossiers_avec_projet = models.PositiveIntegerField("dossiers avec projet personnalisé")
    dossiers_avec_evenement = models.PositiveIntegerField("dossiers avec un événement")
    messages_mss = models.PositiveIntegerField("messages MSSanté envoyés")
    dmp_alimentes = models.PositiveIntegerField("DMP alimentés")

    class Meta:
        verbose_name = "mesure"
        ordering = ("finess",)
        triggers = [FigeUneFoisTransmise(), sans_vidage()]
        constraints = [
            models.UniqueConstraint(name="mesure_une_par_essms", fields=["declaration", "finess"]),
            models.CheckConstraint(
                name="mesure_dossiers_coherents",
                condition=Q(dossiers_avec_projet__lte=F("dossiers_actifs"))
                & Q(dossiers_avec_evenement__lte=F("dossiers_actifs")),
            ),
        ]

    def __str__(self) -> str:
        return self.finess


class Vsr(models.Model):
    """Vérification de service régulier: the porteur states that the software works regularly (regles.md §9)."""

    dossier = models.OneToOneField(Dossier, on_delete=models.PROTECT, related_name="vsr")
    prononcee_le = models.DateField("prononcée le")
    par = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    enregistree_le = models.DateTimeField()

    class Meta:
        verbose_name = "VSR"
        verbose_name_plural = "VSR"
        triggers = ajout_seul()

    def __str__(self) -> str:
        return f"VSR de {self.dossier}"


class SaisieUsages(models.Model):
    """What is typed for a month before it is declared: every field as typed, right or wrong, so that nothing is lost.

    `champs`: {"310000028.personnes": {"valeur", "par", "le"}}, as in `aap.models.Saisie`. `version`: grows by one at
    each writing. It proves nothing and is not in the journal: what is declared is.
    """

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="saisies_usages")
    mois = models.DateField()
    version = models.PositiveIntegerField(default=0)
    champs = models.JSONField(default=dict)
    par = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    le = models.DateTimeField()

    class Meta:
        verbose_name = "saisie des usages"
        verbose_name_plural = "saisies des usages"
        ordering = ("mois",)
        constraints = [
            models.UniqueConstraint(
                name="saisie_usages_une_par_mois",
                fields=["dossier", "mois"],
                violation_error_message="La saisie de ce mois vient d'être ouverte par ailleurs : relisez la page.",
            ),
            models.CheckConstraint(
                name="saisie_usages_premier_du_mois",
                condition=Q(mois__day=1),
                violation_error_message="Une saisie vaut pour un mois entier : désignez-le par son premier jour.",
            ),
        ]

    def __str__(self) -> str:
        return f"saisie des usages de {self.dossier}, {self.mois:%m/%Y}"


class ColonnesUsages(models.Model):
    """Which column of its editor's export an OG reads for each figure: {heading, plain: field}, as last confirmed."""

    og = models.OneToOneField(OrganismeGestionnaire, on_delete=models.CASCADE, related_name="colonnes_usages")
    colonnes = models.JSONField(default=dict)
    par = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    le = models.DateTimeField()

    class Meta:
        verbose_name = "colonnes d'un fichier d'usages"
        verbose_name_plural = "colonnes des fichiers d'usages"

    def __str__(self) -> str:
        return f"colonnes de {self.og}"


class RecuUsages(models.Model):
    """Proof that a month was declared: all that was stated, its SHA-256, and the journal row it rests on."""

    declaration = models.ForeignKey(Declaration, on_delete=models.PROTECT, related_name="recus")
    entree = models.OneToOneField("moteur.Entree", on_delete=models.PROTECT, related_name="+")
    contenu = models.JSONField()
    empreinte = models.CharField("SHA-256", max_length=64)
    delivre_le = models.DateTimeField("délivré le")

    class Meta:
        verbose_name = "reçu d'usages"
        verbose_name_plural = "reçus d'usages"
        ordering = ("pk",)
        triggers = ajout_seul()

    def __str__(self) -> str:
        return f"reçu {self.empreinte[:12]} ({self.declaration})"
