"""The officer in charge: whoever took the dossier, until it is given to another of the same agency."""

import pytest

from instruction.models import TacheSuivie
from moteur.erreurs import Code, Refus
from tests.fabriques import agir, amener, campagne, personne

pytestmark = pytest.mark.django_db


@pytest.fixture
def camp():
    camp = campagne()
    amener(camp.dossier("D1"), "en_recevabilite")
    return camp


def test_whoever_takes_it_is_in_charge_and_has_its_tasks(camp):
    dossier = camp.dossier("D1")
    assert dossier.instructeur == camp.personne("instructeur")
    (tache,) = TacheSuivie.objects.open().filter(process__dossier=dossier)
    assert (tache.action, tache.owner, tache.status) == ("declarer_recevable", dossier.instructeur, "ASSIGNED")


def test_given_to_a_colleague_with_its_open_tasks(camp):
    autre = camp.personne("instructeur:b")
    agir(camp.dossier("D1"), "attribuer", "responsable", jour="2022-04-06", personne=autre.username)
    assert camp.dossier("D1").instructeur == autre
    assert [tache.owner for tache in TacheSuivie.objects.open()] == [autre]


@pytest.mark.parametrize(("qui", "region"), [("comptable", "76"), ("instructeur:ailleurs", "11"), ("porteur", None)])
def test_only_to_an_officer_of_the_region(camp, qui, region):
    nom = personne(qui, region).username
    with pytest.raises(Refus) as refus:
        agir(camp.dossier("D1"), "attribuer", "responsable", jour="2022-04-06", personne=nom)
    assert refus.value.code == Code.DONNEES_INVALIDES
    assert camp.dossier("D1").instructeur == camp.personne("instructeur")


def test_not_twice_to_the_same(camp):
    nom = camp.personne("instructeur").username
    with pytest.raises(Refus, match="déjà en charge"):
        agir(camp.dossier("D1"), "attribuer", "instructeur", jour="2022-04-06", personne=nom)


def test_the_second_evaluation_waits_for_somebody_else(camp):
    dossier = camp.dossier("D1")
    amener(dossier, "en_instruction")
    premiere = TacheSuivie.objects.open().get(flow_task__endswith=".evaluer")
    assert premiere.owner == dossier.instructeur
    agir(dossier, "evaluer", "instructeur", jour="2022-05-02", notes={"uniforme": "0.8"})
    seconde = TacheSuivie.objects.open().get(flow_task__endswith=".evaluer")
    assert (seconde.owner, seconde.tour) == (None, 1)
