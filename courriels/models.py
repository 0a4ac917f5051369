from django.conf import settings
from django.db import models
from django.db.models import Q

from aap.models import Dossier
from accompagnement.models import DemandeAide


class Nature(models.TextChoices):
    """What an e-mail is, hence how soon it leaves."""

    ACTION = "action", "Ce qui vous est demandé, ce qui est décidé, ce qui est reçu"
    INFORMATION = "information", "Ce qui se passe sur vos dossiers"
    RESUME = "resume", "Résumé du jour"


class Rythme(models.TextChoices):
    TOUT_DE_SUITE = "tout_de_suite", "Tout de suite"
    RESUME = "resume", "Dans le résumé du jour"
    AUCUN = "aucun", "Jamais"


#: What is done for whoever chose nothing.
RYTHMES = {Nature.ACTION: Rythme.TOUT_DE_SUITE, Nature.INFORMATION: Rythme.RESUME}


class Sort(models.TextChoices):
    """What became of an e-mail."""

    A_ENVOYER = "a_envoyer", "À envoyer"
    AU_RESUME = "au_resume", "Attend le prochain résumé"
    ENVOYE = "envoye", "Envoyé"
    REPRIS = "repris", "Repris dans un résumé"
    RETENU = "retenu", "Retenu : cette installation n'envoie rien"
    SANS_ADRESSE = "sans_adresse", "Destinataire sans adresse"
    REFUSE = "refuse", "Adresse refusée"
    ECARTE = "ecarte", "Écarté : le destinataire n'en veut plus"


class Courriel(models.Model):
    """One e-mail to one person about one event, whatever is tried again.

    `evenement`: name of what it tells ("envoi:12", "resume:2022-05-01"); `fait_le`: when that happened.
    `erreur`: why the last attempt failed. `resume`: the digest that carried it.
    """

    evenement = models.CharField("événement", max_length=120)
    destinataire = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="courriels")
    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, null=True, related_name="courriels")
    demande = models.ForeignKey(DemandeAide, on_delete=models.PROTECT, null=True, related_name="courriels")
    nature = models.CharField(max_length=20, choices=Nature.choices)
    sort = models.CharField(max_length=20, choices=Sort.choices)
    sujet = models.CharField(max_length=200)
    texte = models.TextField()
    html = models.TextField()
    fait_le = models.DateTimeField("fait le")
    cree_le = models.DateTimeField("écrit le")
    essaye_le = models.DateTimeField("dernier essai", null=True)
    envoye_le = models.DateTimeField("envoyé le", null=True)
    erreur = models.TextField(blank=True)
    resume = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="nouvelles")

    class Meta:
        verbose_name = "courriel"
        ordering = ("-pk",)
        indexes = [
            models.Index(name="courriel_a_envoyer", fields=["id"], condition=Q(sort="a_envoyer")),
            models.Index(name="courriel_au_resume", fields=["destinataire"], condition=Q(sort="au_resume")),
        ]
        constraints = [
            models.CheckConstraint(
                name="courriel_un_seul_objet",
                condition=Q(dossier=None) | Q(demande=None),
                violation_error_message="Un courriel parle d'un dossier ou d'une demande d'aide, jamais des deux.",
            ),
            models.UniqueConstraint(
                name="courriel_un_par_evenement",
                fields=["evenement", "destinataire"],
                violation_error_message="Ce destinataire a déjà un courriel pour cet événement : rien à refaire.",
            ),
            models.CheckConstraint(
                name="courriel_envoye_date",
                condition=Q(sort="envoye", envoye_le__isnull=False) | (~Q(sort="envoye") & Q(envoye_le__isnull=True)),
                violation_error_message="Un courriel envoyé, et lui seul, porte la date de son envoi.",
            ),
            models.CheckConstraint(
                name="courriel_repris_par_un_resume",
                condition=Q(sort="repris", resume__isnull=False) | (~Q(sort="repris") & Q(resume__isnull=True)),
                violation_error_message="Un courriel repris, et lui seul, nomme le résumé qui le reprend.",
            ),
        ]

    def __str__(self) -> str:
        return self.sujet


class Preference(models.Model):
    """How soon one person wants one kind of e-mail. Without a row: `RYTHMES`."""

    utilisateur = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="preferences")
    nature = models.CharField(max_length=20, choices=Nature.choices)
    rythme = models.CharField(max_length=20, choices=Rythme.choices)

    class Meta:
        verbose_name = "préférence"
        constraints = [
            models.UniqueConstraint(
                name="preference_unique",
                fields=["utilisateur", "nature"],
                violation_error_message="Cette préférence existe déjà : modifiez-la.",
            ),
            models.CheckConstraint(
                name="preference_demandes_gardees",
                condition=~Q(nature="action", rythme="aucun"),
                violation_error_message="Ce qui vous est demandé ne peut pas être tu : choisissez le résumé du jour.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.utilisateur} · {self.get_nature_display()} : {self.get_rythme_display()}"
