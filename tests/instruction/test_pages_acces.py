"""Who may open a page, and what a page that reads may do."""

from datetime import date

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import Client, RequestFactory

from comptes.acces import reader_on_loan
from comptes.models import Affectation, Region, Utilisateur
from comptes.roles import Role
from tests.instruction import campagne
from ui.lecture import EcriturePendantLecture, lecture_seule

pytestmark = pytest.mark.django_db


@pytest.fixture
def demonstration(settings):
    settings.LOCAL, settings.DEBUG = True, True
    return campagne.person(settings.LECTEUR_DEMO, Role.AUDITEUR)


@pytest.mark.parametrize("adresse", ["/dossiers/1/"])
def test_visitor_is_sent_to_sign_in_and_back(adresse: str, client: Client):
    reponse = client.get(adresse)
    assert reponse.status_code == 302
    assert reponse["Location"] == f"/connexion/?next={adresse}"


def test_sign_in_then_out(client: Client):
    campagne.person("auditeur", Role.AUDITEUR)
    refuse = client.post("/connexion/", {"username": "auditeur", "password": "faux"})
    assert "Connexion refusée" in refuse.content.decode()
    entre = client.post("/connexion/?next=/dossiers/7/", {"username": "auditeur", "password": "motdepasse"})
    assert entre["Location"] == "/dossiers/7/"
    assert client.get("/").status_code == 200
    assert client.get("/connexion/").status_code == 302
    assert client.get("/deconnexion/").status_code == 405
    client.post("/deconnexion/")
    assert client.get("/").status_code == 302


def test_sign_in_never_leads_elsewhere(client: Client):
    campagne.person("auditeur", Role.AUDITEUR)
    donnees = {"username": "auditeur", "password": "motdepasse", "next": "https://exemple.fr/"}
    assert client.post("/connexion/", donnees)["Location"] == "/"


def test_demonstration_lends_its_reader_and_says_so(demonstration: Utilisateur, client: Client):
    page = client.get("/").content.decode()
    assert "vous lisez en tant qu'auditeur" in page
    assert "Se connecter" in page


@pytest.mark.parametrize(("local", "debug"), [(False, True), (True, False), (False, False)])
def test_no_reader_is_lent_elsewhere(local: bool, debug: bool, demonstration: Utilisateur, client: Client, settings):
    settings.LOCAL, settings.DEBUG = local, debug
    assert reader_on_loan() is None
    assert client.get("/").status_code == 302


def test_account_that_may_act_is_never_lent(demonstration: Utilisateur, client: Client):
    Affectation.objects.create(
        utilisateur=demonstration, role=Role.RESPONSABLE, region=Region.objects.get(pk="76"), du=date(2020, 1, 1)
    )
    assert client.get("/").status_code == 302


@pytest.mark.parametrize("champs", [{"is_active": False}, {"is_superuser": True}, {"username": "autre"}])
def test_account_switched_off_or_too_strong_is_never_lent(champs: dict[str, object], demonstration, client: Client):
    Utilisateur.objects.filter(pk=demonstration.pk).update(**champs)
    assert client.get("/").status_code == 302


def test_account_without_a_role_is_never_lent(demonstration: Utilisateur, client: Client):
    Affectation.objects.filter(utilisateur=demonstration).delete()
    assert client.get("/").status_code == 302


@pytest.mark.parametrize("adresse", ["/", "/dossiers/1/"])
def test_pages_that_read_take_no_post(adresse: str, client: Client):
    client.force_login(campagne.person("auditeur", Role.AUDITEUR))
    assert client.post(adresse).status_code == 405


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE comptes_region SET nom = nom",
        "DELETE FROM comptes_region",
        "INSERT INTO comptes_region VALUES ('x', 'y')",
        "WITH x AS (DELETE FROM comptes_region RETURNING 1) SELECT * FROM x",
        "SELECT 1 FROM comptes_region FOR UPDATE",
        "SELECT 1 FROM comptes_region FOR NO KEY UPDATE",
        "SET ROLE postgres",
    ],
)
def test_reading_view_cannot_write_nor_lock(sql: str):
    @lecture_seule
    def vue(request: object) -> HttpResponse:
        connection.cursor().execute(sql)
        return HttpResponse()

    with pytest.raises(EcriturePendantLecture):
        vue(RequestFactory().get("/"))


def test_reading_view_may_read():
    @lecture_seule
    def vue(request: object) -> HttpResponse:
        return HttpResponse(str(Region.objects.count()))

    assert vue(RequestFactory().get("/")).content == b"18"


@pytest.mark.parametrize(
    ("code", "phrase"), [("404", "Page non trouvée"), ("403", "Accès refusé"), ("403_csrf", "expiré")]
)
def test_error_pages_are_in_the_frame(code: str, phrase: str, rf: RequestFactory):
    request = rf.get("/")
    request.user = AnonymousUser()
    page = render_to_string(f"{code}.html", request=request)
    assert phrase in page
    assert "République" in page


def test_server_error_page_needs_nothing():
    """It is rendered without a request: the database itself may be down."""
    assert "Erreur inattendue" in render_to_string("500.html")


def test_unknown_page_is_ours(client: Client):
    reponse = client.get("/nulle-part/")
    assert reponse.status_code == 404
    assert "Page non trouvée" in reponse.content.decode()


def test_expired_form_says_what_to_do():
    strict = Client(enforce_csrf_checks=True)
    reponse = strict.post("/connexion/", {"username": "a", "password": "b"})
    assert reponse.status_code == 403
    assert "Formulaire expiré" in reponse.content.decode()
