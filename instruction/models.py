"""The agenda, kept so that an inbox of a thousand tasks and a list of a hundred thousand dossiers are read by index.

It holds no fact of its own: `instruction.agenda` writes it after each act, and rebuilds it from the states. Besides it:
what people keep for themselves, a list under a name (`VueEnregistree`), an act on many dossiers (`Lot`).
"""

from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Coalesce
from viewflow.workflow.models import AbstractProcess, AbstractTask

from aap.models import Aap, Dossier, Etat
from accompagnement.models import Niveau
from comptes.models import Region
from comptes.roles import Role
from instruction.querysets import SANS_DATE, ParcoursQuerySet, TacheQuerySet

#: What a list is sorted by, with the key: each has its index, so that a page far away costs no more than the first.
TRIS = ("limite_tri", "reference", "porteur", "essms", "rang", "aide_tri", "depose_tri")


def _never_null(champ: str, sinon: object, genre: "models.Field[Any, Any]") -> models.GeneratedField:
    """The same column to sort by: what has no value comes last where people look for the first."""
    return models.GeneratedField(expression=Coalesce(champ, Value(sinon, genre)), output_field=genre, db_persist=True)


class Parcours(AbstractProcess):  # type: ignore[misc]  # the library has no types
    """The process of one dossier, and what lists filter and sort it by: copies, always made from the dossier.

    `limite`: the nearest day of its open tasks, objectives included; `acteur`: whose turn it is (`instruction.tours`).
    `essms` to `mots`: of the grappe as filed, else as it is. `mots`: what a text search finds it by, normalised.
    """

    dossier = models.OneToOneField(Dossier, on_delete=models.CASCADE, related_name="parcours")
    aap = models.ForeignKey(Aap, on_delete=models.CASCADE, related_name="+", verbose_name="appel à projets")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="région")
    reference = models.CharField("référence", max_length=60)
    porteur = models.CharField("organisme porteur", max_length=200, blank=True)
    grappe = models.CharField("grappe", max_length=200, blank=True)
    projet = models.CharField(max_length=30)
    instructeur = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name="en charge"
    )
    etat = models.CharField("état", max_length=50, choices=Etat.choices)
    rang = models.PositiveSmallIntegerField("rang de l'état dans la vie d'un dossier")
    fenetre = models.CharField("fenêtre de dépôt", max_length=40, blank=True)
    depose_le = models.DateField("déposé le", null=True)
    aide = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    essms = models.PositiveIntegerField("nombre d'ESSMS", default=0)
    ogs = models.PositiveIntegerField("nombre d'organismes", default=0)
    secteurs = ArrayField(models.CharField(max_length=3), default=list)
    departements = ArrayField(models.CharField(max_length=3), default=list)
    mots = ArrayField(models.TextField(), default=list)
    limite_tri = _never_null("limite", SANS_DATE, models.DateField())
    depose_tri = _never_null("depose_le", date(1, 1, 1), models.DateField())
    aide_tri = _never_null("aide", Decimal(-1), models.DecimalField(max_digits=12, decimal_places=2))
    risque = models.CharField("pire niveau de risque", max_length=20, choices=Niveau.choices, default=Niveau.NON_EVALUE)
    acteur = models.CharField("à qui de jouer", max_length=10)
    limite = models.DateField("date la plus proche", null=True)
    recherche = models.GeneratedField(
        expression=Func(F("mots"), function="array_to_tsvector"), output_field=SearchVectorField(), db_persist=True
    )

    objects = ParcoursQuerySet.as_manager()

    class Meta:
        verbose_name = "parcours"
        verbose_name_plural = "parcours"
        indexes = [
            GinIndex(name="parcours_recherche", fields=["recherche"]),
            GinIndex(name="parcours_departements", fields=["departements"]),
            GinIndex(name="parcours_secteurs", fields=["secteurs"]),
            models.Index(name="parcours_etat", fields=["etat", "limite_tri", "id"]),
            models.Index(name="parcours_risque", fields=["risque", "limite_tri", "id"]),
            models.Index(name="parcours_etat_croise", fields=["etat", "acteur", "projet", "aide_tri"]),
            models.Index(name="parcours_acteur", fields=["acteur", "limite_tri", "id"]),
            models.Index(name="parcours_agent", fields=["instructeur", "limite_tri", "id"]),
            models.Index(name="parcours_fenetre", fields=["fenetre", "limite_tri", "id"]),
            *(models.Index(name=f"parcours_par_{nom}", fields=[nom, "id"]) for nom in TRIS),
        ]

    def __str__(self) -> str:
        return f"parcours de {self.reference}"


