"""Who reads the risks: the agencies, the GRADeS and the national roles. A porteur reads what is shared, on her page."""

from typing import TypeVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from aap.models import Dossier
from accompagnement.querysets import with_levels
from comptes.models import Utilisateur
from comptes.roles import Role
from moteur import horloge
from moteur.erreurs import Refus
from moteur.porte import actes, check_right

R = TypeVar("R", bound=HttpRequest)


def check_reader(lecteur: Utilisateur) -> None:
    """Raises: PermissionDenied for whoever holds no other role than that of porteur."""
    if lecteur.roles_au(horloge.aujourdhui()).keys() <= {Role.PORTEUR}:
        raise PermissionDenied


def readable(lecteur: Utilisateur, pk: int) -> Dossier:
    """That dossier with its levels; hidden ones do not exist (404), one she only carries is refused (403)."""
    jour = horloge.aujourdhui()
    visibles = Dossier.objects.visible_to(lecteur, jour).with_rules().select_related("aap__region")
    trouve: Dossier = get_object_or_404(with_levels(visibles), pk=pk)
    if not lecteur.lit_tout(jour) and trouve.aap.region_id not in lecteur.regions_lues(jour):
        raise PermissionDenied
    return trouve


def may(dossier: Dossier, acte: str, personne: Utilisateur) -> bool:
    """Whether the page offers that act: the door alone decides."""
    declare = actes(Dossier)[acte]
    if dossier.etat not in declare.dans:
        return False
    try:
        check_right(dossier, personne, declare.libelle, declare.roles)
    except Refus:
        return False
    return True
