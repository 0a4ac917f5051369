"""The page where OGs that look for a grappe find each other: who sees what, what she may do, what it costs."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from aap.models import Fenetre
from comptes.models import Affectation, Utilisateur
from comptes.roles import Role
from grappes.finess import with_key
from grappes.models import DemandeGrappe, OrganismeGestionnaire
from grappes.services import attach, declarer_recherche, modifier
from moteur import journal
from moteur.erreurs import Code, Refus
from moteur.models import Entree
from tests.fabriques import campagne, personne
from tests.instruction.campagne import text

pytestmark = pytest.mark.django_db
ADRESSE = "/mise-en-relation/"
VOULU: dict[str, Any] = {
    "departement": "31", "secteur": "PA", "projet": "acquisition", "nombre": 9, "contact_accepte": True,
    "contact": "nous@exemple.fr",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _appel() -> None:
    """A call that takes dossiers today."""
    campagne(code="OUVERT", fenetres=[{"code": "F1", "ouvre": "2022-03-15", "ferme": "2099-12-31"}])


def og(rang: int) -> OrganismeGestionnaire:
    finess = with_key(f"319500{rang:02d}")
    trouve: OrganismeGestionnaire = OrganismeGestionnaire.objects.get_or_create(
        finess=finess, rejeu=None, defaults={"nom": f"OG {rang}"}
    )[0]
    return trouve


def porteur(rang: int) -> Utilisateur:
    """A porteur who acts for that OG."""
    elle = personne(f"porteur:{rang}")
    if not elle.rattachements.exists():
        attach(elle, og(rang), du=date(2022, 1, 1))
    return elle


def seek(rang: int, **autrement: Any) -> DemandeGrappe:
    return declarer_recherche(og(rang), porteur(rang), **VOULU | autrement)


def read(client: Client, qui: Utilisateur) -> str:
    client.force_login(qui)
    reponse = client.get(ADRESSE)
    assert reponse.status_code == 200
    return text(reponse.content.decode())


def typed(rang: int, **autrement: Any) -> dict[str, Any]:
    return VOULU | {"og": og(rang).pk} | autrement


# Declaring.


def test_a_porteur_declares_and_the_journal_says_so(client: Client) -> None:
    elle = porteur(1)
    client.force_login(elle)
    reponse = client.post(f"{ADRESSE}declarer/", typed(1))
    assert (reponse.status_code, reponse["Location"]) == (302, ADRESSE)
    demande = DemandeGrappe.objects.get()
    assert (demande.og, demande.par, demande.nombre, demande.etat) == (og(1), elle, 9, "ouverte")
    entree = Entree.objects.get(chaine=demande.chaine)
    assert (entree.action, entree.de, entree.vers) == ("declarer_recherche", None, "ouverte")
    assert entree.donnees["nombre"] == 9
    assert [*journal.verify(), *journal.verify_states()] == []
    assert "Votre recherche est déclarée" in read(client, elle)


@pytest.mark.parametrize(
    ("faute", "phrase"),
    [
        ({"nombre": "0"}, "supérieure ou égale à 1"), ({"nombre": "beaucoup"}, "nombre entier"),
        ({"departement": "99"}, "Sélectionnez un choix valide"), ({"contact": "pas une adresse"}, "adresse"),
        ({"contact": ""}, "donnez une adresse de contact"), ({"og": "0"}, "Sélectionnez un choix valide"),
        ({"precisions": "x" * 2001}, "2000"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(faute: dict[str, str], phrase: str, client: Client) -> None:
    client.force_login(porteur(1))
    reponse = client.post(f"{ADRESSE}declarer/", typed(1, precisions="Près de Muret.") | faute)
    assert reponse.status_code == 422
    page = text(reponse.content.decode())
    assert phrase in page
    assert "Près de Muret." in page or "precisions" in faute
    assert not DemandeGrappe.objects.exists()


def test_one_does_not_seek_for_another_og(client: Client) -> None:
    client.force_login(porteur(1))
    assert client.post(f"{ADRESSE}declarer/", typed(2)).status_code == 422
    with pytest.raises(Refus) as refus:
        declarer_recherche(og(2), personne("porteur:1"), **VOULU)
    assert refus.value.code is Code.HORS_PERIMETRE
    with pytest.raises(Refus) as refus:
        declarer_recherche(og(2), personne("instructeur"), **VOULU)
    assert refus.value.code is Code.ROLE_INTERDIT
    assert not DemandeGrappe.objects.exists()


@pytest.mark.parametrize(
    "faute", [{"departement": "99"}, {"secteur": "MCO"}, {"nombre": 0}, {"contact": "x"}, {"projet": "refonte"}]
)
def test_the_service_refuses_what_a_form_would(faute: dict[str, Any]) -> None:
    with pytest.raises(Refus) as refus:
        seek(1, **faute)
    assert refus.value.code is Code.DONNEES_INVALIDES


def test_the_same_search_is_declared_once(client: Client) -> None:
    seek(1)
    client.force_login(personne("porteur:1"))
    reponse = client.post(f"{ADRESSE}declarer/", typed(1))
    assert reponse.status_code == 422
    assert "a déjà une demande ouverte" in text(reponse.content.decode())


def test_a_demand_is_modified_through_the_door() -> None:
    demande = seek(1)
    modifier(demande, personne("porteur:1"), nombre=12, contact_accepte=False)
    demande = DemandeGrappe.objects.get()
    assert (demande.nombre, demande.contact, demande.contact_public) == (12, "", "")


# Ending.


def test_a_demand_is_met_or_withdrawn(client: Client) -> None:
    un, deux = seek(1), seek(1, secteur="PH")
    client.force_login(personne("porteur:1"))
    assert client.post(f"{ADRESSE}{un.pk}/pourvoir/", {"grappe": "Les Tilleuls"}).status_code == 302
    assert client.post(f"{ADRESSE}{deux.pk}/retirer/", {"motif": "Projet repoussé."}).status_code == 302
    assert set(DemandeGrappe.objects.values_list("etat", "issue")) == {
        ("pourvue", "Les Tilleuls"), ("retiree", "Projet repoussé."),
    }  # fmt: skip
    page = read(client, personne("porteur:1"))
    assert "Les Tilleuls" in page
    reponse = client.post(f"{ADRESSE}{un.pk}/retirer/", {"motif": "Encore."})
    assert reponse.status_code == 422
    assert "n'est pas possible" in text(reponse.content.decode())


@pytest.mark.parametrize(("action", "champ"), [("retirer", "motif"), ("pourvoir", "grappe")])
def test_why_is_asked(action: str, champ: str, client: Client) -> None:
    demande = seek(1)
    client.force_login(personne("porteur:1"))
    reponse = client.post(f"{ADRESSE}{demande.pk}/{action}/", {champ: ""})
    assert reponse.status_code == 422
    assert "Rien n'a été enregistré" in text(reponse.content.decode())
    assert DemandeGrappe.objects.get().etat == "ouverte"


def test_the_demand_of_another_does_not_exist(client: Client) -> None:
    demande, _ = seek(1), seek(2)
    for qui in (personne("porteur:2"), personne("conseiller_grades"), personne("auditeur", None)):
        client.force_login(qui)
        assert client.post(f"{ADRESSE}{demande.pk}/retirer/", {"motif": "x"}).status_code == 404
        assert client.post(f"{ADRESSE}{demande.pk}/pourvoir/", {"grappe": "x"}).status_code == 404
    assert DemandeGrappe.objects.filter(etat="ouverte").count() == 2


# Suggestions.


def test_who_completes_the_grappe_comes_first(client: Client) -> None:
    seek(1)
    seek(2, nombre=2, contact="deux@exemple.fr")
    seek(3, nombre=6, secteur="PH", contact_accepte=False, contact="trois@exemple.fr")
    seek(4, nombre=20, projet="montee_de_version")
    page = read(client, personne("porteur:1"))
    assert "À vous deux : 15 ESSMS, le minimum de 15 est atteint." in page
    assert page.index("OG 3") < page.index("OG 2") < page.index("Déclarer une recherche")
    assert "deux@exemple.fr" in page
    assert "trois@exemple.fr" not in page
    assert "Contact non communiqué" in page


def test_overseas_the_minimum_is_eight(client: Client) -> None:
    seek(1, departement="2A", nombre=5)
    seek(2, departement="2B", nombre=3)
    assert "À vous deux : 8 ESSMS, le minimum de 8 est atteint." in read(client, personne("porteur:1"))


def test_a_draft_is_suggested_only_when_its_og_looks_for_others(client: Client) -> None:
    camp = campagne(code="AUTRE", dossiers=[{"essms": 12}])
    chef = camp.dossier("D1").grappe.og_porteur
    seek(1, nombre=3)
    assert chef.finess not in read(client, personne("porteur:1"))
    attach(personne("porteur:chef"), chef, du=date(2022, 1, 1))
    declarer_recherche(chef, personne("porteur:chef"), **VOULU | {"nombre": 1, "contact": "chef@exemple.fr"})
    page = read(client, personne("porteur:1"))
    assert f"La grappe que compose {chef} apporte 12 ESSMS." in page
    assert "À vous deux : 15 ESSMS" in page
    assert "chef@exemple.fr" in page


def test_without_a_call_the_page_says_why_nothing_is_suggested(client: Client) -> None:
    seek(1)
    seek(2)
    Fenetre.objects.update(ferme="2022-04-01")
    assert "Aucun appel à projets n'est ouvert" in read(client, personne("porteur:1"))


# Who sees what.


def test_a_visitor_signs_in_first(client: Client) -> None:
    assert client.get(ADRESSE)["Location"] == f"/connexion/?next={ADRESSE}"
    demande = seek(1)
    for suite in ("declarer/", f"{demande.pk}/retirer/", f"{demande.pk}/pourvoir/"):
        assert client.post(f"{ADRESSE}{suite}")["Location"].startswith("/connexion/")
        assert client.get(f"{ADRESSE}{suite}").status_code == 405


def test_a_form_without_its_token_is_refused() -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(porteur(1))
    assert strict.post(f"{ADRESSE}declarer/", typed(1)).status_code == 403
    assert not DemandeGrappe.objects.exists()


def test_her_region_for_an_adviser_or_an_officer(client: Client) -> None:
    seek(1, contact_accepte=False)
    seek(2, departement="75")
    for role in ("conseiller_grades", "instructeur", "responsable"):
        page = read(client, personne(role))
        assert "OG 1" in page
        assert "OG 2" not in page
        assert "nous@exemple.fr" in page, "who advises them may write to them"
        assert "Déclarer une recherche" not in page


def test_an_adviser_of_another_region_is_told_what_will_come(client: Client) -> None:
    seek(1)
    page = read(client, personne("conseiller_grades", "93"))
    assert "OG 1" not in page
    assert "Aucune demande dans votre région" in page


def test_a_national_role_sees_them_all(client: Client) -> None:
    seek(1)
    seek(2, departement="75")
    page = read(client, personne("pilote_national", None))
    assert "OG 1" in page
    assert "OG 2" in page


def test_a_porteur_who_looks_for_nothing_sees_nobody(client: Client) -> None:
    seek(1)
    assert "OG 1" not in read(client, porteur(2))
    declarer_recherche(og(2), personne("porteur:2"), **VOULU)
    assert "OG 1" in read(client, personne("porteur:2"))


def test_once_she_no_longer_acts_for_it_the_demand_is_not_hers(client: Client) -> None:
    demande = seek(1)
    elle = personne("porteur:1")
    elle.rattachements.update(au=date(2022, 1, 2))
    assert "Vous n'êtes rattaché à aucun organisme" in read(client, elle)
    assert client.post(f"{ADRESSE}{demande.pk}/retirer/", {"motif": "x"}).status_code == 404


def test_a_former_porteur_sees_nothing(client: Client) -> None:
    seek(1)
    elle = personne("porteur:1")
    Affectation.objects.filter(utilisateur=elle, role=Role.PORTEUR).update(au=date(2022, 1, 2))
    assert "OG 1" not in read(client, elle)


# Cost.


@pytest.mark.parametrize("role", ["porteur:1", "conseiller_grades"])
def test_forty_demands_cost_as_many_queries_as_two(role: str, client: Client) -> None:
    seek(1)
    seek(1, secteur="PH")
    seek(2)
    read(client, personne(role))
    with CaptureQueriesContext(connection) as peu:
        read(client, personne(role))
    for rang in range(3, 40):
        seek(rang)
    with CaptureQueriesContext(connection) as beaucoup:
        page = read(client, personne(role))
    assert "OG 39" in page
    assert len(beaucoup) == len(peu) <= 12 + 6  # six sign her in
