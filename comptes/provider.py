"""OpenID Connect as the State's providers want it: a nonce in every request, and a signature always verified.

allauth finds this module by its name. It brings the flow (state, PKCE, exchange of the code) and the accounts.
"""

import secrets
from typing import Any

import jwt
from allauth.account.models import EmailAddress
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import HttpRequest, HttpResponse

JWT = "application/jwt"
#: Signatures by a private key only: one shared with us (HS256), or none, proves nothing of who signed.
ALGORITHMES = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]


class Adaptateur(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]  # allauth is typed in part
    def complete_login(self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any) -> SocialLogin:
        """The person of the answer. Raises: OAuth2Error when its two halves do not speak of one person."""
        login = super().complete_login(request, app, token, **kwargs)
        moities = login.account.extra_data
        if {moitie.get("sub") for moitie in moities.values()} != {login.account.uid}:
            raise OAuth2Error("sub")
        return login

    def _decode_id_token(self, app: SocialApp, id_token: str) -> dict[str, Any]:
        return self._decode(id_token, require=["iss", "aud", "exp", "iat", "sub"])

    def _fetch_user_info(self, access_token: str) -> dict[str, Any]:
        """The person, as plain JSON or, from ProConnect, as a signed token."""
        with get_adapter().get_requests_session() as session:
            reponse = session.get(self.profile_url, headers={"Authorization": f"Bearer {access_token}"})
            reponse.raise_for_status()
        if reponse.headers.get("Content-Type", "").startswith(JWT):
            return self._decode(reponse.text, require=["iss", "aud", "sub"])
        personne: dict[str, Any] = reponse.json()
        return personne

    def _decode(self, jeton: str, require: list[str]) -> dict[str, Any]:
        """What a token says, once its signature, issuer, audience and dates are verified. Raises: OAuth2Error."""
        try:
            decode: dict[str, Any] = jwt.decode(
                jeton,
                self._key_of(jeton),
                algorithms=ALGORITHMES,
                issuer=self.openid_config["issuer"],
                audience=self.get_provider().app.client_id,
                options={"require": require},
            )
        except jwt.PyJWTError as erreur:
            raise OAuth2Error("jeton") from erreur
        return decode

    def _key_of(self, jeton: str) -> jwt.PyJWK:
        """The published key that the token names; the only one there is, when it names none (OIDC Core §10.1)."""
        with get_adapter().get_requests_session() as session:
            reponse = session.get(self.openid_config["jwks_uri"])
            reponse.raise_for_status()
        nom = jwt.get_unverified_header(jeton).get("kid")
        cles = [cle for cle in jwt.PyJWKSet.from_dict(reponse.json()).keys if nom in (None, cle.key_id)]
        if len(cles) != 1:
            raise OAuth2Error("kid")
        return cles[0]


class Fournisseur(OpenIDConnectProvider):  # type: ignore[misc]
    oauth2_adapter_class = Adaptateur

    def redirect(
        self, request: HttpRequest, process: str, next_url: str | None = None, data: Any = None, **kwargs: Any
    ) -> HttpResponse:
        """Send the browser to the provider, with a nonce that its answer must repeat (comptes.adapters)."""
        nonce = secrets.token_urlsafe(32)
        kwargs["auth_params"] = self.get_auth_params() | {"nonce": nonce}
        reponse: HttpResponse = super().redirect(request, process, next_url, data, nonce=nonce, **kwargs)
        return reponse

    def extract_email_addresses(self, data: dict[str, Any]) -> list[EmailAddress]:
        """The address of the person. Proven only if the provider says true, not something that looks like it."""
        adresses: list[EmailAddress] = super().extract_email_addresses(data)
        for adresse in adresses:
            adresse.verified = adresse.verified is True
        return adresses


provider_classes = [Fournisseur]
