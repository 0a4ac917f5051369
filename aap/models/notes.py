from django.conf import settings
from django.db import models
from django.db.models import Q

from aap.models.dossier import Dossier
from aap.querysets import NoteQuerySet
from moteur.declencheurs import ajout_seul


class Note(models.Model):
    """What the agency writes about a dossier for itself. Never changed, never removed, never shown to a porteur.

    `rang`: from 1 in each dossier, without a hole: one that vanished would be missed. `partagee`: the GRADeS of the
    région reads it too. `texte`: as typed; its SHA-256 is in the journal.
    """

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="notes")
    rang = models.PositiveIntegerField()
    auteur = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    texte = models.TextField()
    partagee = models.BooleanField("partagée avec le GRADeS")
    ecrite_le = models.DateTimeField("écrite le")

    objects = NoteQuerySet.as_manager()

    class Meta:
        verbose_name = "note interne"
        verbose_name_plural = "notes internes"
        ordering = ("dossier", "rang")
        triggers = ajout_seul()
        constraints = [
            models.UniqueConstraint(
                name="note_rang_unique",
                fields=["dossier", "rang"],
                violation_error_message="Une note vient d'être écrite : relisez la page, puis renvoyez la vôtre.",
            ),
            models.CheckConstraint(
                name="note_non_vide",
                condition=~Q(texte=""),
                violation_error_message="Cette note est vide : écrivez ce que vos collègues doivent savoir.",
            ),
        ]

    def __str__(self) -> str:
        return f"note n° {self.rang} sur {self.dossier}"


class Mention(models.Model):
    """A person named in a note, who is told of it."""

    note = models.ForeignKey(Note, on_delete=models.PROTECT, related_name="mentions")
    personne = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "mention"
        ordering = ("note", "pk")
        triggers = ajout_seul()
        constraints = [
            models.UniqueConstraint(
                name="mention_une_par_personne",
                fields=["note", "personne"],
                violation_error_message="Cette personne est déjà mentionnée dans cette note.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.personne} dans {self.note}"
