"""Where allauth asks us: what an account receives, how it is told, whom a provider's word links to."""

import hmac
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core import context as contexte_allauth
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.contrib.sites.shortcuts import get_current_site
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from comptes import envoi
from comptes.models import Affectation, Utilisateur
from comptes.roles import Role
from moteur import horloge

REFUSES = "Ces identifiants ne correspondent à aucun compte actif. Vérifiez-les, ou demandez un nouveau mot de passe."
CODE_REFUSE = "Ce code n'est pas le bon, ou il a expiré : saisissez celui que l'application affiche en ce moment."
#: What the page already shows: who is signed in.
SUPERFLUS = frozenset({"account/messages/logged_in.txt", "account/messages/logged_out.txt"})


class Comptes(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is typed in part
    error_messages: ClassVar[dict[str, Any]] = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": REFUSES,
        "username_password_mismatch": REFUSES,
        "too_many_login_attempts": (
            "Trop d'essais manqués pour ce compte : attendez cinq minutes avant de recommencer, "
            "ou demandez un nouveau mot de passe."
        ),
        "incorrect_code": CODE_REFUSE,
        "incorrect_password": "Ce mot de passe n'est pas celui de votre compte.",
    }

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """The address is proven: whoever opened the account by herself becomes a porteur."""
        confirmed = bool(super().confirm_email(request, email_address))
        if confirmed:
            open_to_porteur(email_address.user)
        return confirmed

    def can_delete_email(self, email_address: EmailAddress) -> bool:
        """Never the last proven address: it is the only way back into the account."""
        autres = EmailAddress.objects.filter(user_id=email_address.user_id, verified=True)
        return bool(super().can_delete_email(email_address)) and autres.exclude(pk=email_address.pk).exists()

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        request = contexte_allauth.request
        entier = {"request": request, "email": email, "current_site": get_current_site(request)} | context
        envoi.send(self.render_mail(template_prefix, email, entier))

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **kwargs: Any
    ) -> None:
        if message_template not in SUPERFLUS:
            super().add_message(request, level, message_template, *args, **kwargs)


class SecondFacteur(DefaultMFAAdapter):  # type: ignore[misc]
    error_messages: ClassVar[dict[str, Any]] = DefaultMFAAdapter.error_messages | {"incorrect_code": CODE_REFUSE}


class Fournisseurs(DefaultSocialAccountAdapter):  # type: ignore[misc]
    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """The identity token must answer the very request this browser made. Raises: PermissionDenied."""
        attendu = sociallogin.state.get("nonce") or ""
        recu = (sociallogin.account.extra_data.get("id_token") or {}).get("nonce") or ""
        if not attendu or not hmac.compare_digest(attendu.encode(), str(recu).encode()):
            raise PermissionDenied("nonce")

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> Utilisateur:
        utilisateur: Utilisateur = super().save_user(request, sociallogin, form)
        if EmailAddress.objects.filter(user=utilisateur, verified=True).exists():
            open_to_porteur(utilisateur)
        return utilisateur


def open_to_porteur(utilisateur: Utilisateur) -> None:
    """Give the role of porteur to an account that never had a role. It sees nothing until an OG is attached to it."""
    if not utilisateur.affectations.exists():
        Affectation.objects.get_or_create(
            utilisateur=utilisateur, role=Role.PORTEUR, region=None, du=horloge.aujourdhui()
        )
