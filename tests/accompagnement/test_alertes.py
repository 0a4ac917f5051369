"""Alerts: a strong risk without measure, an axis without evaluation after the delay. Told once, never made up."""

from datetime import date, timedelta

import pytest

from aap.models import Dossier
from accompagnement import alertes, querysets
from accompagnement.models import Axe
from accompagnement.querysets import with_alerts
from accompagnement.reglages import Reglages, days_without_evaluation, read
from accompagnement.tasks import alerter
from moteur import horloge
from moteur.models import Envoi
from tests.fabriques import agir, amener, campagne

#: The day after the dossier of the tests is taken in charge (`CHEMINS`), and the last day of the delay.
PRIS = date(2022, 4, 4)
FORT = {"axe": "editeur", "niveau": "fort", "commentaire": "L'éditeur ne répond plus."}


def at(jour):
    return horloge.figer(horloge.ouverture(jour))


def alerts(jour):
    return [
        (un.reference, un.fort_sans_mesure, un.non_evalue)
        for un in with_alerts(Dossier.objects.order_by("reference"), jour)
    ]


@pytest.fixture
def dossier(db):
    return amener(campagne().dossier("D1"), "en_recevabilite")


def annotate(dossier, jour="2022-04-06", **donnees):
    return agir(dossier, "annoter_risque", "conseiller_grades", jour=jour, **donnees)


def test_a_strong_risk_without_measure_until_somebody_masters_it(dossier):
    annotate(dossier, **FORT)
    assert alerts(PRIS) == [("D1", True, False)]
    annotate(dossier, **FORT | {"maitrise": "grades"})
    assert alerts(PRIS) == [("D1", False, False)]


def test_not_evaluated_after_the_delay_until_the_five_axes_are(dossier):
    delai = days_without_evaluation()
    assert delai == 30
    dernier = PRIS + timedelta(days=delai)
    assert alerts(dernier) == [("D1", False, False)]
    assert alerts(dernier + timedelta(days=1)) == [("D1", False, True)]
    for axe in list(Axe)[:4]:
        annotate(dossier, axe=axe, niveau="modere")
    annotate(dossier, axe=list(Axe)[4], niveau="non_evalue")
    assert alerts(dernier + timedelta(days=1)) == [("D1", False, True)]
    annotate(dossier, axe=list(Axe)[4], niveau="faible_ou_nul")
    assert alerts(dernier + timedelta(days=1)) == [("D1", False, False)]


def test_nothing_is_late_before_it_is_taken_in_charge_nor_once_it_is_over(db):
    camp = campagne(dossiers=2)
    amener(camp.dossier("D1"), "depose")
    fini = amener(camp.dossier("D2"), "en_recevabilite")
    annotate(fini, **FORT)
    agir(fini, "declarer_irrecevable", "instructeur", jour="2022-04-07", motif="Hors sujet.")
    assert alerts(date(2023, 4, 4)) == [("D1", False, False), ("D2", False, False)]


def test_without_a_delay_nothing_is_made_up(dossier, monkeypatch):
    assert read("") == Reglages()
    monkeypatch.setattr(querysets, "days_without_evaluation", lambda: None)
    assert alerts(date(2023, 4, 4)) == [("D1", False, False)]


def test_each_alert_is_told_once_and_a_new_annotation_is_a_new_one(dossier):
    with at(PRIS + timedelta(days=31)):
        annotate(dossier, **FORT)
        assert [alertes.tell(), alertes.tell()] == [2, 0]
        alerter(timestamp=0)
        annotate(dossier, **FORT | {"commentaire": "Toujours rien."})
        assert alertes.tell() == 1
    dits = Envoi.objects.filter(sujet__startswith="dossier.risque_").order_by("pk")
    assert [un.charge["alerte"] for un in dits] == [
        "Risque fort sans mesure en place : Éditeur.",
        "Risques encore non évalués : Coût, qualité, délai, Achat, Gouvernance et Sécurité du SI.",
        "Risque fort sans mesure en place : Éditeur.",
    ]


def test_two_machines_at_once_tell_it_once(base_jetable, en_parallele):
    dossier = amener(campagne().dossier("D1"), "en_recevabilite")
    annotate(dossier, **FORT)

    def run():
        with at(PRIS):
            return alertes.tell()

    en_parallele(run, run)
    assert Envoi.objects.filter(sujet="dossier.risque_sans_mesure").count() == 1
