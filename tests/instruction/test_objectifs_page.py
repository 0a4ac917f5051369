"""The page of the objectives: read by the agency, fixed by its responsable alone."""

from datetime import timedelta

import pytest
from django.test import Client

from aap.models import Aap, Objectif
from comptes.delegations import Etendue, deleguer
from comptes.models import Region
from comptes.models.delegation import Nature
from comptes.roles import Role
from moteur import horloge
from tests.instruction import campagne

ADRESSE = "/appels-a-projets/OCC-DEMO/objectifs/"


@pytest.fixture
def responsable(campagne_jouee, db):
    return campagne.person("anne", Role.RESPONSABLE, "76")


def fix(client: Client, du=None, **jours: int | str):
    return client.post(f"{ADRESSE}fixer/", {"du": str(du or horloge.aujourdhui()), **jours}, follow=True)


def test_a_responsable_fixes_them_and_everybody_of_the_agency_reads_them(responsable, client: Client):
    client.force_login(responsable)
    assert "C'est fixé" in campagne.text(fix(client, evaluer=10, certifier=1).content.decode())
    assert "Rien n'a changé" in campagne.text(fix(client, evaluer=10, certifier=1).content.decode())
    client.force_login(campagne.person("claire", Role.INSTRUCTEUR, "76"))
    lue = campagne.text(client.get(ADRESSE).content.decode())
    assert "Évaluer : 10 jours ouvrés ; Certifier le service fait : 1 jour ouvré" in lue
    assert "Fixer ces objectifs" not in lue


def test_what_is_fixed_for_later_is_said(responsable, client: Client):
    client.force_login(responsable)
    plus_tard = horloge.aujourdhui() + timedelta(days=30)
    fix(client, plus_tard, evaluer=7)
    assert f"puis 7 jours ouvrés à compter du {plus_tard:%d/%m/%Y}" in campagne.text(
        client.get(ADRESSE).content.decode()
    )


@pytest.mark.parametrize(
    ("donnees", "dit"),
    [
        ({"evaluer": "0"}, "Un nombre de jours de 1 à 250, ou rien."),
        ({"evaluer": "beaucoup"}, "Un nombre de jours de 1 à 250, ou rien."),
        ({"du": "2020-01-01", "evaluer": "5"}, "ne vaut pas pour le passé"),
        ({"du": ""}, "Dites à compter de quel jour."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(responsable, client: Client, donnees, dit):
    client.force_login(responsable)
    reponse = client.post(f"{ADRESSE}fixer/", {"du": str(horloge.aujourdhui())} | donnees)
    assert reponse.status_code == 422
    assert dit in campagne.text(reponse.content.decode())
    assert not Objectif.objects.exists()


@pytest.mark.parametrize("role", [Role.INSTRUCTEUR, Role.COMPTABLE, Role.CONSEILLER_GRADES])
def test_nobody_else_of_the_agency_fixes_them(campagne_jouee, client: Client, role, db):
    client.force_login(campagne.person("autre", role, "76"))
    reponse = fix(client, evaluer=5)
    assert reponse.status_code == 422
    assert "Seul un responsable" in campagne.text(reponse.content.decode())
    assert not Objectif.objects.exists()


def test_not_even_who_signs_for_the_responsable(responsable, client: Client):
    claire, jour = campagne.person("claire", Role.INSTRUCTEUR, "76"), horloge.aujourdhui()
    etendue = Etendue(
        nature=Nature.SIGNATURE, role=Role.RESPONSABLE, region=Region.objects.get(pk="76"), du=jour, au=jour,
        acte="Décision 1", acte_le=jour,
    )  # fmt: skip
    deleguer(claire, etendue, responsable)
    client.force_login(claire)
    assert fix(client, evaluer=5).status_code == 422


@pytest.mark.parametrize(("role", "region"), [(Role.RESPONSABLE, "11"), (Role.PORTEUR, None)])
def test_elsewhere_it_does_not_exist(campagne_jouee, client: Client, role, region, db):
    client.force_login(campagne.person("ailleurs", role, region))
    assert client.get(ADRESSE).status_code == 404
    assert fix(client, evaluer=5).status_code == 404
    assert client.get("/appels-a-projets/INCONNU/objectifs/").status_code == 404


def test_a_fixed_number_of_queries(responsable, client: Client, django_assert_max_num_queries):
    client.force_login(responsable)
    fix(client, evaluer=10, certifier=3)
    with django_assert_max_num_queries(11):
        client.get(ADRESSE)
    assert Aap.objects.get(code="OCC-DEMO").objectifs.count() == 2
