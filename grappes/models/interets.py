import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from grappes.models.registre import OrganismeGestionnaire
from grappes.querysets import InteretQuerySet
from moteur.declencheurs import Fige, Interdit, Inviolable, sans_vidage


class NatureInteret(models.TextChoices):
    EMPLOI = "emploi", "Emploi, présent ou récent"
    MANDAT = "mandat", "Mandat (administrateur, élu, bénévole)"
    PARENTE = "parente", "Lien de parenté ou d'alliance"
    FINANCIER = "financier", "Intérêt financier"
    AUTRE = "autre", "Autre lien"


class InteretClosUneFois(Inviolable):
    """The end of an interest is written once, and stays."""

    name = "interet_clos_une_fois"
    when = pgtrigger.Before
    operation = pgtrigger.Update

    def get_func(self, model: object) -> str:
        return self.format_sql("""
            IF OLD.au IS NOT NULL THEN
                RAISE EXCEPTION 'interet deja clos : %', OLD.id
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'interet_clos_une_fois';
            END IF;
            RETURN NEW;
        """)


class Interet(models.Model):
    """What ties a person to an OG, from a day to another, included. While it lasts she acts on none of its dossiers.

    Declared by herself, or by a responsable of her region. Nothing of it changes but its end, written once.
    """

    personne = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="interets")
    og = models.ForeignKey(
        OrganismeGestionnaire, on_delete=models.PROTECT, related_name="interets", verbose_name="organisme"
    )
    nature = models.CharField(max_length=10, choices=NatureInteret.choices)
    commentaire = models.TextField(blank=True)
    du = models.DateField("depuis le")
    au = models.DateField("jusqu'au", null=True, blank=True)
    declare_par = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    declare_le = models.DateTimeField("déclaré le")
    clos_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    clos_le = models.DateTimeField("fin enregistrée le", null=True, blank=True)

    objects = InteretQuerySet.as_manager()

    class Meta:
        verbose_name = "intérêt déclaré"
        verbose_name_plural = "intérêts déclarés"
        ordering = ("-du", "-pk")
        triggers = [
            InteretClosUneFois(),
            Fige("personne", "og", "nature", "commentaire", "du", "declare_par", "declare_le"),
            Interdit(name="sans_suppression", operation=pgtrigger.Delete),
            sans_vidage(),
        ]
        constraints = [
            models.UniqueConstraint(
                name="interet_en_cours_unique",
                fields=["personne", "og", "nature"],
                condition=Q(au__isnull=True),
                violation_error_message="Ce lien avec cet organisme est déjà déclaré : rien n'est à refaire.",
            ),
            models.CheckConstraint(
                name="interet_nature_connue",
                condition=Q(nature__in=NatureInteret.values),
                violation_error_message="Cette nature d'intérêt n'existe pas.",
            ),
            models.CheckConstraint(
                name="interet_dates_ordonnees",
                condition=Q(au__isnull=True) | Q(au__gte=F("du")),
                violation_error_message="La fin de l'intérêt précède son début : corrigez l'une des dates.",
            ),
            models.CheckConstraint(
                name="interet_fin_complete",
                condition=Q(au__isnull=True, clos_par__isnull=True, clos_le__isnull=True)
                | Q(au__isnull=False, clos_par__isnull=False, clos_le__isnull=False),
                violation_error_message="La fin d'un intérêt est enregistrée par quelqu'un, un jour.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.personne} · {self.og}"

    @property
    def cle(self) -> str:
        """Its name in the journal."""
        return f"interet:{self.pk}"
