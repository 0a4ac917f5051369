"""Which adviser follows which dossier: one or several of the région, named by the ARS."""

from datetime import date
from typing import Any

from django.db.models import QuerySet
from guardian.shortcuts import assign_perm, get_user_perms, remove_perm

from aap.models import Dossier, DossierUserObjectPermission
from aap.portage import Identifiant
from accompagnement.suivis import SUIVIS
from comptes.models import Affectation, Utilisateur
from comptes.roles import Role
from moteur.erreurs import Code, Refus
from moteur.machine import Passage
from moteur.porte import acte
from moteur.texte import cite

SUIVRE = "suivre"
AFFECTEURS = (Role.INSTRUCTEUR, Role.RESPONSABLE)


@acte(Dossier, "Affecter un conseiller GRADeS", dans=SUIVIS, par=AFFECTEURS)
def affecter_conseiller(dossier: Dossier, passage: Passage, *, personne: Identifiant) -> Utilisateur:
    """Have an adviser of the région follow this dossier. `personne`: the name she signs in with.

    Raises: Refus DONNEES_INVALIDES when she is no adviser of the région that day, or follows it already.
    """
    trouvee = advisers(dossier.aap.region_id, passage.jour).filter(username=personne).first()
    if trouvee is None:
        raise Refus(
            Code.DONNEES_INVALIDES,
            f"{cite(personne)} n'est le compte d'aucun conseiller GRADeS de la région : choisissez-en un de la liste.",
        )
    if SUIVRE in get_user_perms(trouvee, dossier):
        raise Refus(Code.DONNEES_INVALIDES, f"{trouvee} suit déjà ce dossier : il n'y a rien à faire.")
    assign_perm(SUIVRE, trouvee, dossier)
    return trouvee


@acte(Dossier, "Retirer un conseiller GRADeS", dans=SUIVIS, par=AFFECTEURS)
def retirer_conseiller(dossier: Dossier, passage: Passage, *, personne: Identifiant) -> Utilisateur:
    """She follows this dossier no longer; what she wrote stays."""
    suivante = Utilisateur.objects.filter(username=personne).first()
    if suivante is None or SUIVRE not in get_user_perms(suivante, dossier):
        raise Refus(Code.DONNEES_INVALIDES, f"{cite(personne)} ne suit pas ce dossier : relisez la liste.")
    remove_perm(SUIVRE, suivante, dossier)
    return suivante


def advisers(region: str | None, jour: date) -> "QuerySet[Utilisateur]":
    """The advisers of that région (None: of the national level) that day, whose account is open."""
    tenues = Affectation.objects.valides_le(jour).filter(role=Role.CONSEILLER_GRADES, region=region)
    return Utilisateur.objects.filter(is_active=True, pk__in=tenues.values("utilisateur")).order_by("last_name", "pk")


def followed_by(personne: Utilisateur) -> "QuerySet[Any]":
    """Keys of the dossiers this adviser follows."""
    partages = DossierUserObjectPermission.objects.filter(user=personne, permission__codename=SUIVRE)
    return partages.values("content_object")


def followers(dossier: Dossier) -> "QuerySet[Utilisateur]":
    """Who follows this dossier."""
    partages = DossierUserObjectPermission.objects.filter(content_object=dossier, permission__codename=SUIVRE)
    return Utilisateur.objects.filter(pk__in=partages.values("user")).order_by("last_name", "pk")
