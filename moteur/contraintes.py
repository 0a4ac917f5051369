"""What PostgreSQL refuses, said in the words of the field: constraint name → code and sentence."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError

from moteur.erreurs import Code, Refus

_APPRISES: dict[str, tuple[Code, str]] = {
    "entree_rang_unique": (
        Code.TRANSITION_INTERDITE,
        "Quelqu'un vient d'agir sur ce dossier : relisez-le puis recommencez.",
    ),
}


def enseigner(contrainte: str, code: Code, message: str) -> None:
    """Say once how a constraint or trigger of ours is refused. Called by each app's `contraintes` module."""
    _APPRISES[contrainte] = (code, message)


@contextmanager
def traduire() -> Iterator[None]:
    """Turn a refusal of the database that we know into a Refus; let any other error through."""
    try:
        yield
    except DatabaseError as erreur:
        diagnostic = getattr(erreur.__cause__, "diag", None)
        nom = getattr(diagnostic, "constraint_name", None) or ""
        if nom not in _APPRISES:
            raise
        code, message = _APPRISES[nom]
        raise Refus(code, message) from erreur
