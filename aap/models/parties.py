from django.db import models


class Partie(models.TextChoices):
    """What a request for complements may re-open: the sections people fill in, and the grappe."""

    PROJET = "projet", "Projet et logiciel"
    AUTODIAGNOSTIC = "autodiagnostic", "Autodiagnostic du système d'information"
    EQUIPEMENT = "equipement", "Besoins en équipement"
    ENGAGEMENTS = "engagements", "Engagements"
    GRAPPE = "grappe", "Composition de la grappe"
