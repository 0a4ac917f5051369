"""What plain SQL cannot do to the risks of a dossier: revive a cause, write a current level, make one lie."""

from typing import Any

import pytest
from django.db import connection

from aap.models import Dossier
from accompagnement.models import Annotation, NiveauCourant
from tests.moteur.sql import colonnes, refusal, sql, table

FIN = "UPDATE accompagnement_lienrisque SET fin_le = {}, fin_par_id = {}"


def test_a_shared_cause_ends_once(monde: dict[str, Dossier], ignorant: None) -> None:
    """For a dossier: it is neither forgotten, nor revived, nor ended on another day or by somebody else."""
    assert refusal("DELETE FROM accompagnement_lienrisque") == "sans_suppression"
    assert refusal("TRUNCATE accompagnement_lienrisque") == "sans_vidage"
    assert sql(FIN.format("now()", "par_id")) == 1
    for fin in [("NULL", "NULL"), ("fin_le + interval '1 day'", "fin_par_id"), ("fin_le", "fin_par_id + 1")]:
        assert refusal(FIN.format(*fin)) == "sans_retour"


@pytest.mark.parametrize("colonne", colonnes(NiveauCourant, "gravite"))
def test_nobody_alters_a_current_level(monde: dict[str, Dossier], ignorant: None, colonne: str) -> None:
    assert NiveauCourant.objects.exists()
    assert refusal(f"UPDATE {table(NiveauCourant)} SET {colonne} = {colonne}") == "tenue_par_la_base"


def test_nobody_adds_or_removes_a_current_level(monde: dict[str, Dossier], ignorant: None) -> None:
    noms = ", ".join(colonnes(NiveauCourant, "gravite"))
    ajout = f"INSERT INTO {table(NiveauCourant)} ({noms}) SELECT {noms} FROM {table(NiveauCourant)} LIMIT 1"
    assert refusal(ajout) == "tenue_par_la_base"
    assert refusal(f"{ajout} ON CONFLICT DO NOTHING") == "tenue_par_la_base"
    assert refusal(f"DELETE FROM {table(NiveauCourant)}") == "tenue_par_la_base"
    assert refusal(f"TRUNCATE {table(NiveauCourant)}") == "sans_vidage"


def test_one_trigger_alone_writes_the_current_levels(monde: dict[str, Dossier]) -> None:
    """`tenue_par_la_base` lets any trigger write: no other one names the table."""
    with connection.cursor() as curseur:
        curseur.execute("SELECT proname FROM pg_proc WHERE strpos(prosrc, %s) > 0", [NiveauCourant._meta.db_table])
        assert [nom.rsplit("_", 1)[0] for (nom,) in curseur.fetchall()] == ["pgtrigger_projection"]


def history() -> set[tuple[Any, ...]]:
    """What the current levels must say, read again from all that was ever annotated."""
    lues: dict[tuple[int, str], tuple[Any, ...]] = {}
    for une in Annotation.objects.order_by("pk"):
        cle = (une.dossier_id, une.axe)
        lues[cle] = (*cle, une.pk, une.niveau, une.maitrise, lues[cle][3] if cle in lues else "")
    return set(lues.values())


def test_current_levels_never_lie(monde: dict[str, Dossier], ignorant: None) -> None:
    """Whoever annotates, by the doors or in plain SQL, several at once, or with a key of his own."""

    def kept() -> set[tuple[Any, ...]]:
        return set(NiveauCourant.objects.values_list(*colonnes(NiveauCourant, "gravite")))

    assert kept() == history() != set()
    assert NiveauCourant.objects.filter(precedent="fort").exists()
    noms = ", ".join(colonnes(Annotation, "niveau"))
    ordre = f"INSERT INTO {table(Annotation)} ({{}}niveau, {noms}) SELECT {{}}%s, {noms} FROM {table(Annotation)}"
    for niveau in ("modere", "faible_ou_nul"):
        sql(ordre.format("", "") + " ORDER BY id DESC", [niveau])
        assert kept() == history()
    sql(ordre.format("id, ", "1000000 + id, ") + " ORDER BY id", ["modere"])
    assert kept() == history()
    assert refusal(ordre.format("id, ", "-id, "), ["fort"]) == "annotation_la_plus_recente"
