from collections.abc import Collection
from datetime import date
from functools import lru_cache

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from aap.regles import Regles, charger
from comptes.models import Region
from grappes.categories import Secteur
from grappes.models import Registre
from grappes.projets import PROJETS, Projet
from moteur.declencheurs import ajout_seul

SECTEURS = [(secteur.value, secteur.value) for secteur in Secteur]


class Reglement(Registre):
    """A published rule set: the very text of its TOML file and its SHA-256, frozen for ever.

    A corrected file is another row; an AAP keeps the one it was opened under.
    """

    code = models.CharField(max_length=40)
    texte = models.TextField("texte TOML")
    empreinte = models.CharField("SHA-256", max_length=64)
    publie_le = models.DateTimeField("publié le")

    class Meta:
        verbose_name = "règlement"
        ordering = ("code", "-publie_le")
        triggers = ajout_seul()
        constraints = [
            models.UniqueConstraint(
                name="reglement_publie_une_fois",
                fields=["empreinte", "rejeu"],
                nulls_distinct=False,
                violation_error_message="Ce règlement est déjà publié, à l'identique.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} ({self.empreinte[:8]})"

    @property
    def regles(self) -> Regles:
        """The rules, parsed once per process: the text is frozen."""
        return _regles(self.empreinte)


@lru_cache(maxsize=32)
def _regles(empreinte: str) -> Regles:
    return charger(Reglement.objects.values_list("texte", flat=True).filter(empreinte=empreinte)[0])


class Aap(Registre):
    """A call for projects under a rule set, regional or (region empty) national.

    `dernier_engagement`: hard date to commit credits, where the AAP moves the one of its rule set.
    """

    code = models.CharField(max_length=40)
    intitule = models.CharField("intitulé", max_length=200)
    region = models.ForeignKey(
        Region, on_delete=models.PROTECT, null=True, blank=True, related_name="aaps", verbose_name="région"
    )
    reglement = models.ForeignKey(Reglement, on_delete=models.PROTECT, related_name="aaps")
    dernier_engagement = models.DateField("dernier engagement", null=True, blank=True)

    class Meta:
        verbose_name = "appel à projets"
        verbose_name_plural = "appels à projets"
        ordering = ("code",)
        constraints = [
            models.UniqueConstraint(
                name="aap_code_unique",
                fields=["code", "rejeu"],
                nulls_distinct=False,
                violation_error_message="Un appel à projets porte déjà ce code : choisissez-en un autre.",
            )
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def is_national(self) -> bool:
        return self.region_id is None

    @property
    def regles(self) -> Regles:
        return self.reglement.regles

    @property
    def limite_engagement(self) -> date | None:
        """Last day on which its credits may be committed; None when neither it nor the texts give one."""
        valeur = self.regles.calendrier.dernier_engagement
        return self.dernier_engagement or (valeur.valeur if valeur else None)


class Fenetre(models.Model):
    """A filing window: dates, and which projects it takes. An empty list takes them all (regles.md §6).

    `close_le`: closed early, the last day included (an AAP may close when its envelope is spent).
    """

    aap = models.ForeignKey(Aap, on_delete=models.CASCADE, related_name="fenetres")
    code = models.CharField(max_length=40)
    ouvre = models.DateField()
    ferme = models.DateField()
    close_le = models.DateField("close par anticipation le", null=True, blank=True)
    projets = ArrayField(models.CharField(max_length=30, choices=PROJETS), default=list, blank=True)
    secteurs = ArrayField(models.CharField(max_length=3, choices=SECTEURS), default=list, blank=True)
    multi_region = models.BooleanField("plusieurs régions", null=True, blank=True)

    class Meta:
        verbose_name = "fenêtre de dépôt"
        verbose_name_plural = "fenêtres de dépôt"
        ordering = ("ouvre", "code")
        constraints = [
            models.UniqueConstraint(name="fenetre_code_unique", fields=["aap", "code"]),
            models.CheckConstraint(
                name="fenetre_dates_ordonnees",
                condition=Q(ferme__gte=F("ouvre")),
                violation_error_message="La fenêtre ferme avant d'ouvrir : corrigez l'une des dates.",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def dernier_jour(self) -> date:
        """Last day on which one may file, included."""
        return min(self.ferme, self.close_le) if self.close_le else self.ferme

    def is_open(self, jour: date) -> bool:
        return self.ouvre <= jour <= self.dernier_jour

    def takes(self, projet: Projet, secteurs: Collection[Secteur], *, multi_region: bool) -> bool:
        """Whether this window is for such a project: type, all its sectors, one or several regions."""
        return (
            (not self.projets or projet in self.projets)
            and (not self.secteurs or set(secteurs) <= set(self.secteurs))
            and (self.multi_region is None or self.multi_region == multi_region)
        )
