"""PostgreSQL triggers: the second lock, behind Python, that SQL and bugs meet.

django-pgtrigger lets a session switch its triggers off with a variable. Ours must hold against
plain SQL, so `Inviolable` compiles the same trigger without that way out.
"""

from typing import Any

import pgtrigger
from django.apps import apps
from django.db import models
from pgtrigger import compiler

GABARIT = """
    CREATE OR REPLACE FUNCTION {pgid}() RETURNS TRIGGER AS $$
        {declare}
        BEGIN
            {func}
        END;
    $$ LANGUAGE plpgsql;

    DROP TRIGGER IF EXISTS {pgid} ON {table};
    CREATE {constraint} TRIGGER {pgid}
        {when} {operation} ON {table}
        {timing}
        {referencing}
        FOR EACH {level} {condition}
        EXECUTE PROCEDURE {execute};

    COMMENT ON TRIGGER {pgid} ON {table} IS '{hash}';
"""


class SqlInviolable(compiler.UpsertTriggerSql):
    """Installation SQL of a trigger that no session variable switches off. Migrations refer to it."""

    def get_template(self) -> str:
        return GABARIT


class Inviolable(pgtrigger.Trigger):
    """A trigger that plain SQL cannot ignore; only an owner who alters the table can."""

    def compile(self, model: models.Model) -> compiler.Trigger:
        compiled = super().compile(model)
        return compiler.Trigger(name=compiled.name, sql=SqlInviolable(**compiled.sql.kwargs))


class Aretes(Inviolable, pgtrigger.FSM):
    """The edges of the state machine, read from the model's own `django_fsm` declaration."""

    def __init__(self) -> None:
        super().__init__(name="aretes", field="etat", transitions=[("-", "-")])

    def get_func(self, model: Any) -> str:
        # Filled here and not in __init__: Meta is evaluated before the class has its transitions.
        self.transitions = sorted(aretes(model))
        sql: str = super().get_func(model)  # type: ignore[no-untyped-call]
        return sql


class EtatInitial(Inviolable):
    """A row is born in the default state of its machine."""

    name = "etat_initial"
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        initial = model._meta.get_field("etat").get_default()
        return self.format_sql(f"""
            IF NEW.etat IS DISTINCT FROM '{initial}' THEN
                RAISE EXCEPTION 'etat initial interdit : % sur %', NEW.etat, TG_TABLE_NAME
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'etat_initial';
            END IF;
            RETURN NEW;
        """)


class EtatJournalise(Inviolable):
    """At commit, a changed state has its journal row, written by the same transaction."""

    name = "etat_journalise"
    when = pgtrigger.After
    operation = pgtrigger.UpdateOf("etat")
    timing = pgtrigger.Deferred
    condition = pgtrigger.AnyChange("etat")

    def get_func(self, model: Any) -> str:
        return self.format_sql(f"""
            IF NOT EXISTS (
                SELECT 1 FROM moteur_entree
                WHERE objet = '{model._meta.model_name}:' || NEW.id AND vers = NEW.etat
                  AND transaction = pg_current_xact_id()::text::bigint AND enregistre_le >= now()
            ) THEN
                RAISE EXCEPTION 'etat sans journal : % % -> %', TG_TABLE_NAME, NEW.id, NEW.etat
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'etat_journalise';
            END IF;
            RETURN NULL;
        """)


class AjoutJournalise(Inviolable):
    """At commit, a new row has its journal row, written by the same transaction.

    `objet`: model and column of what the journal row is about; `action`: its action, as SQL; `dit`: said of a row
    that has none, with two `%`: the object, then `detail`.
    """

    when = pgtrigger.After
    operation = pgtrigger.Insert
    timing = pgtrigger.Deferred

    def __init__(self, name: str, *, objet: tuple[str, str], action: str, dit: str, detail: str) -> None:
        super().__init__(name=name)
        self.objet, self.action_sql, self.dit, self.detail = objet, action, dit, detail

    def get_func(self, model: Any) -> str:
        modele, colonne = self.objet
        return self.format_sql(f"""
            IF NOT EXISTS (
                SELECT 1 FROM moteur_entree
                WHERE objet = '{modele}:' || NEW.{colonne} AND action = {self.action_sql}
                  AND transaction = pg_current_xact_id()::text::bigint AND enregistre_le >= now()
            ) THEN
                RAISE EXCEPTION '{self.dit}', NEW.{colonne}, NEW.{self.detail}
                    USING ERRCODE = 'check_violation', CONSTRAINT = '{self.name}';
            END IF;
            RETURN NULL;
        """)


class Interdit(Inviolable):
    """Refuse an operation outright, row by row."""

    when = pgtrigger.Before

    def get_func(self, model: Any) -> str:
        return self.format_sql(f"""
            RAISE EXCEPTION '% interdit sur % : {self.name}', TG_OP, TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation', CONSTRAINT = '{self.name}';
        """)


class Fige(Inviolable, pgtrigger.ReadOnly):
    """These columns keep the value they were inserted with."""

    def __init__(self, *fields: str) -> None:
        super().__init__(name="fige", fields=list(fields))


def ajout_seul() -> list[pgtrigger.Trigger]:
    """Triggers of an append-only table: no UPDATE, no DELETE, no TRUNCATE."""
    return [Interdit(name="sans_modification", operation=pgtrigger.Update | pgtrigger.Delete), sans_vidage()]


def etats_gardes() -> list[pgtrigger.Trigger]:
    """Triggers of a machine: declared edges only, born initial, journalised, never deleted."""
    return [
        Aretes(),
        EtatInitial(),
        EtatJournalise(),
        Interdit(name="sans_suppression", operation=pgtrigger.Delete),
        sans_vidage(),
    ]


def sans_vidage() -> pgtrigger.Trigger:
    """TRUNCATE skips the triggers of rows: it needs its own."""
    return Interdit(name="sans_vidage", operation=pgtrigger.Truncate, level=pgtrigger.Statement)


def aretes(model: type[models.Model]) -> set[tuple[str, str]]:
    """Edges (from, to) that the `django_fsm` declaration of a machine allows.

    Asked of the real class: migrations compile with a copy of the model that has no methods.
    """
    reel = apps.get_model(model._meta.app_label, model._meta.model_name or "")
    field: Any = reel._meta.get_field("etat")
    return {(str(t.source), str(t.target)) for t in field.get_all_transitions(reel)}
