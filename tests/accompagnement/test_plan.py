"""The support plan: who does what by when, followed note after note; and the adviser who follows a dossier."""

from datetime import date

import pytest

from aap.models import Dossier
from accompagnement.affectation import advisers, followed_by, followers
from accompagnement.models import ActionPlan, SuiviAction
from moteur import horloge
from moteur.erreurs import Code, Refus
from moteur.models import Entree
from tests.fabriques import agir, amener, campagne, personne
from tests.moteur.sql import refusal, table

pytestmark = pytest.mark.django_db
JOUR = date(2022, 9, 1)
ACTION = {"phase": "choix", "intitule": "Comparer trois éditeurs", "intervenant": "federation", "pour_le": "2022-09-15"}


@pytest.fixture(autouse=True)
def jour():
    with horloge.figer(horloge.ouverture(JOUR)):
        yield


@pytest.fixture
def dossier(db):
    return amener(campagne().dossier("D1"), "depose")


def plan(dossier, par="conseiller_grades", **autres):
    return agir(dossier, "planifier_action", par, **ACTION | autres)


def follow(dossier, **donnees):
    return agir(dossier, "suivre_action", "conseiller_grades", **donnees)


def refused(agit):
    with pytest.raises(Refus) as refus:
        agit()
    return refus.value.code


def status(action):
    lue = ActionPlan.objects.with_status().get(pk=action.pk)
    return lue.statut, lue.pour_le


def test_an_action_is_planned_then_followed_note_after_note(dossier):
    action = plan(dossier)
    assert (action.rang, status(action)) == (1, ("a_faire", date(2022, 9, 15)))
    follow(dossier, rang=1, statut="en_cours", note="Deux devis reçus.", pour_le="2022-10-01")
    follow(dossier, rang=1, statut="faite")
    assert status(action) == ("faite", date(2022, 10, 1))
    assert list(action.suivis.values_list("statut", "note")) == [
        ("faite", ""), ("en_cours", "Deux devis reçus."), ("a_faire", ""),
    ]  # fmt: skip
    actes = Entree.objects.filter(chaine=dossier.chaine, action__contains="_action").values_list("action", flat=True)
    assert list(actes) == ["planifier_action", "suivre_action", "suivre_action"]


@pytest.mark.parametrize(
    "faux",
    [{"phase": "autre"}, {"intitule": " "}, {"intervenant": "prefet"}, {"pour_le": None}, {"intitule": "x" * 201}],
)
def test_what_is_not_an_action_is_refused(dossier, faux):
    assert refused(lambda: plan(dossier, **faux)) is Code.DONNEES_INVALIDES
    assert not ActionPlan.objects.exists()


@pytest.mark.parametrize(
    "faux",
    [
        {"rang": 2, "statut": "faite"}, {"rang": 1, "statut": "a_faire"}, {"rang": 1, "statut": "oubliee"},
        {"rang": 1, "statut": "abandonnee"},
    ],
)  # fmt: skip
def test_a_follow_up_that_says_nothing_is_refused(dossier, faux):
    plan(dossier)
    assert refused(lambda: follow(dossier, **faux)) is Code.DONNEES_INVALIDES
    assert SuiviAction.objects.count() == 1


def test_what_was_done_is_taken_up_again_with_a_reason_only(dossier):
    plan(dossier)
    follow(dossier, rang=1, statut="faite")
    assert refused(lambda: follow(dossier, rang=1, statut="en_cours")) is Code.DONNEES_INVALIDES
    assert follow(dossier, rang=1, statut="en_cours", note="Le contrat a été dénoncé.").statut == "en_cours"


def test_plain_sql_alters_nothing(dossier):
    plan(dossier)
    for modele in (ActionPlan, SuiviAction):
        for ordre in ("DELETE FROM {}", "UPDATE {} SET id = id", "TRUNCATE {} CASCADE"):
            assert refusal(ordre.format(table(modele))) != ""


def test_late_is_what_is_open_and_past_its_day(dossier):
    for pour_le in ("2022-08-31", "2022-09-01", "2022-08-15"):
        plan(dossier, pour_le=pour_le)
    plan(dossier, pour_le="2022-08-01")
    follow(dossier, rang=4, statut="faite")
    assert [un.rang for un in ActionPlan.objects.late(JOUR)] == [3, 1]
    follow(dossier, rang=3, statut="a_faire", pour_le="2022-12-01")
    assert [un.rang for un in ActionPlan.objects.late(JOUR)] == [1]


def test_only_the_region_plans(dossier):
    assert refused(lambda: plan(dossier, "porteur")) is Code.ROLE_INTERDIT
    assert refused(lambda: plan(dossier, personne("conseiller_grades:ailleurs", "11"))) is Code.HORS_PERIMETRE
    assert plan(dossier, "instructeur").suivis.get().organisation == "ars"


# Who follows which dossier.


def test_an_adviser_of_the_region_is_named_and_released(dossier):
    elle = personne("conseiller_grades")
    agir(dossier, "affecter_conseiller", "responsable", personne=elle.username)
    assert list(followers(dossier)) == [elle]
    assert list(Dossier.objects.filter(pk__in=followed_by(elle))) == [dossier]
    assert refused(lambda: agir(dossier, "affecter_conseiller", "instructeur", personne=elle.username)) is (
        Code.DONNEES_INVALIDES
    )
    agir(dossier, "retirer_conseiller", "instructeur", personne=elle.username)
    assert not followers(dossier).exists()


@pytest.mark.parametrize(("qui", "region"), [("conseiller_grades:ailleurs", "11"), ("instructeur", "76")])
def test_nobody_else_is_named(dossier, qui, region):
    autre = personne(qui, region)
    assert autre not in advisers("76", JOUR)
    assert refused(lambda: agir(dossier, "affecter_conseiller", "responsable", personne=autre.username)) is (
        Code.DONNEES_INVALIDES
    )
    assert not followers(dossier).exists()


def test_an_adviser_names_nobody(dossier):
    elle = personne("conseiller_grades")
    assert refused(lambda: agir(dossier, "affecter_conseiller", elle, personne=elle.username)) is Code.ROLE_INTERDIT
