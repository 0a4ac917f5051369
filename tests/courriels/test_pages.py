"""The preview in development, a person's choices, and the link that stops the digests."""

from datetime import date
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from comptes.roles import Role
from courriels.models import Courriel, Preference
from courriels.preferences import token
from courriels.releve import collect
from moteur import horloge
from tests.fabriques import Campagne, amener, personne

pytestmark = pytest.mark.django_db
APERCU, PREFERENCES = "/courriels/apercu/", "/mon-compte/courriels/"


@pytest.fixture
def lus(camp: Campagne) -> Campagne:
    amener(camp.dossier("D1"), "a_completer")
    with horloge.figer(horloge.ouverture(date(2022, 4, 5))):
        collect()
    return camp


@pytest.fixture
def developpement(settings: Any, client: Client) -> Client:
    settings.LOCAL = settings.DEBUG = True
    client.force_login(personne(Role.AUDITEUR, None))
    return client


# The preview.


@pytest.mark.parametrize(("local", "debug"), [(False, True), (True, False), (False, False)])
def test_the_preview_exists_in_development_only(
    lus: Campagne, client: Client, settings: Any, *, local: bool, debug: bool
) -> None:
    client.force_login(personne(Role.AUDITEUR, None))
    settings.LOCAL, settings.DEBUG = local, debug
    cle = Courriel.objects.values_list("pk", flat=True)[0]
    adresses = [APERCU, f"{APERCU}{cle}/", f"{APERCU}{cle}/html/"]
    assert [client.get(adresse).status_code for adresse in adresses] == [404, 404, 404]


def test_the_preview_lists_what_was_written(lus: Campagne, developpement: Client) -> None:
    page = developpement.get(APERCU).content.decode()
    assert "Rien n'est envoyé ici" in page.replace("&#x27;", "'")
    assert page.count("Dossier D1 : ") == Courriel.objects.count() > 0


def test_the_preview_of_nothing_teaches(developpement: Client) -> None:
    assert "il s'en écrit quand un dossier avance" in developpement.get(APERCU).content.decode()


def test_one_e_mail_is_shown_as_text_and_in_a_frame_that_can_do_nothing(lus: Campagne, developpement: Client) -> None:
    courriel = Courriel.objects.filter(nature="action")[0]
    page = developpement.get(f"{APERCU}{courriel.pk}/").content.decode()
    assert f'sandbox title="Le courriel mis en forme" src="{APERCU}{courriel.pk}/html/"' in page
    assert "Motif : Motif du test." in page
    assert "style=" not in page
    cadre = developpement.get(f"{APERCU}{courriel.pk}/html/")
    assert cadre.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert cadre.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert cadre.content.decode() == courriel.html


def test_what_people_typed_is_escaped_in_the_html_and_plain_in_the_text(camp: Campagne) -> None:
    dossier = camp.dossier("D1")
    type(dossier.grappe).objects.update(nom="A & <script>alert(1)</script>\nB")
    amener(dossier, "depose")
    collect()
    courriel = Courriel.objects.filter(nature="action")[0]
    assert "<script>" not in courriel.html
    assert "A &amp; &lt;script&gt;" in courriel.html
    assert "A & <script>" in courriel.texte
    assert "\n" not in courriel.sujet


def test_the_list_costs_as_much_for_fifty_as_for_five(lus: Campagne, developpement: Client) -> None:
    developpement.get(APERCU)
    with CaptureQueriesContext(connection) as peu:
        developpement.get(APERCU)
    modele = Courriel.objects.all()[0]
    Courriel.objects.bulk_create(
        Courriel(
            evenement=f"envoi:x{rang}", destinataire_id=modele.destinataire_id, nature="information", sort="retenu",
            sujet="x", fait_le=modele.fait_le, cree_le=modele.cree_le,
        )
        for rang in range(120)
    )  # fmt: skip
    with CaptureQueriesContext(connection) as beaucoup:
        developpement.get(APERCU)
    assert len(beaucoup) == len(peu) <= 12


def test_the_command_writes_and_counts(camp: Campagne, settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
    amener(camp.dossier("D1"), "depose")
    settings.LOCAL = settings.DEBUG = True
    call_command("courriels")
    dit = capsys.readouterr().out
    assert "événements lus" in dit
    assert "http://127.0.0.1:8000/courriels/apercu/" in dit
    assert Courriel.objects.exists()


# A person's choices.


def test_choices_ask_to_sign_in(client: Client) -> None:
    reponse = client.get(PREFERENCES)
    assert reponse.status_code == 302
    assert reponse["Location"].startswith(reverse("connexion"))


def test_choices_are_shown_then_kept(client: Client, db: None) -> None:
    qui = personne("porteur")
    client.force_login(qui)
    page = client.get(PREFERENCES).content.decode()
    assert page.count("checked") == 2
    assert "n'a pas d'adresse" in page.replace("&#x27;", "'")
    reponse = client.post(PREFERENCES, {"action": "resume", "information": "aucun"}, follow=True)
    assert "Choix enregistrés" in reponse.content.decode()
    choisis = set(Preference.objects.filter(utilisateur=qui).values_list("nature", "rythme"))
    assert choisis == {("action", "resume"), ("information", "aucun")}
    client.post(PREFERENCES, {"action": "resume", "information": "resume"})
    assert Preference.objects.filter(utilisateur=qui).count() == 2


@pytest.mark.parametrize("donnees", [{"action": "aucun", "information": "aucun"}, {"action": "resume"}, {}])
def test_a_bad_choice_is_said_and_keeps_nothing(client: Client, db: None, donnees: dict[str, str]) -> None:
    client.force_login(personne("porteur"))
    reponse = client.post(PREFERENCES, donnees)
    assert "Choix non enregistrés" in reponse.content.decode()
    assert not Preference.objects.exists()


def test_nobody_chooses_for_another(client: Client, db: None) -> None:
    autre = personne("porteur:b")
    client.force_login(personne("porteur"))
    client.post(PREFERENCES, {"action": "resume", "information": "aucun", "utilisateur": autre.pk})
    assert not Preference.objects.filter(utilisateur=autre).exists()


# The link of the digests.


def test_the_link_stops_the_news_without_signing_in_and_only_when_posted(db: None) -> None:
    qui = personne("porteur")
    adresse = reverse("courriels-desabonnement", args=[token(qui.pk)])
    navigateur = Client(enforce_csrf_checks=True)
    assert navigateur.get(adresse).status_code == 200
    assert not Preference.objects.exists()  # a mail program that opens every link stops nothing
    assert "C'est fait" in navigateur.post(adresse, {"List-Unsubscribe": "One-Click"}).content.decode()
    assert list(Preference.objects.values_list("utilisateur", "nature", "rythme")) == [(qui.pk, "information", "aucun")]


@pytest.mark.parametrize("jeton", ["1", "x:y", "MQ:1t:zzzz"])
def test_a_link_made_elsewhere_is_not_found(client: Client, db: None, jeton: str) -> None:
    personne("porteur")
    assert client.post(reverse("courriels-desabonnement", args=[jeton])).status_code == 404
    assert not Preference.objects.exists()
