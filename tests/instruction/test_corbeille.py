"""The inbox: whose tasks, in what order, and that two people never take the same one."""

from datetime import timedelta

import pytest
from django.test import Client

from comptes.models import Utilisateur
from comptes.roles import Role
from instruction.corbeille import gestes, lecture
from instruction.models import TacheSuivie
from moteur.erreurs import Code, Refus
from tests.instruction import campagne


@pytest.fixture
def claire(campagne_jouee, db) -> Utilisateur:
    return campagne.person("claire", Role.INSTRUCTEUR, "76")


@pytest.fixture
def hugo(campagne_jouee, db) -> Utilisateur:
    return campagne.person("hugo", Role.INSTRUCTEUR, "76")


@pytest.fixture
def libre(campagne_jouee, db) -> TacheSuivie:
    return TacheSuivie.objects.open().filter(role="instructeur", owner=None).order_by("pk")[0]


def test_only_the_tasks_of_ones_roles_in_ones_regions(campagne_jouee, claire, jour):
    vues = set(lecture.hers(claire, jour))
    assert vues == set(TacheSuivie.objects.open().filter(role="instructeur", region="76"))
    assert not lecture.hers(campagne.person("loin", Role.INSTRUCTEUR, "11"), jour).exists()
    assert not lecture.hers(campagne.person("portee", Role.PORTEUR), jour).exists()


def test_the_late_come_first_then_the_week_then_the_rest(campagne_jouee, jour):
    responsable = campagne.person("philippe", Role.RESPONSABLE, "76")
    groupes = lecture.read(responsable, "equipe", jour).groupes
    titres = [groupe.titre for groupe in groupes]
    assert titres == [un for un in ("En retard", "Cette semaine", "Ensuite", "Sans échéance") if un in titres]
    for groupe in groupes:
        dates = [ligne.tache.echeance for ligne in groupe.lignes if ligne.tache.echeance]
        assert dates == sorted(dates)
        assert groupe.total == len(groupe.lignes)
        assert {ligne.urgence == "retard" for ligne in groupe.lignes} == {groupe.titre == "En retard"}


def test_taken_given_back_handed_over(libre, claire, hugo, jour):
    gestes.prendre(libre, claire)
    assert (fresh(libre).owner, fresh(libre).status) == (claire, "ASSIGNED")
    with pytest.raises(Refus, match="claire a déjà pris cette tâche") as refus:
        gestes.prendre(libre, hugo)
    assert refus.value.code == Code.TRANSITION_INTERDITE
    gestes.confier(libre, claire, hugo)
    assert fresh(libre).owner == hugo
    with pytest.raises(Refus, match="hugo a déjà pris"):
        gestes.rendre(libre, claire)
    gestes.rendre(libre, hugo)
    assert (fresh(libre).owner, fresh(libre).status) == (None, "NEW")


def test_never_to_somebody_who_may_not_do_it(libre, claire, db):
    with pytest.raises(Refus) as refus:
        gestes.confier(libre, claire, campagne.person("nadia", Role.COMPTABLE, "76"))
    assert refus.value.code == Code.HORS_PERIMETRE
    assert fresh(libre).owner is None


def test_put_off_until_a_day_then_back(libre, claire, jour):
    gestes.prendre(libre, claire)
    gestes.reporter(libre, claire, jour + timedelta(days=3))
    lue = lecture.read(claire, "moi", jour)
    assert lue.comptes["moi"] == 0
    assert [ligne.tache for ligne in lue.reportees] == [libre]
    assert lecture.count(claire, jour + timedelta(days=3)) == 1


@pytest.mark.parametrize("dans", [-1, 0, 61])
def test_not_put_off_for_ever_nor_to_the_past(libre, claire, jour, dans):
    gestes.prendre(libre, claire)
    with pytest.raises(Refus) as refus:
        gestes.reporter(libre, claire, jour + timedelta(days=dans))
    assert refus.value.code == Code.DONNEES_INVALIDES


def test_a_task_that_is_done_is_not_taken(libre, claire):
    TacheSuivie.objects.filter(pk=libre.pk).update(status="DONE")
    with pytest.raises(Refus, match="n'est plus à faire"):
        gestes.prendre(libre, claire)


def test_the_page_counts_takes_and_refuses(libre, claire, hugo, client: Client):
    client.force_login(claire)
    page = campagne.text(client.get("/taches/?lot=libres").content.decode())
    assert "Rien ne vous attend" in page
    prise = client.post(f"/taches/{libre.pk}/prendre/", {"lot": "libres"}, follow=True)
    assert "Tâche prise" in campagne.text(prise.content.decode())
    assert "Tâches (1)" in campagne.text(prise.content.decode())
    client.force_login(hugo)
    refusee = client.post(f"/taches/{libre.pk}/prendre/", follow=True)
    assert "a déjà pris cette tâche" in campagne.text(refusee.content.decode())
    donnees = {"a": str(claire.pk)}
    assert "a déjà pris" in campagne.text(
        client.post(f"/taches/{libre.pk}/confier/", donnees, follow=True).content.decode()
    )


@pytest.mark.parametrize("geste", ["prendre", "rendre", "confier", "reporter"])
def test_the_tasks_of_another_region_or_role_do_not_exist(libre, geste, client: Client):
    for role, region in ((Role.INSTRUCTEUR, "11"), (Role.COMPTABLE, "76"), (Role.AUDITEUR, None)):
        client.force_login(campagne.person(f"{role}-{region}", role, region))
        assert client.post(f"/taches/{libre.pk}/{geste}/").status_code == 404
    client.force_login(campagne.person("quelqu-un", Role.INSTRUCTEUR, "76"))
    assert client.get(f"/taches/{libre.pk}/{geste}/").status_code == 405


def test_who_has_nothing_is_shown_what_she_may_take_and_who_has_something_is_shown_it(libre, claire, jour):
    assert lecture.read(claire, "", jour).lot == "libres"
    gestes.prendre(libre, claire)
    assert lecture.read(claire, "", jour).lot == "moi"


@pytest.mark.parametrize("lot", lecture.LOTS)
def test_a_fixed_number_of_queries(campagne_jouee, claire, client: Client, lot, django_assert_max_num_queries):
    client.force_login(claire)
    client.get(f"/taches/?lot={lot}")
    with django_assert_max_num_queries(12):
        client.get(f"/taches/?lot={lot}")


def test_no_other_lot(claire, client: Client):
    client.force_login(claire)
    assert client.get("/taches/?lot=autre").status_code == 404


def fresh(tache: TacheSuivie) -> TacheSuivie:
    return TacheSuivie.objects.select_related("owner").get(pk=tache.pk)
