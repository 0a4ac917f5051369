import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from aap.models.campagne import Aap
from aap.regles import INTERNES
from moteur.declencheurs import Inviolable, ajout_seul

#: A year of work: beyond, it is no objective.
JOURS_MAX = 250


class ObjectifJournalise(Inviolable):
    """At commit, a new objective has its journal row, written by the same transaction."""

    name = "objectif_journalise"
    when = pgtrigger.After
    operation = pgtrigger.Insert
    timing = pgtrigger.Deferred

    def get_func(self, model: object) -> str:
        return self.format_sql("""
            IF NOT EXISTS (
                SELECT 1 FROM moteur_entree
                WHERE objet = 'aap:' || NEW.aap_id AND action = 'fixer_objectifs'
                  AND transaction = pg_current_xact_id()::text::bigint AND enregistre_le >= now()
            ) THEN
                RAISE EXCEPTION 'objectif sans journal : appel %, %', NEW.aap_id, NEW.action
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'objectif_journalise';
            END IF;
            RETURN NULL;
        """)


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
        triggers = [ObjectifJournalise(), *ajout_seul()]
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
