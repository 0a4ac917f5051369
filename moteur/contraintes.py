"""What PostgreSQL refuses, said in the words of the field: constraint name → code and sentence."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from django.apps import apps
from django.db import DatabaseError
from django.db.models import BaseConstraint

from moteur.erreurs import Code, Refus

#: SQL states of a value its column cannot hold: text too long, number too large.
HORS_BORNES = ("22001", "22003")

_APPRISES: dict[str, tuple[Code, str]] = {
    "entree_rang_unique": (
        Code.TRANSITION_INTERDITE,
        "Quelqu'un vient d'agir sur ce dossier : relisez-le puis recommencez.",
    ),
}


def enseigner(contrainte: str, code: Code, message: str) -> None:
    """Say how a trigger, or a constraint that deserves its own code, is refused. For `contraintes` modules."""
    _APPRISES[contrainte] = (code, message)


@contextmanager
def traduire() -> Iterator[None]:
    """Turn a refusal of the database that we know into a Refus; let any other error through."""
    try:
        yield
    except DatabaseError as erreur:
        diagnostic = getattr(erreur.__cause__, "diag", None)
        connue = _sentence(getattr(diagnostic, "constraint_name", None) or "")
        if connue is None and (getattr(diagnostic, "sqlstate", None) or "").startswith(HORS_BORNES):
            connue = (
                Code.DONNEES_INVALIDES,
                "Une valeur est trop longue ou trop grande pour être gardée : réduisez-la.",
            )
        if connue is None:
            raise
        raise Refus(*connue) from erreur


def _sentence(nom: str) -> tuple[Code, str] | None:
    """What was taught for that constraint, else the message its model declares."""
    if nom in _APPRISES:
        return _APPRISES[nom]
    message = _declared().get(nom)
    return (Code.DONNEES_INVALIDES, message) if message else None


@cache
def _declared() -> dict[str, str]:
    defaut = BaseConstraint.default_violation_error_message
    return {
        contrainte.name: str(contrainte.violation_error_message)
        for modele in apps.get_models()
        for contrainte in modele._meta.constraints
        if contrainte.violation_error_message != defaut
    }
