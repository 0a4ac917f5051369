"""Letting another person of the agency exercise one's role: give, revoke. Each step leaves a row in the journal."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction

from comptes.models import Delegation, Region, Utilisateur
from comptes.models.delegation import Nature
from comptes.roles import Role
from moteur import horloge, journal
from moteur.contraintes import traduire
from moteur.erreurs import Code, Refus
from moteur.machine import Passage
from moteur.texte import en_toutes_lettres


@dataclass(frozen=True, kw_only=True)
class Etendue:
    """What is given: a role in a region (None: at national level), two days included, the act it rests on.

    `acte`, `acte_le`: required for a delegation of signature; both or neither for a deputy.
    """

    nature: Nature
    role: Role
    region: Region | None
    du: date
    au: date
    acte: str = ""
    acte_le: date | None = None


def deleguer(delegataire: Utilisateur, etendue: Etendue, par: Utilisateur) -> Delegation:
    """Let `delegataire` exercise a role of `par` from a day to another, included. From today on, never before.

    Locks: the delegate (trigger). Raises: Refus (ROLE_INTERDIT, SEPARATION_DES_ROLES, DONNEES_INVALIDES).
    """
    _check_days(etendue)
    with traduire(), transaction.atomic():
        delegation = Delegation.objects.create(
            delegant=par, delegataire=delegataire, nature=etendue.nature, role=etendue.role, region=etendue.region,
            du=etendue.du, au=etendue.au, acte=etendue.acte.strip(), acte_le=etendue.acte_le,
            donnee_le=horloge.maintenant(),
        )  # fmt: skip
        _record(delegation, "deleguer", par, delegation.role)
    return delegation


def revoquer(pk: int, par: Utilisateur, *, des: date, motif: str) -> Delegation:
    """End a delegation: from `des` on, today at the earliest, nobody acts under it. Its past stays.

    By the person who gave it, or by an administrator when she cannot. What is being decided under it at this instant
    ends first. Locks: the delegation. Raises: Refus, Delegation.DoesNotExist.
    """
    with traduire(), transaction.atomic():
        delegation = Delegation.objects.locked().get(pk=pk)
        au_titre = _right_to_revoke(par, delegation)
        _check_revocation(delegation, des, motif)
        delegation.revoquee_des, delegation.revoquee_le = des, horloge.maintenant()
        delegation.revoquee_par, delegation.motif_revocation = par, motif.strip()
        delegation.save(update_fields=["revoquee_des", "revoquee_le", "revoquee_par", "motif_revocation"])
        _record(delegation, "revoquer", par, au_titre)
    return delegation


def may_revoke(par: Utilisateur, delegation: Delegation, jour: date) -> bool:
    """Whether this person may end it, and there is something left to end."""
    sienne = delegation.delegant_id == par.pk or Role.ADMINISTRATEUR in par.roles_propres_au(jour)
    return sienne and delegation.dernier_jour is not None and delegation.dernier_jour >= jour


def _check_days(etendue: Etendue) -> None:
    jour = horloge.aujourdhui()
    if etendue.du < jour:
        raise Refus(
            Code.DONNEES_INVALIDES,
            f"Une délégation ne vaut pas pour le passé : faites-la commencer le {en_toutes_lettres(jour)} au plus tôt.",
        )
    if etendue.acte_le and etendue.acte_le > etendue.du:
        raise Refus(
            Code.DONNEES_INVALIDES,
            "La délégation commencerait avant la date de l'acte sur lequel elle repose : corrigez l'une des dates.",
        )


def _right_to_revoke(par: Utilisateur, delegation: Delegation) -> str:
    """The role under which `par` ends it. Raises: Refus ROLE_INTERDIT."""
    if delegation.delegant_id == par.pk:
        return delegation.role
    if Role.ADMINISTRATEUR in par.roles_propres_au(horloge.aujourdhui()):
        return Role.ADMINISTRATEUR
    raise Refus(
        Code.ROLE_INTERDIT,
        f"Seule la personne qui l'a donnée, {delegation.delegant}, révoque cette délégation ; à défaut, un "
        "administrateur : adressez-vous à l'un d'eux.",
    )


def _check_revocation(delegation: Delegation, des: date, motif: str) -> None:
    jour = horloge.aujourdhui()
    if not motif.strip():
        raise Refus(Code.MOTIF_REQUIS, "Dites pourquoi cette délégation est révoquée : le motif sera conservé.")
    if des < jour:
        raise Refus(
            Code.DONNEES_INVALIDES,
            "Ce qui a été décidé sous cette délégation reste décidé : révoquez-la à compter d'aujourd'hui au plus tôt.",
        )
    if des > delegation.au:
        raise Refus(
            Code.DONNEES_INVALIDES,
            f"Cette délégation prend déjà fin le {en_toutes_lettres(delegation.au)} : il n'y a rien à révoquer après.",
        )


def _record(delegation: Delegation, action: str, par: Utilisateur, role: str) -> None:
    """Who and what by their keys: names and reasons stay on the row, for the journal never forgets."""
    donnees = {
        "delegant": delegation.delegant_id,
        "delegataire": delegation.delegataire_id,
        "nature": delegation.nature,
        "role": delegation.role,
        "region": delegation.region_id,
        "du": delegation.du.isoformat(),
        "au": delegation.au.isoformat(),
        "acte": delegation.acte,
        "acte_le": delegation.acte_le.isoformat() if delegation.acte_le else None,
        "revoquee_des": delegation.revoquee_des.isoformat() if delegation.revoquee_des else None,
    }
    passage = Passage(par=par, role=role, le=horloge.maintenant(), donnees=donnees)
    journal.append_to(delegation.cle, delegation.cle, action, passage)
