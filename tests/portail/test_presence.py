"""Who else is on a step, what she changed there, and what nobody else learns."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from aap.models import Dossier, Presence, Saisie
from aap.presence import FENETRE, OUBLI
from aap.services import share
from config import stockage
from grappes.models import Essms
from moteur import horloge
from moteur.models import Entree
from portail.presence import is_place
from tests.fabriques import PORTE, porteuse
from tests.fichiers import envoye, pdf


@pytest.fixture(autouse=True)
def coffre(settings, tmp_path):
    settings.STORAGES = settings.STORAGES | {"pieces": stockage.on_disk(tmp_path / "pieces")}


@pytest.fixture
def collegue(og, brouillon):
    autre = porteuse(og, "yvonne")
    share(brouillon, autre, "porter")
    return autre


@pytest.fixture
def autre(collegue):
    navigateur = Client()
    navigateur.force_login(collegue, backend=PORTE)
    return navigateur


def page(client, brouillon, lieu):
    return client.get(reverse("portail:etape", args=[brouillon.pk, lieu])).content.decode()


def ping(client, brouillon, lieu, *, vue=None, ecrit=""):
    donnees = {"ecrit": ecrit} | ({} if vue is None else {"vue": vue})
    return client.post(reverse("portail:presence", args=[brouillon.pk, lieu]), donnees)


def version(brouillon):
    return Dossier.objects.get(pk=brouillon.pk).version


def write(client, brouillon, **champs):
    donnees = champs | {f"vue:{nom}": "" for nom in champs}
    return client.post(reverse("portail:champ", args=[brouillon.pk, "projet"]), donnees)


def test_a_section_read_then_written_says_so_there_and_nowhere_else(client, autre, brouillon):
    assert "Mme Yvonne" not in page(client, brouillon, "projet")
    ping(autre, brouillon, "projet")
    assert "Mme Yvonne a cette section ouverte." in page(client, brouillon, "projet")
    ping(autre, brouillon, "projet", ecrit="oui")
    assert "Mme Yvonne modifie cette section." in page(client, brouillon, "projet")
    assert "Mme Yvonne" not in page(client, brouillon, "pieces")
    assert "cette section" not in page(autre, brouillon, "projet")


def test_saving_a_field_is_writing_even_without_javascript(client, autre, brouillon):
    adresse = reverse("portail:etape", args=[brouillon.pk, "projet"])
    autre.post(adresse, {"logiciel": "Titan", "vue:logiciel": ""})
    assert "Mme Yvonne modifie cette section." in page(client, brouillon, "projet")


def test_what_was_changed_since_the_page_was_read_is_told_in_the_words_of_the_form(client, autre, brouillon):
    vue = brouillon.version
    write(autre, brouillon, logiciel="Titan", presentation="Un dossier commun.")
    dit = ping(client, brouillon, "projet", vue=vue).content.decode()
    assert dit.count("presence__quoi") == 1
    assert "Mme Yvonne a modifié «\u00a0" in dit
    assert "Relire la section" in dit
    assert "presence__quoi" not in ping(client, brouillon, "depot", vue=vue).content.decode()
    assert "presence__quoi" not in ping(autre, brouillon, "projet", vue=vue).content.decode()  # hers
    assert "presence__quoi" not in ping(client, brouillon, "projet", vue=vue + 1).content.decode()  # read since


def test_an_answer_that_was_not_kept_is_not_told(client, autre, brouillon):
    write(client, brouillon, logiciel="Titan")
    vue = version(brouillon)
    write(autre, brouillon, logiciel="Netvie")  # she had not seen Titan
    assert "presence__quoi" not in ping(client, brouillon, "projet", vue=vue).content.decode()
    assert Saisie.objects.get(dossier=brouillon).champs["logiciel"]["valeur"] == "Titan"


def test_a_document_and_members_are_told_on_their_own_step(client, autre, brouillon, og):
    Essms.objects.create(finess="310000028", nom="EHPAD", categorie="500", departement_id="31", og=og)
    vue = brouillon.version
    autre.post(reverse("portail:ajouter", args=[brouillon.pk]), {"numeros": "310000028"})
    from_step = ping(client, brouillon, "grappe", vue=vue).content.decode()
    assert "Mme Yvonne a ajouté 1\u00a0ESSMS" in from_step
    assert "Mme Yvonne modifie cette section." in from_step
    lettre = {"fichier": envoye("lettre.pdf", pdf())}
    autre.post(reverse("portail:fournir", args=[brouillon.pk, "lettre_engagement"]), lettre)
    assert "Mme Yvonne a fourni «\u00a0" in ping(client, brouillon, "pieces", vue=vue).content.decode()


def test_whoever_left_is_forgotten_by_the_real_clock(client, autre, brouillon):
    """The business clock of these tests stands still, in 2022, as that of the demonstration does."""
    ping(autre, brouillon, "projet", ecrit="oui")
    presence = Presence.objects.get()
    assert abs(horloge.reelle() - presence.vue_le) < timedelta(minutes=1)
    Presence.objects.update(vue_le=presence.vue_le - FENETRE - timedelta(seconds=1))
    assert "Mme Yvonne" not in page(client, brouillon, "projet")
    Presence.objects.update(vue_le=presence.vue_le - OUBLI - timedelta(seconds=1))
    ping(client, brouillon, "pieces")
    assert [une.lieu for une in Presence.objects.all()] == ["pieces"]


def test_somebody_who_stopped_writing_is_still_there(client, autre, brouillon):
    ping(autre, brouillon, "projet", ecrit="oui")
    Presence.objects.update(ecrit_le=horloge.reelle() - FENETRE - timedelta(seconds=1))
    ping(autre, brouillon, "projet")
    assert "Mme Yvonne a cette section ouverte." in page(client, brouillon, "projet")


def test_reading_the_page_writes_nothing_and_costs_no_query_of_its_own(client, brouillon):
    page(client, brouillon, "projet")
    with CaptureQueriesContext(connection) as requetes:
        page(client, brouillon, "projet")
    [seule] = [une["sql"] for une in requetes if "aap_presence" in une["sql"]]
    assert 'FROM "aap_dossier"' in seule
    assert not Presence.objects.exists()


def test_being_there_is_no_fact_of_the_dossier(client, brouillon):
    avant = Entree.objects.count()
    with CaptureQueriesContext(connection) as requetes:
        assert ping(client, brouillon, "projet", vue=brouillon.version).status_code == 200
    assert Entree.objects.count() == avant
    assert len(requetes) <= 8
    assert version(brouillon) == brouillon.version
    ping(client, brouillon, "projet")
    assert Presence.objects.count() == 1


def test_every_step_says_it(client, brouillon):
    for lieu in ("appel", "grappe", "projet", "pieces", "depot"):
        assert f'hx-post="/mes-dossiers/{brouillon.pk}/presence/{lieu}/"' in page(client, brouillon, lieu)


@pytest.mark.parametrize(
    ("lieu", "existe"),
    [("projet", True), ("autodiagnostic.310000010", True), ("autodiagnostic", False), ("engagements", False),
     ("projet.310000010", False), ("autodiagnostic.3100", False), ("x" * 60, False)],
)  # fmt: skip
def test_only_places_of_the_filing_exist(client, brouillon, lieu, existe):
    assert is_place(lieu) is existe
    assert ping(client, brouillon, lieu).status_code == (200 if existe else 404)


def test_nobody_else_learns_it(client, autre, brouillon, og):
    ping(autre, brouillon, "projet")
    etrangere = Client()
    etrangere.force_login(porteuse(og, "zoe"), backend=PORTE)
    assert ping(etrangere, brouillon, "projet").status_code == 404
    assert client.get(reverse("portail:presence", args=[brouillon.pk, "projet"])).status_code == 405
    assert Presence.objects.count() == 1


@pytest.mark.parametrize("vue", ["", "-1", "x", "9" * 30])
def test_a_version_that_is_none_is_this_one(client, brouillon, vue):
    assert ping(client, brouillon, "projet", vue=vue).status_code == 200
