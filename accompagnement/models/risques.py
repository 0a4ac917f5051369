"""What threatens a dossier, axis by axis: annotations that add up, and the cause that several dossiers share."""

from typing import Any

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, Value, When

from aap.models import Dossier
from accompagnement.models.avis import AvisGrades, Axe, Niveau
from accompagnement.querysets import AnnotationQuerySet, RisqueQuerySet
from comptes.models import Region
from moteur.declencheurs import Fige, Interdit, Inviolable, ajout_seul, sans_vidage

#: How much each level weighs, to find the worst; what nobody judged weighs nothing.
GRAVITE = {Niveau.FORT: 3, Niveau.MODERE: 2, Niveau.FAIBLE_OU_NUL: 1, Niveau.NON_EVALUE: 0}


class Maitrise(models.TextChoices):
    """Who masters a risk. Source: regles.md §8."""

    ARS = "ars", "Oui, par l'ARS"
    GRADES = "grades", "Oui, par le GRADeS"
    NATIONALE = "nationale", "Oui, par une mesure nationale"
    AUCUNE = "aucune", "Pas de mesure en place"


class Organisation(models.TextChoices):
    """On behalf of whom an annotation is made: it follows from the role of its author."""

    ARS = "ars", "ARS"
    GRADES = "grades", "GRADeS"


class Intervenant(models.TextChoices):
    """Who does what in the accompaniment. Source: systemes.md §9."""

    GRADES = "grades", "GRADeS"
    ARS = "ars", "ARS"
    FEDERATION = "federation", "Fédération"
    EDITEUR = "editeur", "Éditeur"
    OG = "og", "Organisme gestionnaire"


class Risque(models.Model):
    """A cause that several dossiers share: an editor that fails everywhere. `region`: None for the national call."""

    axe = models.CharField(max_length=20, choices=Axe.choices)
    libelle = models.CharField("libellé", max_length=150)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="région")
    par = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    le = models.DateTimeField()

    objects = RisqueQuerySet.as_manager()

    class Meta:
        verbose_name = "risque partagé"
        verbose_name_plural = "risques partagés"
        ordering = ("libelle", "pk")
        triggers = ajout_seul()
        constraints = [
            models.CheckConstraint(
                name="risque_nomme",
                condition=~Q(libelle="") & Q(axe__in=Axe.values),
                violation_error_message="Un risque partagé porte un nom et un axe connu : donnez les deux.",
            ),
        ]

    def __str__(self) -> str:
        return self.libelle


