"""Who may vouch for a person: the OpenID Connect providers, read from the environment.

ProConnect, Pro Santé Connect or any other: OIDC_<NOM>_ISSUER, OIDC_<NOM>_CLIENT_ID, OIDC_<NOM>_CLIENT_SECRET,
and optionally OIDC_<NOM>_LABEL (what the button says) and OIDC_<NOM>_AUTORISATION (the address where people
are sent to sign in, when its host is not the issuer's: the browser must be told of it).
"""

import os
import re
from typing import Any
from urllib.parse import urlsplit

from config import env

EMETTEUR = re.compile(r"OIDC_([A-Z0-9_]+)_ISSUER")
BOUCLE = frozenset({"localhost", "127.0.0.1", "::1"})


def providers() -> list[dict[str, Any]]:
    """The providers of the environment, by name, as allauth wants its apps. Raises: VariableInvalide."""
    noms = sorted(trouve[1] for nom in os.environ if env.text(nom) and (trouve := EMETTEUR.fullmatch(nom)))
    return [_provider(nom) for nom in noms]


def origins() -> list[str]:
    """Where a sign-in form may lead besides this site: the hosts of the providers, each once."""
    adresses = [app["settings"][cle] for app in providers() for cle in ("server_url", "autorisation")]
    return sorted({_origin(adresse) for adresse in adresses if adresse})


def _provider(nom: str) -> dict[str, Any]:
    emetteur = _address(f"OIDC_{nom}_ISSUER")
    return {
        "provider_id": nom.lower().replace("_", "-"),
        "name": env.text(f"OIDC_{nom}_LABEL", nom.replace("_", " ").title()),
        "client_id": _required(nom, "CLIENT_ID"),
        "secret": _required(nom, "CLIENT_SECRET"),
        "settings": {
            "server_url": emetteur.rstrip("/"),
            "autorisation": _address(f"OIDC_{nom}_AUTORISATION"),
            "oauth_pkce_enabled": True,
        },
    }


def _required(nom: str, quoi: str) -> str:
    valeur = env.text(f"OIDC_{nom}_{quoi}")
    if not valeur:
        raise env.VariableInvalide(f"La variable OIDC_{nom}_{quoi} manque : elle va avec OIDC_{nom}_ISSUER.")
    return valeur


def _address(nom: str) -> str:
    """An https address (http on this machine only); empty when the variable is absent."""
    adresse = env.text(nom)
    parts = urlsplit(adresse)
    local = parts.scheme == "http" and parts.hostname in BOUCLE
    if adresse and not (parts.scheme == "https" and parts.hostname or local):
        raise env.VariableInvalide(f"La variable {nom} n'est pas une adresse https : écrivez https://hote/chemin.")
    return adresse


def _origin(adresse: str) -> str:
    parts = urlsplit(adresse)
    return f"{parts.scheme}://{parts.netloc}"
