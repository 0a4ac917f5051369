"""The page of one act, read for the person who may do it: what will happen, what is missing, what it asks."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import prefetch_related_objects
from django.urls import reverse

from aap.models import Dossier
from comptes.models import Utilisateur
from comptes.roles import Role
from instruction import fiche
from instruction.actes.appuis import APPUIS, Appui
from instruction.actes.catalogue import ACTES, Acte, Manque, explain
from instruction.actes.forms import Formulaire, form_of
from instruction.actes.textes import consequences
from moteur.erreurs import Code, Refus
from moteur.machine import Machine
from moteur.porte import roles_sur


@dataclass(frozen=True, kw_only=True)
class Page:
    """Everything the page shows. `vu`: the rank it was read at, which the form bears.

    `appui`: what helps to decide, drawn by its own template. `changements`: what others did since it was read.
    """

    acte: Acte
    dossier: Dossier
    formulaire: Formulaire
    vu: int
    porteur: bool
    retour: str
    consequences: list[str] = field(default_factory=list)
    manques: list[Manque] = field(default_factory=list)
    appui: Appui | None = None
    refus: Refus | None = None

    @property
    def perime(self) -> bool:
        return self.refus is not None and self.refus.code is Code.DOSSIER_MODIFIE

    @property
    def changements(self) -> Sequence[Any]:
        dits = self.refus.details.get("changements", []) if self.refus and self.perime else []
        return dits if isinstance(dits, list) else []

    @property
    def pret(self) -> bool:
        """Whether it may be sent."""
        return not self.manques and not self.formulaire.silences and not getattr(self.formulaire, "vide", "")


def back_to(dossier: Dossier, roles: frozenset[str]) -> str:
    """Where this person reads the dossier."""
    return reverse("portail:suivi" if roles <= {Role.PORTEUR} else "dossier", args=[dossier.pk])


def read(
    dossier: Dossier,
    nom: str,
    objet: Machine,
    personne: Utilisateur,
    *,
    vu: int,
    envoi: Any = None,
    refus: Refus | None = None,
) -> Page:
    """`dossier`: come through `fiche.load`, after the rank `vu`. `envoi`: what was typed, back with `refus`."""
    prefetch_related_objects([dossier], *fiche.needed(dossier))
    acte, roles = ACTES[nom], roles_sur(dossier, personne)
    porteur = roles <= {Role.PORTEUR}
    possible = acte.leaves(objet.etat)
    formulaire = form_of(nom, dossier, personne, envoi)
    return Page(
        acte=acte,
        dossier=dossier,
        formulaire=formulaire,
        vu=vu,
        porteur=porteur,
        retour=back_to(dossier, roles),
        consequences=consequences(nom, dossier, objet, porteur=porteur) if possible else [],
        manques=explain(acte.missing(dossier, objet, personne), dossier, roles) if possible else [],
        appui=APPUIS[nom](dossier, objet, personne) if nom in APPUIS else None,
        refus=refus,
    )
