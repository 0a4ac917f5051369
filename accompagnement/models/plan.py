"""The support plan of a dossier: who does what in which phase, and what became of it. Source: systemes.md §9."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from aap.models import Dossier
from accompagnement.models.risques import Intervenant, Organisation
from accompagnement.querysets import ActionPlanQuerySet
from moteur.declencheurs import ajout_seul


class PhasePlan(models.TextChoices):
    """Support goes through every phase, not only the choice of a software."""

    CADRAGE = "cadrage", "Cadrage"
    CHOIX = "choix", "Choix du logiciel"
    CONTRAT = "contrat", "Contrat"
    DEPLOIEMENT = "deploiement", "Déploiement"
    ROUTINE = "routine", "Usage courant"


class StatutAction(models.TextChoices):
    A_FAIRE = "a_faire", "À faire"
    EN_COURS = "en_cours", "En cours"
    FAITE = "faite", "Faite"
    ABANDONNEE = "abandonnee", "Abandonnée"


#: Nothing more is awaited.
ACHEVEES = (StatutAction.FAITE, StatutAction.ABANDONNEE)


class ActionPlan(models.Model):
    """One action of the plan. Its status and its due date are those of its last follow-up; `rang`: in the plan."""

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="actions_plan")
    rang = models.PositiveIntegerField()
    phase = models.CharField(max_length=12, choices=PhasePlan.choices)
    intitule = models.CharField("intitulé", max_length=200)
    intervenant = models.CharField("par qui", max_length=10, choices=Intervenant.choices)
    precision = models.CharField("précision", max_length=150, blank=True)

    objects = ActionPlanQuerySet.as_manager()

    class Meta:
        verbose_name = "action du plan d'accompagnement"
        verbose_name_plural = "actions du plan d'accompagnement"
        ordering = ("dossier", "rang")
        triggers = ajout_seul()
        constraints = [
            models.UniqueConstraint(
                name="action_rang_unique",
                fields=["dossier", "rang"],
                violation_error_message="Quelqu'un vient d'ajouter une action à ce plan : relisez-le puis recommencez.",
            ),
            models.CheckConstraint(
                name="action_decrite",
                condition=~Q(intitule="") & Q(phase__in=PhasePlan.values, intervenant__in=Intervenant.values),
                violation_error_message="Une action a un intitulé, une phase et quelqu'un pour la faire.",
            ),
        ]

    def __str__(self) -> str:
        return self.intitule


class SuiviAction(models.Model):
    """What was noted of an action one day: its status from then on, its due date, and why. Notes add up."""

    action = models.ForeignKey(ActionPlan, on_delete=models.PROTECT, related_name="suivis")
    statut = models.CharField(max_length=10, choices=StatutAction.choices)
    pour_le = models.DateField("pour le")
    note = models.TextField(blank=True)
    par = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    organisation = models.CharField(max_length=10, choices=Organisation.choices)
    le = models.DateTimeField()

    class Meta:
        verbose_name = "suivi d'une action"
        verbose_name_plural = "suivis d'actions"
        ordering = ("-pk",)
        triggers = ajout_seul()
        indexes = [models.Index(name="suivi_dernier", fields=["action", "-id"])]
        constraints = [
            models.CheckConstraint(
                name="suivi_statut_connu",
                condition=Q(statut__in=StatutAction.values, organisation__in=Organisation.values),
                violation_error_message="Ce statut n'existe pas : choisissez l'un de ceux de la liste.",
            ),
            models.CheckConstraint(
                name="suivi_abandon_explique",
                condition=~Q(statut=StatutAction.ABANDONNEE) | ~Q(note=""),
                violation_error_message="Une action abandonnée dit pourquoi : écrivez-le dans la note.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} : {self.get_statut_display().lower()}"