class LienRisque(models.Model):
    """That a dossier shares a cause, since when, and until when. Ended for good: shared again, it is another row."""

    risque = models.ForeignKey(Risque, on_delete=models.PROTECT, related_name="liens")
    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="liens_risques")
    par = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    le = models.DateTimeField()
    fin_par = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    fin_le = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "lien vers un risque partagé"
        verbose_name_plural = "liens vers un risque partagé"
        ordering = ("le", "pk")
        triggers = [
            Fige("risque", "dossier", "par", "le"),
            Interdit(name="sans_retour", operation=pgtrigger.Update, condition=pgtrigger.Q(old__fin_le__isnull=False)),
            Interdit(name="sans_suppression", operation=pgtrigger.Delete),
            sans_vidage(),
        ]
        constraints = [
            models.UniqueConstraint(
                name="lien_risque_unique",
                fields=["dossier", "risque"],
                condition=Q(fin_le__isnull=True),
                violation_error_message="Ce dossier est déjà rattaché à ce risque : il n'y a rien à faire.",
            ),
            models.CheckConstraint(
                name="lien_risque_fini_par_quelqu_un",
                condition=Q(fin_le__isnull=True, fin_par__isnull=True)
                | Q(fin_le__isnull=False, fin_par__isnull=False, fin_le__gte=F("le")),
                violation_error_message="Un rattachement prend fin par quelqu'un, après son début : indiquez les deux.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dossier} · {self.risque}"


class Projection(Inviolable):
    """Keep `NiveauCourant` in step: the newest annotation of an axis is its current one, the one before its past.

    The door locks the dossier, so annotations come in the order of their keys. One that plain SQL slips in before
    the current one would make `precedent` a lie: it is refused.
    """

    name = "projection"
    when = pgtrigger.After
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return self.format_sql("""
            INSERT INTO accompagnement_niveaucourant AS courant
                (dossier_id, axe, annotation_id, niveau, maitrise, precedent)
            VALUES (NEW.dossier_id, NEW.axe, NEW.id, NEW.niveau, NEW.maitrise, '')
            ON CONFLICT (dossier_id, axe) DO UPDATE SET
                annotation_id = EXCLUDED.annotation_id, niveau = EXCLUDED.niveau,
                maitrise = EXCLUDED.maitrise, precedent = courant.niveau
            WHERE courant.annotation_id < EXCLUDED.annotation_id;
            IF NOT FOUND THEN
                RAISE EXCEPTION 'annotation antérieure à la courante : % de %', NEW.axe, NEW.dossier_id
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'annotation_la_plus_recente';
            END IF;
            RETURN NULL;
        """)


class Annotation(models.Model):
    """What one organisation says of one risk of one dossier, one day. Nobody changes it, not even its author.

    `avis`: the opinion it was given with; `risque`: the cause it is about, when other dossiers share it.
    `partagee`: the porteur reads it too. `a_faire`, `a_faire_par` and `pour_le` are given together, or not at all.
    """

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="annotations")
    axe = models.CharField(max_length=20, choices=Axe.choices)
    niveau = models.CharField(max_length=15, choices=Niveau.choices)
    maitrise = models.CharField("maîtrise", max_length=10, choices=Maitrise.choices)
    commentaire = models.TextField(blank=True)
    a_faire = models.TextField("à faire", blank=True)
    a_faire_par = models.CharField("par qui", max_length=10, choices=Intervenant.choices, blank=True)
    pour_le = models.DateField("pour le", null=True)
    partagee = models.BooleanField("visible du porteur", default=False)
    risque = models.ForeignKey(Risque, on_delete=models.PROTECT, null=True, related_name="annotations")
    avis = models.ForeignKey(AvisGrades, on_delete=models.PROTECT, null=True, related_name="annotations")
    par = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    organisation = models.CharField(max_length=10, choices=Organisation.choices)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="région")
    le = models.DateTimeField()

    objects = AnnotationQuerySet.as_manager()

    class Meta:
        verbose_name = "annotation de risque"
        verbose_name_plural = "annotations de risque"
        ordering = ("-pk",)
        triggers = [Projection(), *ajout_seul()]
        indexes = [
            models.Index(name="annotation_par_axe", fields=["dossier", "axe", "-id"]),
            models.Index(name="annotation_pour_le", fields=["pour_le"], condition=Q(pour_le__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                name="annotation_valeurs_connues",
                condition=Q(axe__in=Axe.values, niveau__in=Niveau.values, maitrise__in=Maitrise.values)
                & Q(organisation__in=Organisation.values, a_faire_par__in=["", *Intervenant.values]),
                violation_error_message="L'axe, le niveau ou la maîtrise n'existe pas : choisissez dans les listes.",
            ),
            models.CheckConstraint(
                name="annotation_a_faire_complet",
                condition=Q(a_faire="", a_faire_par="", pour_le__isnull=True)
                | (~Q(a_faire="") & ~Q(a_faire_par="") & Q(pour_le__isnull=False)),
                violation_error_message="Une action a un responsable et une date : donnez les deux, ou pas d'action.",
            ),
            models.CheckConstraint(
                name="annotation_fort_commentee",
                condition=~Q(niveau=Niveau.FORT) | ~Q(commentaire="") | Q(avis__isnull=False),
                violation_error_message="Un risque fort s'explique : écrivez ce que vous constatez.",
            ),
            models.CheckConstraint(
                name="annotation_non_evalue_sans_maitrise",
                condition=~Q(niveau=Niveau.NON_EVALUE) | Q(maitrise=Maitrise.AUCUNE),
                violation_error_message="Un risque non évalué n'a pas encore de maîtrise : évaluez-le, ou laissez "
                "« Pas de mesure en place ».",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_axe_display()} : {self.get_niveau_display().lower()}, sur {self.dossier}"

    @property
    def auteur(self) -> str:
        """GRADeS Occitanie: the organisation that owns it."""
        return f"{self.get_organisation_display()} {self.region.nom if self.region else 'national'}"


class TenueParLaBase(Inviolable):
    """Only a trigger writes this table: nobody else does, by the ORM or by hand."""

    name = "tenue_par_la_base"
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete

    def get_func(self, model: Any) -> str:
        return self.format_sql("""
            IF pg_trigger_depth() < 2 THEN
                RAISE EXCEPTION '% interdit sur % : tenue_par_la_base', TG_OP, TG_TABLE_NAME
                    USING ERRCODE = 'restrict_violation', CONSTRAINT = 'tenue_par_la_base';
            END IF;
            RETURN COALESCE(NEW, OLD);
        """)


class NiveauCourant(models.Model):
    """The current annotation of each axis of a dossier, written by the database when an annotation is added.

    What lists and the heat map read, at a cost that does not grow with the history. An axis without a row was never
    evaluated. `precedent`: the level before, empty for a first annotation; `gravite`: what the level weighs.
    """

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="niveaux")
    axe = models.CharField(max_length=20, choices=Axe.choices)
    annotation = models.OneToOneField(Annotation, on_delete=models.PROTECT, related_name="courante")
    niveau = models.CharField(max_length=15, choices=Niveau.choices)
    maitrise = models.CharField(max_length=10, choices=Maitrise.choices)
    precedent = models.CharField(max_length=15, choices=Niveau.choices, blank=True)
    gravite = models.GeneratedField(
        expression=Case(*[When(niveau=niveau.value, then=Value(poids)) for niveau, poids in GRAVITE.items()]),
        output_field=models.SmallIntegerField(),
        db_persist=True,
    )

    class Meta:
        verbose_name = "niveau courant"
        verbose_name_plural = "niveaux courants"
        ordering = ("dossier", "axe")
        triggers = [TenueParLaBase(), sans_vidage()]
        indexes = [
            models.Index(name="niveau_par_gravite", fields=["gravite", "dossier"]),
            models.Index(
                name="niveau_fort_sans_mesure",
                fields=["dossier"],
                condition=Q(niveau=Niveau.FORT, maitrise=Maitrise.AUCUNE),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                name="niveau_unique",
                fields=["dossier", "axe"],
                violation_error_message="Cet axe a déjà un niveau courant.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_axe_display()} : {self.get_niveau_display().lower()}"
