"""Typed readers of environment variables. A bad value is refused with a sentence, never guessed."""

import os
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

VRAI = frozenset({"1", "true", "yes", "oui", "on"})
FAUX = frozenset({"0", "false", "no", "non", "off"})


class VariableInvalide(Exception):
    """An environment variable holds a value the project cannot use."""


def text(nom: str, defaut: str = "") -> str:
    """The variable, trimmed; empty counts as absent."""
    return os.environ.get(nom, "").strip() or defaut


def boolean(nom: str, defaut: bool) -> bool:
    valeur = text(nom).lower()
    if not valeur:
        return defaut
    if valeur in VRAI:
        return True
    if valeur in FAUX:
        return False
    raise VariableInvalide(f"La variable {nom} vaut « {valeur} » : écrivez 1 (oui) ou 0 (non).")


def integer(nom: str, defaut: int, minimum: int = 0) -> int:
    valeur = text(nom)
    if not valeur:
        return defaut
    if not (valeur.isascii() and valeur.isdigit()) or int(valeur) < minimum:
        raise VariableInvalide(f"La variable {nom} vaut « {valeur} » : écrivez un entier d'au moins {minimum}.")
    return int(valeur)


def day(nom: str) -> date | None:
    """A date; None when the variable is absent."""
    valeur = text(nom)
    try:
        return date.fromisoformat(valeur) if valeur else None
    except ValueError:
        raise VariableInvalide(f"La variable {nom} vaut « {valeur} » : écrivez une date, comme 2022-12-29.") from None


def words(nom: str, defaut: str = "") -> list[str]:
    """A comma-separated list, blanks dropped."""
    return [mot.strip() for mot in text(nom, defaut).split(",") if mot.strip()]


def database(nom: str) -> dict[str, Any] | None:
    """Django's database settings out of a `postgresql://` address; None when the variable is absent.

    Query parameters are libpq's (`sslmode`, `connect_timeout`, `host` for a socket folder…).
    The sentence of refusal never repeats the address: it may hold a password.
    """
    adresse = text(nom)
    if not adresse:
        return None
    try:
        parts = urlsplit(adresse)
        port = parts.port
        hote = unquote(parts.hostname or "")
    except ValueError:
        raise _bad_address(nom) from None
    base = unquote(parts.path.lstrip("/"))
    if parts.scheme not in {"postgres", "postgresql"} or not base:
        raise _bad_address(nom)
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": base,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", hote),
        "PORT": str(port or ""),
        "OPTIONS": options,
    }


def _bad_address(nom: str) -> VariableInvalide:
    return VariableInvalide(
        f"La variable {nom} n'est pas une adresse PostgreSQL : "
        "écrivez postgresql://utilisateur:motdepasse@hote:5432/base."
    )
