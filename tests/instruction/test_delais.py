"""When a task of the agency is due: the law first, then what the agency gives itself, its clock stopped meanwhile."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aap.delais import add_working_days, is_working_day, working_days
from aap.models import Dossier
from aap.objectifs import fixer_objectifs
from aap.regles import INTERNES
from instruction import agenda
from instruction.delais import due_day
from instruction.etapes import Etape
from instruction.flows import InstructionFlow
from instruction.models import TacheSuivie
from moteur import horloge
from moteur.porte import actes, aretes_par_nom
from tests.fabriques import Campagne, agir, amener, campagne

JOURS = st.dates(date(2015, 1, 1), date(2040, 1, 1))
COMBIEN = st.integers(1, 40)
ECARTS = st.integers(0, 60)


@given(JOURS, COMBIEN)
def test_always_on_a_working_day_after_that_many(ouverture: date, jours: int) -> None:
    fin = due_day(ouverture, jours)
    assert is_working_day(fin)
    assert working_days(ouverture, fin) == jours


@given(JOURS, COMBIEN, ECARTS, COMBIEN)
def test_later_or_longer_is_never_due_sooner(ouverture: date, jours: int, apres: int, plus: int) -> None:
    plus_tard = ouverture + timedelta(days=apres)
    assert due_day(ouverture, jours) <= due_day(plus_tard, jours)
    assert due_day(ouverture, jours) < due_day(ouverture, jours + plus)


@given(JOURS, COMBIEN, ECARTS, ECARTS)
def test_a_suspension_never_shortens_and_gives_nothing_twice(ouverte: date, jours: int, apres: int, arret: int) -> None:
    close = ouverte + timedelta(days=apres)
    reprise = close + timedelta(days=arret)
    fin = due_day(reprise, jours, [(ouverte, close)])
    assert due_day(ouverte, jours) <= fin
    assert is_working_day(fin)
    utilises = working_days(ouverte, close) + working_days(reprise, fin)
    assert utilises == max(jours, working_days(ouverte, close) + 1)


@given(JOURS, COMBIEN, ECARTS)
def test_stopped_and_started_the_same_day_nothing_moves_while_there_is_time(ouverte: date, jours: int, n: int) -> None:
    milieu = ouverte + timedelta(days=n)
    if working_days(ouverte, milieu) < jours:
        assert due_day(milieu, jours, [(ouverte, milieu)]) == due_day(ouverte, jours)


# On real dossiers: fixed on Friday 1 April 2022.


@pytest.fixture
def camp(db) -> Campagne:
    camp = campagne()
    objectifs = {
        "prendre_en_charge": 5,
        "declarer_recevable": 15,
        "inscrire_au_comite": 5,
        "selectionner": 3,
        "notifier": 4,
    }
    with horloge.figer(horloge.ouverture(date(2022, 4, 1))):
        fixer_objectifs(camp.aap, objectifs, camp.personne("responsable"), du=date(2022, 4, 1))
    return camp


def due(dossier: Dossier) -> dict[str, date | None]:
    return {
        tache.flow_task.name: tache.pour_le for tache in TacheSuivie.objects.open().filter(process__dossier=dossier)
    }


def test_a_task_is_due_that_many_working_days_after_it_opened(camp):
    dossier = amener(camp.dossier("D1"), "depose")
    assert due(dossier) == {"prendre_en_charge": date(2022, 4, 8)}
    assert due(amener(dossier, "en_recevabilite")) == {"declarer_recevable": date(2022, 4, 26)}  # over Easter Monday
    assert dossier.parcours.limite == date(2022, 4, 26)


def test_the_clock_stops_while_the_porteur_completes(camp):
    """Opened on Monday 4, stopped on Tuesday 12 (6 days used), back on Thursday 21: 9 are left."""
    dossier = amener(camp.dossier("D1"), "en_recevabilite")
    agir(dossier, "demander_complements", "instructeur", jour="2022-04-12", motif="RIB.", echeance="2022-05-01")
    assert due(dossier) == {"completer": date(2022, 5, 1)}
    agir(dossier, "completer", "porteur", jour="2022-04-21")
    assert due(dossier) == {"declarer_recevable": add_working_days(date(2022, 4, 21), 9)}
    agir(dossier, "demander_complements", "instructeur", jour="2022-05-20", motif="RIB.", echeance="2022-06-20")
    agir(dossier, "completer", "porteur", jour="2022-05-25")
    assert due(dossier) == {
        "declarer_recevable": date(2022, 5, 27)
    }  # late already: the next working day, over Ascension


def test_a_step_that_was_ended_otherwise_starts_afresh(camp):
    """Adjourned: the committee has judged, and its next sitting is another."""
    dossier = amener(camp.dossier("D1"), "en_comite")
    agir(dossier, "ajourner", "responsable", jour="2022-10-05", motif="Quorum.")
    faite = TacheSuivie.objects.get(process__dossier=dossier, flow_task__endswith=".selectionner")
    assert faite.status == "DONE"
    assert due(dossier) == {"inscrire_au_comite": date(2022, 10, 12)}


def test_the_day_that_the_law_gives_wins(camp):
    dossier = amener(camp.dossier("D1"), "en_comite")
    tache = TacheSuivie.objects.open().get(process__dossier=dossier)
    assert (tache.echeance, tache.objectif) == (date(2022, 10, 5), date(2022, 4, 21))
    assert tache.pour_le == date(2022, 10, 5)


def test_what_is_open_keeps_its_day_when_the_agency_changes_its_mind(camp):
    dossier = amener(camp.dossier("D1"), "depose")
    with horloge.figer(horloge.ouverture(date(2022, 4, 5))):
        fixer_objectifs(camp.aap, {"prendre_en_charge": 1}, camp.personne("responsable"), du=date(2022, 4, 5))
        assert not agenda.rebuild(dossier.pk)
    assert due(dossier) == {"prendre_en_charge": date(2022, 4, 8)}


def test_rebuilding_changes_nothing_even_between_two_spells(camp):
    dossier = amener(camp.dossier("D1"), "a_completer")
    with horloge.figer(horloge.ouverture(date(2022, 4, 6))):
        assert not agenda.rebuild(dossier.pk)
    agir(dossier, "completer", "porteur", jour="2022-04-21")
    with horloge.figer(horloge.ouverture(date(2022, 9, 1))):
        assert not agenda.rebuild(dossier.pk)
        TacheSuivie.objects.open().update(objectif=None)
        assert agenda.rebuild(dossier.pk)
    assert due(dossier) == {"declarer_recevable": add_working_days(date(2022, 4, 21), 14)}


def test_a_porteur_is_never_given_an_objective_nor_shown_one(camp):
    fixer = {"signer": 2}
    with horloge.figer(horloge.ouverture(date(2022, 4, 1))):
        fixer_objectifs(camp.aap, fixer, camp.personne("responsable"), du=date(2022, 4, 1))
    dossier = amener(camp.dossier("D1"), "notifie")
    ouvertes = {tache.role: tache.objectif for tache in TacheSuivie.objects.open().filter(process__dossier=dossier)}
    assert ouvertes == {"porteur": None, "responsable": date(2022, 10, 10)}


def test_the_list_of_tasks_is_that_of_the_process():
    """What may be given days is what the process gives to somebody else than the porteur."""
    etapes = [noeud for noeud in InstructionFlow.instance.nodes() if isinstance(noeud, Etape)]
    assert {etape.action for etape in etapes if etape.role != "porteur"} == set(INTERNES)


def test_what_else_ends_a_step_exists():
    connus = {*actes(Dossier), *aretes_par_nom(Dossier), "certifier", "ordonnancer", "executer", "rejeter"}
    for noeud in InstructionFlow.instance.nodes():
        if isinstance(noeud, Etape):
            assert noeud.fins <= connus, noeud.name
