from django.conf import settings
from django.db import models


class Presence(models.Model):
    """That this person has this object open, and how lately: not a fact of the object, so the journal ignores it.

    `objet`: its key ("dossier:12"); `lieu`: the part of it, "" for the whole. `vue_le`, `ecrit_le`: by the real clock,
    which no play and no demonstration holds. The table is UNLOGGED: a crash empties it, and a minute fills it again.
    """

    objet = models.CharField(max_length=80)
    lieu = models.CharField(max_length=40, blank=True)
    personne = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    vue_le = models.DateTimeField("vue le")
    ecrit_le = models.DateTimeField("écrit le", null=True)

    class Meta:
        verbose_name = "présence"
        constraints = [
            models.UniqueConstraint(
                name="presence_unique",
                fields=["objet", "lieu", "personne"],
                violation_error_message="Cette personne est déjà là : il n'y a rien à refaire.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.personne} · {self.objet} {self.lieu}".rstrip()
