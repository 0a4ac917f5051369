from django.conf import settings
from django.db import models
from django.db.models import Q

from aap.models.dossier import Dossier
from aap.models.pieces import Format
from comptes.roles import Role
from moteur.declencheurs import ajout_seul


class Message(models.Model):
    """What somebody wrote about a dossier, to the other side. Never changed, never removed.

    `rang`: from 1 in each dossier, without a hole: one that vanished would be missed. `role`: the one under which it
    was written. `texte`: as typed; its SHA-256 is in the journal.
    """

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="messages")
    rang = models.PositiveIntegerField()
    auteur = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    role = models.CharField("rôle", max_length=20, choices=Role.choices)
    texte = models.TextField()
    ecrit_le = models.DateTimeField("écrit le")

    class Meta:
        verbose_name = "message"
        ordering = ("dossier", "rang")
        triggers = ajout_seul()
        constraints = [
            models.UniqueConstraint(
                name="message_rang_unique",
                fields=["dossier", "rang"],
                violation_error_message="Un message vient d'être écrit : relisez la page, puis renvoyez le vôtre.",
            ),
            models.CheckConstraint(
                name="message_non_vide",
                condition=~Q(texte=""),
                violation_error_message="Ce message est vide : écrivez votre question ou votre réponse.",
            ),
            models.CheckConstraint(
                name="message_role_connu",
                condition=Q(role__in=Role.values),
                violation_error_message="Ce rôle n'existe pas.",
            ),
        ]

    def __str__(self) -> str:
        return f"message n° {self.rang} de {self.dossier}"


class PieceJointe(models.Model):
    """A file that came with a message: judged and kept like a document of the dossier (aap.documents)."""

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="jointes")
    nom = models.CharField(max_length=200)
    taille = models.PositiveBigIntegerField("taille en octets")
    empreinte = models.CharField("SHA-256", max_length=64)
    format = models.CharField(max_length=10, choices=Format.choices)

    class Meta:
        verbose_name = "pièce jointe"
        verbose_name_plural = "pièces jointes"
        ordering = ("message", "pk")
        triggers = ajout_seul()
        constraints = [
            models.CheckConstraint(
                name="jointe_empreinte_forme",
                condition=Q(empreinte__regex=r"^[0-9a-f]{64}$"),
                violation_error_message="L'empreinte d'une pièce jointe est un SHA-256 en hexadécimal.",
            ),
            models.CheckConstraint(
                name="jointe_format_connu",
                condition=Q(format__in=Format.values),
                violation_error_message="Ce format de pièce jointe n'existe pas.",
            ),
        ]

    def __str__(self) -> str:
        return self.nom

    @property
    def dossier_id(self) -> int:
        """The dossier in whose folder its content is kept. The message is loaded."""
        return self.message.dossier_id


class LectureMessage(models.Model):
    """That this person has read this message, and since when."""

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="lectures")
    personne = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    le = models.DateTimeField("lu le")

    class Meta:
        verbose_name = "lecture d'un message"
        verbose_name_plural = "lectures de messages"
        ordering = ("message", "pk")
        triggers = ajout_seul()
        constraints = [
            models.UniqueConstraint(
                name="lecture_une_par_personne",
                fields=["message", "personne"],
                violation_error_message="Ce message est déjà marqué comme lu : il n'y a rien à refaire.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.message} lu par {self.personne}"
