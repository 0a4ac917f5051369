"""The pages of delegations and of interests: who opens them, what they write, what they say, what they cost."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from comptes.delegations import Etendue, deleguer, revoquer
from comptes.models import Delegation, Region, Utilisateur
from comptes.models.delegation import Nature
from comptes.roles import Role
from grappes.interets import declarer_interet, terminer_interet
from grappes.models import Interet, NatureInteret, OrganismeGestionnaire
from moteur import horloge
from tests.fabriques import PORTE, campagne, personne

pytestmark = pytest.mark.django_db
REQUETES = 12


@pytest.fixture
def jour() -> date:
    return horloge.aujourdhui()


@pytest.fixture
def og(db: None) -> OrganismeGestionnaire:
    return OrganismeGestionnaire.objects.create(finess="310000010", nom="Association Les Tilleuls")


def signed_in(qui: Utilisateur) -> Client:
    client = Client()
    client.force_login(qui, backend=PORTE)
    return client


def lend(de: str = "responsable", a: str = "instructeur", **autres: Any) -> Delegation:
    aujourdhui = horloge.aujourdhui()
    voulue: dict[str, Any] = {
        "nature": Nature.SUPPLEANCE, "role": Role.RESPONSABLE, "region": Region.objects.get(pk="76"),
        "du": aujourdhui, "au": aujourdhui + timedelta(9),
    }  # fmt: skip
    return deleguer(personne(a), Etendue(**voulue | autres), personne(de))


def tie(qui: Utilisateur, og: OrganismeGestionnaire, par: Utilisateur | None = None) -> Interet:
    return declarer_interet(qui, og, par or qui, nature=NatureInteret.EMPLOI, du=horloge.aujourdhui())


def page(qui: Utilisateur, nom: str, *args: int) -> str:
    reponse = signed_in(qui).get(reverse(nom, args=args))
    assert reponse.status_code == 200, reponse.status_code
    return reponse.content.decode()


# Who opens them.


@pytest.mark.parametrize("nom", ["delegations", "delegation-donner", "interets", "interet-declarer"])
def test_visitors_sign_in_first_and_porteurs_have_none(nom: str, client: Client) -> None:
    assert client.get(reverse(nom))["Location"].startswith("/connexion/")
    assert signed_in(personne("porteur")).get(reverse(nom)).status_code == 403


@pytest.mark.parametrize(
    ("qui", "statut"),
    [("instructeur", 200), ("responsable", 200), ("comptable", 200), ("conseiller_grades", 403), ("auditeur", 403)],
)
def test_who_has_a_role_to_lend(qui: str, statut: int) -> None:
    assert signed_in(personne(qui)).get(reverse("delegation-donner")).status_code == statut


def test_who_revokes(jour: date) -> None:
    delegation = lend()
    adresse = reverse("delegation-revoquer", args=[delegation.pk])
    attendus = {"responsable": 200, "instructeur": 403, "responsable:b": 403, "comptable": 404, "porteur": 404}
    for qui, statut in attendus.items():
        assert signed_in(personne(qui)).get(adresse).status_code == statut, qui
    assert signed_in(personne("responsable", "11")).get(adresse).status_code == 404
    revoquer(delegation.pk, personne("responsable"), des=jour, motif="Retour.")
    assert signed_in(personne("responsable")).get(adresse).status_code == 403


def test_who_ends_an_interest(og: OrganismeGestionnaire) -> None:
    lea = personne("instructeur:lea")
    adresse = reverse("interet-terminer", args=[tie(lea, og).pk])
    attendus = {"instructeur:lea": 200, "responsable": 200, "instructeur": 404, "comptable": 404, "porteur": 404}
    for qui, statut in attendus.items():
        assert signed_in(personne(qui)).get(adresse).status_code == statut, qui
    assert signed_in(personne("responsable", "11")).get(adresse).status_code == 404


def test_links_are_in_the_menu_of_the_account() -> None:
    assert reverse("delegations") in page(personne("instructeur"), "mon_compte")
    assert reverse("interets") not in page(personne("porteur"), "mon_compte")


# Lend, take back.


def sent(qui: Utilisateur, nom: str, *args: int, **donnees: Any) -> Any:
    return signed_in(qui).post(reverse(nom, args=args), donnees)


def test_lend_then_take_back(jour: date) -> None:
    claire, yves = personne("responsable"), personne("instructeur")
    donnees = {
        "titre": "responsable.76", "delegataire": yves.pk, "nature": "signature", "du": jour, "au": jour,
        "acte": "arrêté n° 2026-17", "acte_le": jour - timedelta(30),
    }  # fmt: skip
    assert sent(claire, "delegation-donner", **donnees)["Location"] == reverse("delegations")
    delegation = Delegation.objects.get()
    assert (delegation.delegant, delegation.delegataire, delegation.role) == (claire, yves, Role.RESPONSABLE)
    assert "En vigueur" in page(claire, "delegations")
    assert "arrêté n° 2026-17" in page(yves, "delegations")
    assert sent(claire, "delegation-revoquer", delegation.pk, des=jour, motif="Retour.").status_code == 302
    lue = page(claire, "delegations")
    assert "Révoquée" in lue
    assert "Retour." in lue


@pytest.mark.parametrize(
    ("donnees", "phrase"),
    [
        ({"nature": "signature"}, "référence"),
        ({"titre": "comptable.76"}, "Sélectionnez un choix valide"),
        ({"delegataire": 0}, "Sélectionnez un choix valide"),
        ({"au": "2000-01-01"}, "précède"),
        ({"du": ""}, "premier jour"),
    ],
)
def test_what_is_refused_is_said_and_kept(jour: date, donnees: dict[str, Any], phrase: str) -> None:
    bonnes = {
        "titre": "responsable.76", "delegataire": personne("instructeur").pk, "nature": "suppleance", "du": jour,
        "au": jour,
    }  # fmt: skip
    reponse = sent(personne("responsable"), "delegation-donner", **bonnes | donnees)
    assert reponse.status_code == 422
    assert phrase in reponse.content.decode()
    assert not Delegation.objects.exists()


def test_never_offered_to_somebody_elsewhere() -> None:
    ailleurs, parti = personne("instructeur", "11"), personne("instructeur:parti", au=date(2020, 1, 1))
    lue = page(personne("responsable"), "delegation-donner")
    assert f'value="{ailleurs.pk}"' not in lue
    assert f'value="{parti.pk}"' not in lue


def test_a_revocation_without_a_reason_is_refused(jour: date) -> None:
    delegation = lend()
    assert sent(personne("responsable"), "delegation-revoquer", delegation.pk, des=jour, motif=" ").status_code == 422
    assert Delegation.objects.get().revoquee_des is None


def test_each_one_says_where_it_stands(jour: date) -> None:
    lend(du=jour + timedelta(20), au=jour + timedelta(30))
    lend(a="instructeur:b")
    lue = page(personne("responsable"), "delegations")
    assert "À venir" in lue
    assert "En vigueur" in lue
    assert "responsable à instructeur" in page(personne("responsable:b"), "delegations")
    assert "Mme" not in page(personne("comptable"), "delegations")


@pytest.mark.parametrize("nom", ["delegations", "interets"])
def test_an_empty_page_teaches(nom: str) -> None:
    lue = page(personne("responsable"), nom)
    assert "Rien pour l'instant" in lue or "Aucun intérêt déclaré" in lue
    assert "apparaîtront ici" in lue


# Interests.


def test_declare_by_number_or_by_name_then_end(jour: date, og: OrganismeGestionnaire) -> None:
    lea = personne("instructeur:lea")
    donnees = {"personne": lea.pk, "nature": "emploi", "du": "2019-01-01"}
    assert sent(lea, "interet-declarer", og="310000010", **donnees).status_code == 302
    assert sent(lea, "interet-declarer", og="tilleuls", **donnees | {"nature": "mandat"}).status_code == 302
    assert {un.og for un in Interet.objects.all()} == {og}
    interet = Interet.objects.filter(nature="emploi").get()
    assert "Association Les Tilleuls" in page(lea, "interets")
    hier = jour - timedelta(1)
    assert sent(lea, "interet-terminer", interet.pk, au=hier).status_code == 422
    assert sent(lea, "interet-terminer", interet.pk, au=jour).status_code == 302
    assert Interet.objects.get(pk=interet.pk).au == jour


def test_an_og_that_is_not_found_or_not_alone(og: OrganismeGestionnaire) -> None:
    OrganismeGestionnaire.objects.create(finess="310000028", nom="Résidence des Tilleuls")
    lea = personne("instructeur:lea")
    donnees = {"personne": lea.pk, "nature": "emploi", "du": "2019-01-01"}
    for dit, phrase in (("tilleuls", "Plusieurs organismes"), ("Chênes", "Aucun organisme")):
        reponse = sent(lea, "interet-declarer", og=dit, **donnees)
        assert reponse.status_code == 422
        assert phrase in reponse.content.decode()
    assert sent(lea, "interet-declarer", og="résidence des tilleuls", **donnees).status_code == 302


def test_a_responsable_declares_about_her_people_only(og: OrganismeGestionnaire) -> None:
    chef, lea, ailleurs = personne("responsable"), personne("instructeur:lea"), personne("instructeur", "11")
    donnees = {"og": og.finess, "nature": "emploi", "du": "2019-01-01"}
    assert sent(chef, "interet-declarer", personne=lea.pk, **donnees).status_code == 302
    assert sent(chef, "interet-declarer", personne=ailleurs.pk, **donnees).status_code == 422
    assert sent(lea, "interet-declarer", personne=chef.pk, **donnees).status_code == 422
    assert "déclaré par responsable" in page(lea, "interets")
    assert sent(lea, "interet-terminer", Interet.objects.get().pk, au=horloge.aujourdhui()).status_code == 422


def test_the_list_and_the_dossier_say_it() -> None:
    camp, lea = campagne(dossiers=2), personne("instructeur:lea")
    d1 = camp.dossier("D1")
    tie(lea, d1.grappe.og_porteur)
    assert page(lea, "dossiers").count("Vous êtes en déport") == 1
    assert "Vous êtes en déport sur ce dossier" in page(lea, "dossier", d1.pk)
    assert "Vous êtes en déport" not in page(personne("instructeur"), "dossier", d1.pk)
    assert "en déport sur 1 dossier" in page(lea, "interets").replace("\xa0", " ")


# What they cost.


@pytest.mark.parametrize("nombre", [1, 12])
def test_lists_cost_the_same_whatever_is_in_them(
    jour: date, og: OrganismeGestionnaire, nombre: int, django_assert_max_num_queries: Any
) -> None:
    for rang in range(nombre):
        lend(a=f"instructeur:{rang}")
        interet = tie(personne(f"instructeur:{rang}"), og)
        if rang % 2:
            terminer_interet(interet.pk, personne("responsable"), au=jour)
            revoquer(Delegation.objects.latest("pk").pk, personne("responsable"), des=jour, motif="Retour.")
    client = signed_in(personne("responsable"))
    for nom in ("delegations", "interets", "delegation-donner", "interet-declarer"):
        with django_assert_max_num_queries(REQUETES):
            assert client.get(reverse(nom)).status_code == 200