class TacheSuivie(AbstractTask):  # type: ignore[misc]
    """One task of a dossier: open, done or lapsed. `owner`: who took it.

    `tour`: how often the same step was done before. `reportee_au`: she asked not to see it until that day.
    `echeance`: what the law gives; `objectif`: what the rule set or the agency gives itself; the law wins (`pour_le`).
    """

    process = models.ForeignKey(Parcours, on_delete=models.CASCADE, related_name="taches")
    role = models.CharField("rôle", max_length=20, choices=Role.choices)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, null=True, related_name="+")
    tour = models.PositiveSmallIntegerField(default=0)
    echeance = models.DateField("échéance", null=True)
    objectif = models.DateField("objectif de service", null=True)
    pour_le = models.GeneratedField(
        expression=Coalesce("echeance", "objectif"), output_field=models.DateField(null=True), db_persist=True
    )
    reportee_au = models.DateField("reportée au", null=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name="prise par"
    )

    objects = TacheQuerySet.as_manager()

    class Meta:
        verbose_name = "tâche"
        verbose_name_plural = "tâches"
        indexes = [
            models.Index(
                name="tache_a_faire",
                fields=["region", "role", "pour_le", "id"],
                condition=Q(status__in=["NEW", "ASSIGNED"]),
            ),
            models.Index(name="tache_echue", fields=["echeance"], condition=Q(status__in=["NEW", "ASSIGNED"])),
            models.Index(name="tache_a_moi", fields=["owner", "pour_le", "id"], condition=Q(status="ASSIGNED")),
        ]
        constraints = [
            models.UniqueConstraint(
                name="tache_ouverte_une_fois",
                fields=["process", "flow_task", "tour"],
                condition=Q(status__in=["NEW", "ASSIGNED"]),
                violation_error_message="Cette tâche est déjà à faire.",
            ),
            models.CheckConstraint(
                name="tache_prise_par_quelqu_un",
                condition=~Q(status="ASSIGNED") | Q(owner__isnull=False),
                violation_error_message="Une tâche prise l'est par quelqu'un.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.flow_task.name} · {self.process.reference}"

    @property
    def action(self) -> str:
        """The act or transition that does it."""
        return str(self.flow_task.action)

    @property
    def cle(self) -> tuple[str, int]:
        """What makes it this task of its dossier: as `instruction.taches.Tache.cle`."""
        return self.flow_task.name, self.tour


class VueEnregistree(models.Model):
    """A list that somebody wants to find again: a name, and the address of its filter."""

    utilisateur = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    nom = models.CharField(max_length=60)
    requete = models.CharField("filtre", max_length=1000, blank=True)

    class Meta:
        verbose_name = "vue enregistrée"
        verbose_name_plural = "vues enregistrées"
        ordering = ("nom",)
        constraints = [
            models.UniqueConstraint(
                name="vue_nom_unique",
                fields=["utilisateur", "nom"],
                violation_error_message="Vous avez déjà une vue de ce nom : choisissez-en un autre, ou remplacez-la.",
            )
        ]

    def __str__(self) -> str:
        return self.nom


class Sort(models.TextChoices):
    """What became of a row of a batch: before it is launched, then after."""

    A_ESSAYER = "a_essayer", "À examiner"
    POSSIBLE = "possible", "Possible"
    IMPOSSIBLE = "impossible", "Impossible"
    RETIREE = "retiree", "Retiré"
    FAITE = "faite", "Fait"
    REFUSEE = "refusee", "Refusé"
    INCIDENT = "incident", "Incident"


#: With a reason, which tells what to do.
SORTS_MOTIVES = (Sort.IMPOSSIBLE, Sort.REFUSEE, Sort.INCIDENT)


class Lot(models.Model):
    """One act on many dossiers: prepared, tried, then launched once by who prepared it, who is who acts.

    `acte`: its name in instruction.lots.actes; `donnees`: what is common to all rows, JSON-ready; `requete`: the
    address of the list it was taken from. What became of it is told by its rows.
    """

    par = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    acte = models.CharField(max_length=60)
    donnees = models.JSONField("données communes", default=dict)
    requete = models.CharField("liste d'origine", max_length=2000, blank=True)
    cree_le = models.DateTimeField("préparé le")
    lance_le = models.DateTimeField("lancé le", null=True)
    arrete_le = models.DateTimeField("arrêté le", null=True)

    class Meta:
        verbose_name = "lot"
        verbose_name_plural = "lots"
        ordering = ("-pk",)
        indexes = [models.Index(name="lot_de_quelqu_un", fields=["par", "-id"])]
        constraints = [
            models.CheckConstraint(
                name="lot_arrete_apres_son_lancement",
                condition=Q(arrete_le=None) | Q(lance_le__isnull=False),
                violation_error_message="Seul un lot lancé s'arrête.",
            )
        ]

    def __str__(self) -> str:
        return f"lot n° {self.pk}"

    @property
    def cle(self) -> str:
        """Name of its chain in the journal, which tells who launched it."""
        return f"lot:{self.pk}"


class LigneLot(models.Model):
    """One dossier of a batch. `motif`: its own reason, in place of the common one; `code` and `message`: the refusal.

    `vue`: rank of the last journal row of the dossier when it was tried; `entree`: of the one the act wrote.
    """

    lot = models.ForeignKey(Lot, on_delete=models.CASCADE, related_name="lignes")
    dossier = models.ForeignKey(Dossier, on_delete=models.CASCADE, related_name="+")
    rang = models.PositiveIntegerField()
    motif = models.TextField(blank=True)
    sort = models.CharField(max_length=10, choices=Sort.choices, default=Sort.A_ESSAYER)
    code = models.CharField(max_length=40, blank=True)
    message = models.TextField(blank=True)
    vue = models.PositiveIntegerField(default=0)
    entree = models.PositiveIntegerField(null=True)
    jugee_le = models.DateTimeField("jugée le", null=True)

    class Meta:
        verbose_name = "ligne de lot"
        verbose_name_plural = "lignes de lots"
        ordering = ("rang",)
        indexes = [models.Index(name="lignelot_a_traiter", fields=["lot", "sort", "rang"])]
        constraints = [
            models.UniqueConstraint(
                name="lignelot_dossier_une_fois",
                fields=["lot", "dossier"],
                violation_error_message="Un dossier n'est qu'une fois dans un lot.",
            ),
            models.CheckConstraint(
                name="lignelot_refus_motive",
                condition=Q(sort__in=SORTS_MOTIVES, message__gt="")
                | Q(~Q(sort__in=SORTS_MOTIVES), message="", code=""),
                violation_error_message="Une ligne refusée dit pourquoi, et aucune autre.",
            ),
            models.CheckConstraint(
                name="lignelot_faite_au_journal",
                condition=Q(sort=Sort.FAITE, entree__isnull=False) | Q(~Q(sort=Sort.FAITE), entree=None),
                violation_error_message="Une ligne faite renvoie à l'entrée du journal, et aucune autre.",
            ),
        ]

    def __str__(self) -> str:
        return f"lot n° {self.lot_id}, ligne {self.rang}"
