"""Inviting somebody to a role: send, accept once, cancel. Every step leaves a row in the journal."""

import hashlib
import secrets
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from comptes import envoi
from comptes.models import Affectation, Invitation, Region, Utilisateur
from comptes.roles import LECTEURS_NATIONAUX, Role
from moteur import horloge, journal
from moteur.contraintes import traduire
from moteur.erreurs import Code, Refus
from moteur.machine import Passage

VALIDITE = timedelta(days=14)
#: Who may offer which roles.
INVITE = {Role.ADMINISTRATEUR: frozenset(Role), Role.PORTEUR: frozenset({Role.PORTEUR})}
OBJET = "[ESMS numérique] Vous êtes invité à rejoindre le service"


def invite(email: str, role: str, region: Region | None, par: Utilisateur) -> Invitation:
    """Offer that role to that address; the e-mail leaves with the commit. Works inside a caller's transaction.

    Raises: Refus (ROLE_INTERDIT, DONNEES_INVALIDES).
    """
    courriel = email.strip().lower()
    au_titre = _right_to_invite(par, role)
    _check(courriel, role, region)
    jeton, maintenant = secrets.token_urlsafe(32), horloge.maintenant()
    with traduire(), transaction.atomic():
        invitation = Invitation.objects.create(
            courriel=courriel, role=role, region=region, empreinte=hash_of(jeton), par=par, creee_le=maintenant,
            expire_le=maintenant + VALIDITE,
        )  # fmt: skip
        _record(invitation, "inviter", par, au_titre)
        transaction.on_commit(lambda: _send(invitation, jeton))
    return invitation


def find(jeton: str) -> Invitation | None:
    """The invitation that this token of a link opens, whatever became of it."""
    return Invitation.objects.select_related("region", "par").filter(empreinte=hash_of(jeton)).first()


def accept(invitation: Invitation, par: Utilisateur) -> Affectation:
    """Take the role that is offered, from today. Raises: Refus, and nothing is written.

    Locks: the invitation, so that it is used once.
    """
    with transaction.atomic():
        verrouillee = Invitation.objects.locked().get(pk=invitation.pk)
        check_open(verrouillee)
        if not is_for(verrouillee, par):
            raise Refus(
                Code.HORS_PERIMETRE,
                f"Cette invitation est adressée à {verrouillee.courriel}, qui n'est pas une adresse vérifiée de votre "
                "compte. Connectez-vous avec le compte de cette adresse, ou ajoutez-la au vôtre depuis « Mon compte ».",
            )
        verrouillee.acceptee_le, verrouillee.acceptee_par = horloge.maintenant(), par
        verrouillee.save(update_fields=["acceptee_le", "acceptee_par"])
        affectation = _assign(verrouillee, par)
        _record(verrouillee, "accepter", par, verrouillee.role)
    return affectation


def cancel(pk: int, par: Utilisateur) -> None:
    """Take an invitation back. Raises: Refus, Invitation.DoesNotExist."""
    with transaction.atomic():
        invitation = Invitation.objects.locked().get(pk=pk)
        au_titre = _right_to_invite(par, invitation.role)
        check_open(invitation)
        invitation.annulee_le = horloge.maintenant()
        invitation.save(update_fields=["annulee_le"])
        _record(invitation, "annuler", par, au_titre)


def check_open(invitation: Invitation) -> None:
    """Raises: Refus, in words for the invited person, when the invitation can no longer be accepted."""
    if invitation.acceptee_le:
        raise Refus(
            Code.TRANSITION_INTERDITE,
            "Cette invitation a déjà servi : elle n'ouvre qu'un seul accès. Connectez-vous à votre compte.",
        )
    if invitation.annulee_le:
        raise Refus(
            Code.TRANSITION_INTERDITE,
            f"Cette invitation a été annulée. Demandez-en une nouvelle à {invitation.par}.",
        )
    if invitation.expire_le <= horloge.maintenant():
        raise Refus(
            Code.DELAI_DEPASSE,
            f"Cette invitation a expiré le {invitation.expire_le.astimezone(horloge.PARIS):%d/%m/%Y}. "
            f"Demandez-en une nouvelle à {invitation.par}.",
        )


def is_for(invitation: Invitation, utilisateur: Utilisateur) -> bool:
    """Whether a proven address of this account is the one that was invited."""
    adresses = EmailAddress.objects.filter(user=utilisateur, verified=True)
    return bool(adresses.filter(email__iexact=invitation.courriel).exists())


def hash_of(jeton: str) -> str:
    """What is kept of a token. It has 256 bits of chance: a plain SHA-256 cannot be searched back."""
    return hashlib.sha256(jeton.encode()).hexdigest()


def _right_to_invite(par: Utilisateur, role: str) -> str:
    """The role under which `par` may offer this one. Raises: Refus."""
    tenus = par.roles_au(horloge.aujourdhui())
    for titre, offerts in INVITE.items():
        if titre in tenus and role in offerts:
            return titre
    raise Refus(
        Code.ROLE_INTERDIT,
        "Vous ne pouvez pas inviter à ce rôle : un administrateur invite à tous, un porteur n'invite que des porteurs.",
    )


def _check(courriel: str, role: str, region: Region | None) -> None:
    try:
        validate_email(courriel)
    except ValidationError:
        raise Refus(
            Code.DONNEES_INVALIDES,
            f"« {courriel} » n'est pas une adresse électronique : écrivez-la sous la forme nom@domaine.fr.",
        ) from None
    if role in LECTEURS_NATIONAUX and region is not None:
        raise Refus(
            Code.DONNEES_INVALIDES,
            f"Le rôle « {Role(role).label} » lit toutes les régions : laissez la région vide.",
        )


def _assign(invitation: Invitation, par: Utilisateur) -> Affectation:
    jour = horloge.aujourdhui()
    tenues = par.affectations.valides_le(jour).filter(role=invitation.role, region=invitation.region)
    tenue = tenues.first()
    if tenue is None:
        tenue, _ = Affectation.objects.get_or_create(
            utilisateur=par, role=invitation.role, region=invitation.region, du=jour
        )
    return tenue


def _record(invitation: Invitation, action: str, par: Utilisateur, role: str) -> None:
    """The address stays out of the journal, which never forgets."""
    donnees = {"role": invitation.role, "region": invitation.region_id}
    passage = Passage(par=par, role=role, le=horloge.maintenant(), donnees=donnees)
    journal.append_to(invitation.cle, invitation.cle, action, passage)


def _send(invitation: Invitation, jeton: str) -> None:
    lien = settings.ADRESSE_SITE + reverse("invitation", args=[jeton])
    texte = render_to_string("comptes/courriels/invitation.txt", {"invitation": invitation, "lien": lien})
    envoi.send(EmailMessage(OBJET, texte, to=[invitation.courriel]))
