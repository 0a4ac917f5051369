"""The routes of the accounts. Names are those allauth looks up; addresses are ours, in French."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as secours
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as cles
from allauth.socialaccount import views as social
from allauth.usersessions import views as sessions
from django.urls import path, re_path
from django.views.decorators.http import require_POST

from comptes import oidc, views

connexion = views.Connexion.as_view()
deconnexion = require_POST(account.logout)

urlpatterns = [
    # Coming in, going out
    path("connexion/", connexion, name="connexion"),
    path("connexion/", connexion, name="account_login"),
    path("connexion/code/", mfa.authenticate, name="mfa_authenticate"),
    path("connexion/cle/", cles.login_webauthn, name="mfa_login_webauthn"),
    path("connexion/compte-ferme/", account.account_inactive, name="account_inactive"),
    path("deconnexion/", deconnexion, name="deconnexion"),
    path("deconnexion/", deconnexion, name="account_logout"),
    path("inscription/", account.signup, name="account_signup"),
    path("inscription/verification/", account.email_verification_sent, name="account_email_verification_sent"),
    re_path(r"^inscription/verification/(?P<key>[-:\w]+)/$", account.confirm_email, name="account_confirm_email"),
    path("mot-de-passe-oublie/", account.password_reset, name="account_reset_password"),
    path("mot-de-passe-oublie/envoye/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^mot-de-passe-oublie/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "mot-de-passe-oublie/change/", account.password_reset_from_key_done, name="account_reset_password_from_key_done"
    ),
    # Through an identity provider
    path("fournisseurs/<slug:provider_id>/", oidc.login, name="openid_connect_login"),
    path("fournisseurs/<slug:provider_id>/retour/", oidc.callback, name="openid_connect_callback"),
    path("fournisseurs/inscription", social.signup, name="socialaccount_signup"),
    path("fournisseurs/abandon", social.login_cancelled, name="socialaccount_login_cancelled"),
    path("fournisseurs/erreur", social.login_error, name="socialaccount_login_error"),
    # One's own account
    path("compte/", views.mon_compte, name="mon_compte"),
    path("compte/adresses/", account.email, name="account_email"),
    path("compte/mot-de-passe/", account.password_change, name="account_change_password"),
    path("compte/mot-de-passe/choisir/", account.password_set, name="account_set_password"),
    path("compte/confirmation/", account.reauthenticate, name="account_reauthenticate"),
    path("compte/confirmation/code/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("compte/confirmation/cle/", cles.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("compte/securite/", mfa.index, name="mfa_index"),
    path("compte/securite/application/", totp.activate_totp, name="mfa_activate_totp"),
    path("compte/securite/application/retirer/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("compte/securite/cles/", cles.list_webauthn, name="mfa_list_webauthn"),
    path("compte/securite/cles/ajouter/", cles.add_webauthn, name="mfa_add_webauthn"),
    path("compte/securite/cles/<int:pk>/", cles.edit_webauthn, name="mfa_edit_webauthn"),
    path("compte/securite/cles/<int:pk>/retirer/", cles.remove_webauthn, name="mfa_remove_webauthn"),
    path("compte/securite/secours/", secours.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("compte/securite/secours/renouveler/", secours.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("compte/securite/secours/codes.txt", secours.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("compte/sessions/", sessions.list_usersessions, name="usersessions_list"),
    path("compte/fournisseurs/", social.connections, name="socialaccount_connections"),
    # Invitations
    path("invitations/", views.inviter, name="inviter"),
    path("invitations/<int:pk>/annuler/", views.annuler_invitation, name="annuler_invitation"),
    path("invitation/<slug:jeton>/", views.invitation, name="invitation"),
]
