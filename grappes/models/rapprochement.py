from typing import Annotated, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from pydantic import Field

from comptes.models import Departement
from comptes.roles import Role
from grappes.categories import Secteur
from grappes.models.registre import OrganismeGestionnaire
from grappes.projets import PROJETS
from grappes.querysets import DemandeGrappeQuerySet
from moteur.declencheurs import etats_gardes
from moteur.machine import Acteur, Machine, Passage, champ_etat, passage
from moteur.signature import Motif

Texte = Annotated[str, Field(min_length=1, max_length=200)]


class EtatDemande(models.TextChoices):
    """States of a demand, in the order of its life."""

    OUVERTE = "ouverte", "Ouverte"
    POURVUE = "pourvue", "Pourvue"
    RETIREE = "retiree", "Retirée"


class DemandeGrappe(Machine):
    """An OG that looks for a grappe to join or to complete (mise en relation). States: docs/statuts.

    `nombre`: how many ESSMS it would bring. `contact_accepte`: whether other OGs see whom to write to.
    """

    AVEC: ClassVar[tuple[str, ...]] = ("og", "departement")

    og = models.ForeignKey(OrganismeGestionnaire, on_delete=models.PROTECT, related_name="demandes")
    departement = models.ForeignKey(Departement, on_delete=models.PROTECT, related_name="+", verbose_name="département")
    secteur = models.CharField(max_length=4, choices=[(un.value, un.value) for un in Secteur])
    projet = models.CharField("type de projet", max_length=30, choices=PROJETS)
    nombre = models.PositiveSmallIntegerField("nombre d'ESSMS")
    contact_accepte = models.BooleanField("accepte d'être contacté")
    contact = models.EmailField("adresse de contact", blank=True)
    precisions = models.TextField("précisions", blank=True, max_length=2000)
    etat = champ_etat(EtatDemande, EtatDemande.OUVERTE)
    issue = models.CharField("suite donnée", max_length=200, blank=True, editable=False)
    par = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    declaree_le = models.DateTimeField("déclarée le")

    objects = DemandeGrappeQuerySet.as_manager()  # type: ignore[misc]  # narrows the manager of Machine

    class Meta:
        verbose_name = "demande de mise en relation"
        verbose_name_plural = "demandes de mise en relation"
        ordering = ("-declaree_le", "-pk")
        triggers = etats_gardes()
        constraints = [
            models.UniqueConstraint(
                name="demande_ouverte_unique",
                fields=["og", "secteur", "projet", "departement"],
                condition=Q(etat=EtatDemande.OUVERTE),
                violation_error_message="Cet organisme a déjà une demande ouverte pour ce secteur, ce projet et ce "
                "département : modifiez-la ou retirez-la.",
            ),
            models.CheckConstraint(
                name="demande_nombre_positif",
                condition=Q(nombre__gte=1),
                violation_error_message="Indiquez combien d'ESSMS vous apporteriez : au moins un.",
            ),
            models.CheckConstraint(
                name="demande_contact_donne",
                condition=Q(contact_accepte=False) | ~Q(contact=""),
                violation_error_message="Vous acceptez d'être contacté : donnez une adresse de contact.",
            ),
            models.CheckConstraint(
                name="demande_secteur_connu",
                condition=Q(secteur__in=list(Secteur)),
                violation_error_message="Ce secteur n'existe pas.",
            ),
            models.CheckConstraint(
                name="demande_projet_connu",
                condition=Q(projet__in=[projet for projet, _ in PROJETS]),
                violation_error_message="Ce type de projet n'existe pas.",
            ),
        ]

    def __str__(self) -> str:
        return f"demande de {self.og}"

    @property
    def contact_public(self) -> str:
        """Whom another OG may write to; empty when contact was not accepted."""
        return self.contact if self.contact_accepte else ""

    def regions_de(self, role: str) -> frozenset[str | None]:
        """The ARS and GRADeS of its département."""
        return frozenset({self.departement.region_id, None})

    def est_partage_avec(self, acteur: Acteur, role: str) -> bool | None:
        """A porteur acts on the demands of the OGs she acts for."""
        if role != Role.PORTEUR:
            return None
        return bool(self.og.rattachements.current().filter(utilisateur=acteur.pk).exists())

    @passage("Déclarer pourvue", de=EtatDemande.OUVERTE, vers=EtatDemande.POURVUE, par=Role.PORTEUR)
    def pourvoir(self, passage: Passage, *, grappe: Texte) -> None:
        """A grappe was found: its name."""
        self.issue = grappe

    @passage("Retirer la demande", de=EtatDemande.OUVERTE, vers=EtatDemande.RETIREE, par=Role.PORTEUR)
    def retirer(self, passage: Passage, *, motif: Motif) -> None:
        """No longer looking."""
        self.issue = motif[:200]
