from django.conf import settings
from django.db import models
from django.db.models import Q

from aap.models.campagne import Aap
from aap.regles import INTERNES
from moteur.declencheurs import AjoutJournalise, ajout_seul

#: A year of work: beyond, it is no objective.
JOURS_MAX = 250

JOURNALISE = AjoutJournalise(
    "objectif_journalise",
    objet=("aap", "aap_id"),
    action="'fixer_objectifs'",
    dit="objectif sans journal : appel %, %",
    detail="action",
)


class Objectif(models.Model):
    """Working days that an agency gives itself for one kind of task of a call, where its rule set says nothing.

    `jours_ouvres`: None ends the objective. It holds for the tasks that open from `du` on, until a later one.
    """

    aap = models.ForeignKey(Aap, on_delete=models.PROTECT, related_name="objectifs", verbose_name="appel à projets")
    action = models.CharField(max_length=40)
    jours_ouvres = models.PositiveSmallIntegerField("jours ouvrés", null=True)
    du = models.DateField("à compter du")
    fixe_le = models.DateTimeField("fixé le")
    fixe_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="fixé par"
    )

    class Meta:
        verbose_name = "objectif de service"
        verbose_name_plural = "objectifs de service"
        ordering = ("aap", "-du", "-pk")
        triggers = [JOURNALISE, *ajout_seul()]
        indexes = [models.Index(name="objectif_par_appel", fields=["aap", "-du", "-id"])]
        constraints = [
            models.CheckConstraint(
                name="objectif_action_connue",
                condition=Q(action__in=INTERNES),
                violation_error_message="Ce n'est pas une tâche de l'agence : un objectif n'engage qu'elle.",
            ),
            models.CheckConstraint(
                name="objectif_jours_possibles",
                condition=Q(jours_ouvres__isnull=True) | Q(jours_ouvres__range=(1, JOURS_MAX)),
                violation_error_message=(
                    f"Un objectif va de 1 à {JOURS_MAX} jours ouvrés ; laissez vide pour n'en fixer aucun."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.aap} · {self.action} · {self.jours_ouvres or 'sans objectif'}"
