"""Two machines remind at once, on real connections: one row, one e-mail per person."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from aap.objectifs import fixer_objectifs
from courriels.models import Courriel
from courriels.releve import collect
from instruction import relances
from moteur import horloge
from moteur.models import Envoi
from tests.fabriques import amener, campagne
from tests.invariants.ecluse import course


def on(jour: int) -> Any:
    return horloge.figer(horloge.ouverture(date(2022, 4, jour)))


@pytest.fixture
def deux(base_jetable: str) -> None:
    """Two dossiers filed on 1 April, to be taken by the 8th."""
    camp = campagne(dossiers=2)
    for nom in ("instructeur", "instructeur:b", "responsable"):
        camp.personne(nom)
    with on(1):
        fixer_objectifs(camp.aap, {"prendre_en_charge": 5}, camp.personne("responsable"), du=date(2022, 4, 1))
    for ref in ("D1", "D2"):
        amener(camp.dossier(ref), "depose")


def remind() -> int:
    with on(13):
        return relances.remind()


def read() -> int:
    with on(13):
        return collect()


@pytest.mark.usefixtures("deux")
def test_both_write_the_same_rows_at_the_same_instant() -> None:
    """Held in the middle of its write, the first makes the second wait, then find them there."""
    assert sum(isinstance(un, int) for un in course("moteur_envoi", "INSERT", remind, remind)) == 2
    assert Envoi.objects.filter(sujet="dossier.relancer_equipe").count() == 2
    assert Envoi.objects.filter(sujet="dossier.signaler_retard").count() == 2


@pytest.mark.usefixtures("deux")
def test_each_person_is_told_once_however_many_remind_and_read(en_parallele: Callable[..., list[Any]]) -> None:
    assert [issue for issue in en_parallele(remind, remind, remind) if isinstance(issue, Exception)] == []
    assert [issue for issue in en_parallele(read, read) if isinstance(issue, Exception)] == []
    rows = [f"envoi:{pk}" for pk in Envoi.objects.exclude(cle=None).values_list("pk", flat=True)]
    dits = Courriel.objects.filter(evenement__in=rows)
    assert dits.count() == 2 * 2 + 2 * 1  # two officers, one responsable, two dossiers
    assert dits.values("evenement", "destinataire").distinct().count() == dits.count()
