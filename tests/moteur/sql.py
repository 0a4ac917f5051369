"""What tests of the database need: try a statement and see who refuses it, or tamper as an owner would."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.db import DatabaseError, connection, models, transaction

from moteur.journal import machines

NOS_APPLICATIONS = (
    "comptes", "moteur", "grappes", "aap", "scoring", "conventions", "usages", "accompagnement", "instruction",
    "courriels",
)  # fmt: skip


def our_models() -> list[type[models.Model]]:
    return [modele for nom in NOS_APPLICATIONS for modele in apps.get_app_config(nom).get_models()]


def triggers(modele: type[models.Model]) -> dict[str, Any]:
    """The triggers declared on a model, by name."""
    return {trigger.name: trigger for trigger in getattr(modele._meta, "triggers", [])}


def append_only() -> list[type[models.Model]]:
    return [modele for modele in our_models() if "sans_modification" in triggers(modele)]


def guarded() -> list[type[models.Model]]:
    return [modele for modele in machines() if modele in our_models()]


def table(modele: type[models.Model]) -> str:
    return connection.ops.quote_name(modele._meta.db_table)


def sql(ordre: str, parametres: Sequence[Any] = ()) -> int:
    """Run a statement; number of rows."""
    with connection.cursor() as curseur:
        curseur.execute(ordre, list(parametres))
        return int(curseur.rowcount)


def refusal(ordre: str, parametres: Sequence[Any] = ()) -> str:
    """Who refuses this statement at once or at the end of its transaction: constraint name, else the message.

    Empty when nobody does. Nothing is kept either way.
    """
    try:
        with transaction.atomic():
            sql(ordre, parametres)
            sql("SET CONSTRAINTS ALL IMMEDIATE")
            transaction.set_rollback(True)
    except DatabaseError as erreur:
        return who(erreur)
    return ""


def who(erreur: BaseException) -> str:
    """The constraint that refused, else the first line of the message."""
    diagnostic = getattr(erreur.__cause__, "diag", None)
    return getattr(diagnostic, "constraint_name", None) or str(erreur).splitlines()[0]


def colonnes(modele: type[models.Model], *sauf: str) -> list[str]:
    noms = [champ.column for champ in modele._meta.concrete_fields if champ.column]
    return [nom for nom in noms if nom not in {"id", *sauf}]


@contextmanager
def tampering(*modeles: type[models.Model]) -> Iterator[None]:
    """The triggers of these tables switched off, as only their owner can."""
    settle()
    for modele in modeles:
        sql(f"ALTER TABLE {table(modele)} DISABLE TRIGGER USER")
    yield
    settle()
    for modele in modeles:
        sql(f"ALTER TABLE {table(modele)} ENABLE TRIGGER USER")


def settle() -> None:
    """Have the deferred triggers judge now, then wait again."""
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql("SET CONSTRAINTS ALL DEFERRED")
