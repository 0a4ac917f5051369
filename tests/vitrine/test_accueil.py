"""Where the address of the site leads, and the menu, by what the reader is."""

import re

import pytest
from django.test import Client

from comptes.roles import Role
from grappes.models import OrganismeGestionnaire
from tests.fabriques import PORTE, personne, porteuse

pytestmark = pytest.mark.django_db
ENTREE = re.compile(r'fr-nav__link" href="([^"]*)"(?: aria-current="(\w+)")?>([^<]*)<')


def menu(client: Client, adresse: str) -> list[tuple[str, str]]:
    """Words of each entry, and whether it is where we are."""
    page = client.get(adresse, follow=True).content.decode()
    return [(texte, courante) for _, courante, texte in ENTREE.findall(page)]


def agent(client: Client, role: Role = Role.INSTRUCTEUR) -> Client:
    client.force_login(personne(role.value), backend=PORTE)
    return client


def porteur(client: Client) -> Client:
    client.force_login(porteuse(OrganismeGestionnaire.objects.create(finess="310000010", nom="Og")), backend=PORTE)
    return client


def test_a_visitor_is_led_to_the_calls(client: Client):
    assert client.get("/")["Location"] == "/appels/"


def test_a_link_to_a_filtered_list_asks_to_sign_in_and_comes_back(client: Client):
    assert client.get("/?etat=clos")["Location"] == "/connexion/?next=/%3Fetat%3Dclos"


def test_a_porteur_is_led_to_her_dossiers(client: Client):
    assert porteur(client).get("/")["Location"] == "/mes-dossiers/"


def test_an_agent_stays_on_the_list(client: Client):
    assert agent(client).get("/").status_code == 200


def test_nobody_posts_there(client: Client):
    assert client.post("/").status_code == 405


def test_menu_of_a_visitor(client: Client):
    assert menu(client, "/faq/") == [("Appels à projets", ""), ("Aide", "true")]
    assert menu(client, "/appels/") == [("Appels à projets", "page"), ("Aide", "")]


def test_menu_of_a_porteur(client: Client, aap):
    noms = ["Mes dossiers", "Mise en relation", "Appels à projets", "Aide", "Demander de l&#x27;aide"]
    porteur(client)
    for adresse, attendus in {
        "/": ["page", "", "", "", ""],
        "/mes-dossiers/nouveau/": ["true", "", "", "", ""],
        "/mise-en-relation/": ["", "page", "", "", ""],
        f"/appels/{aap.code}/": ["", "", "true", "", ""],
        "/guide/": ["", "", "", "page", ""],
        "/aide/": ["", "", "", "", "page"],
        "/compte/": ["", "", "", "", ""],
    }.items():
        assert menu(client, adresse) == list(zip(noms, attendus, strict=True)), adresse


def test_menu_of_an_agent(client: Client):
    noms = ["Tâches", "Dossiers", "Mise en relation", "Comité", "Vérifications", "Importer", "Risques"]
    noms += ["Demandes d&#x27;aide", "Appels à projets"]
    agent(client)
    assert menu(client, "/") == [(nom, "page" if nom == "Dossiers" else "") for nom in noms]
    assert menu(client, "/importer/") == [(nom, "page" if nom == "Importer" else "") for nom in noms]


@pytest.mark.parametrize(
    ("role", "listes"),
    [
        (Role.RESPONSABLE, ["Comité", "Vérifications", "Paiements"]),
        (Role.COMPTABLE, ["Paiements"]),
        (Role.AUDITEUR, []),
    ],
)
def test_the_lists_that_lead_to_acts_are_for_who_does_them(client: Client, role: Role, listes: list[str]):
    noms = [texte for texte, _ in menu(agent(client, role), "/")]
    assert [nom for nom in noms if nom in ("Comité", "Vérifications", "Paiements")] == listes


def test_who_may_not_import_is_not_invited_to(client: Client):
    assert "Importer" not in [texte for texte, _ in menu(agent(client, Role.AUDITEUR), "/")]


def test_a_page_that_does_not_exist_keeps_the_menu(client: Client):
    assert menu(client, "/nulle-part/") == [("Appels à projets", ""), ("Aide", "")]
