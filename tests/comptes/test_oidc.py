"""Signing in through an OpenID Connect provider: a real one, run here in a process of its own."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth import get_user
from django.test import Client

from comptes.models import Utilisateur
from comptes.roles import Role
from moteur import horloge
from tests.comptes.gens import SECRET, link_in, mail_to, sign_up, someone
from tests.instruction.campagne import text

pytestmark = pytest.mark.django_db
PARTIR = "/fournisseurs/proconnect/"
RETOUR = "/fournisseurs/proconnect/retour/"


@pytest.fixture(scope="module")
def emetteur() -> Iterator[str]:
    """The address of a provider, which answers once ready."""
    commande = [sys.executable, "-W", "ignore", "-m", "tests.comptes.fournisseur"]
    with subprocess.Popen(commande, stdout=subprocess.PIPE, text=True) as processus:
        assert processus.stdout
        adresse = processus.stdout.readline().strip()
        assert adresse.startswith("http://localhost:")
        yield adresse
        processus.terminate()


@pytest.fixture
def fournisseur(emetteur: str, settings: Any) -> str:
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app(emetteur)]}}
    return emetteur


def app(emetteur: str) -> dict[str, Any]:
    reglages = {"server_url": emetteur, "oauth_pkce_enabled": True}
    return {
        "provider_id": "proconnect", "name": "ProConnect", "client_id": "esms", "secret": "s", "settings": reglages,
    }  # fmt: skip


def leave(client: Client, suite: str = "") -> str:
    """Where the provider is asked: the address the browser is sent to."""
    depart = client.post(PARTIR + (f"?next={suite}" if suite else ""))
    assert depart.status_code == 302, text(depart.content.decode())
    return str(depart["Location"])


def authorize(emetteur: str, demande: str, sub: str, **dits: Any) -> str:
    """The path by which the provider sends the person back, once she said yes there."""
    requests.put(f"{emetteur}/users/{sub}", json={"sub": sub} | dits, timeout=5).raise_for_status()
    accord = requests.post(demande, data={"sub": sub}, allow_redirects=False, timeout=5)
    assert accord.status_code == 302, accord.text
    retour = urlsplit(accord.headers["Location"])
    return f"{retour.path}?{retour.query}"


def come_back(client: Client, emetteur: str, sub: str, **dits: Any):
    return client.get(authorize(emetteur, leave(client), sub, **dits))


def refused(reponse: Any) -> bool:
    return "Personne n'a été connecté" in text(reponse.content.decode())


def test_the_request_carries_state_nonce_and_proof_key(fournisseur: str, client: Client):
    demande = parse_qs(urlsplit(leave(client)).query)
    assert {"state", "nonce", "code_challenge"} <= demande.keys()
    assert demande["code_challenge_method"] == ["S256"]
    assert demande["response_type"] == ["code"]
    autre = parse_qs(urlsplit(leave(client)).query)
    assert (autre["nonce"], autre["state"]) != (demande["nonce"], demande["state"])


def test_a_newcomer_becomes_a_porteur(fournisseur: str, client: Client):
    formulaire = come_back(client, fournisseur, "odile", email="odile@organisme.fr", email_verified=True,
                           given_name="Odile", family_name="Delmas")  # fmt: skip
    if formulaire["Location"].startswith("/fournisseurs/inscription"):
        sign_up(client, "odile@organisme.fr", adresse=formulaire["Location"])
    odile = Utilisateur.objects.get(email="odile@organisme.fr")
    assert get_user(client) == odile
    assert odile.get_full_name() == "Odile Delmas"
    assert odile.roles_au(horloge.aujourdhui()) == {Role.PORTEUR: frozenset({None})}


def test_a_proven_address_links_to_the_account_that_proved_it(fournisseur: str, client: Client):
    claire = someone("claire", Role.INSTRUCTEUR, "76")
    dits = {"email": "claire@exemple.fr", "email_verified": True}
    assert come_back(client, fournisseur, "claire", **dits)["Location"] == "/"
    assert get_user(client) == claire
    assert SocialAccount.objects.get(user=claire).uid == "claire"
    assert claire.affectations.count() == 1


@pytest.mark.parametrize("dit", [False, None, "true", "false", 1])
def test_an_address_that_is_not_proven_links_to_nothing(fournisseur: str, client: Client, dit: Any):
    someone("claire")
    come_back(client, fournisseur, f"intrus-{dit}", email="claire@exemple.fr", email_verified=dit)
    assert not get_user(client).is_authenticated
    assert not SocialAccount.objects.exists()


def test_an_account_opened_in_advance_on_somebody_s_address_is_lost_by_its_author(fournisseur: str):
    """An attacker signs up with the address of a victim and waits: the victim's provider throws her password away."""
    sign_up(Client(), "victime@exemple.fr")
    lien = link_in(mail_to("victime@exemple.fr"))
    victime = Client()
    come_back(victime, fournisseur, "victime", email="victime@exemple.fr", email_verified=True)
    assert not Utilisateur.objects.get().has_usable_password()
    victime.post(lien)
    assert get_user(victime).is_authenticated
    intrus = Client()
    intrus.post("/connexion/", {"username": "victime@exemple.fr", "password": SECRET})
    assert not get_user(intrus).is_authenticated


def test_an_unproven_newcomer_must_prove_her_address(fournisseur: str, client: Client):
    formulaire = come_back(client, fournisseur, "paul", email="paul@organisme.fr", email_verified=False)
    sign_up(client, "paul@organisme.fr", adresse=formulaire["Location"])
    paul = Utilisateur.objects.get(email="paul@organisme.fr")
    assert not paul.affectations.exists()
    assert not EmailAddress.objects.filter(verified=True).exists()
    client.post(link_in(mail_to("paul@organisme.fr")))
    assert paul.affectations.get().role == Role.PORTEUR


def test_an_answer_to_nobody_s_question_is_refused(fournisseur: str, client: Client):
    retour = authorize(fournisseur, leave(client), "claire", email="claire@exemple.fr", email_verified=True)
    victime = Client()
    assert refused(victime.get(retour))
    assert refused(victime.get(f"{RETOUR}?code=abc&state=invente"))
    assert not get_user(victime).is_authenticated
    assert not SocialAccount.objects.exists()


def test_an_answer_serves_once(fournisseur: str, client: Client):
    someone("claire")
    retour = authorize(fournisseur, leave(client), "claire", email="claire@exemple.fr", email_verified=True)
    assert client.get(retour).status_code == 302
    client.post("/deconnexion/")
    assert refused(client.get(retour))


def test_a_code_put_in_another_answer_is_refused(fournisseur: str):
    """The code of an attacker with the state of a victim. This provider ignores the proof key: the nonce says no."""
    intrus, victime = Client(), Client()
    dits = {"email": "intrus@exemple.fr", "email_verified": True}
    code = parse_qs(urlsplit(authorize(fournisseur, leave(intrus), "intrus", **dits)).query)["code"][0]
    state = parse_qs(urlsplit(leave(victime)).query)["state"][0]
    assert refused(victime.get(f"{RETOUR}?code={code}&state={state}"))
    assert not get_user(victime).is_authenticated


def test_saying_no_at_the_provider_is_no_error(fournisseur: str, client: Client):
    state = parse_qs(urlsplit(leave(client)).query)["state"][0]
    page = client.get(f"{RETOUR}?error=access_denied&state={state}", follow=True)
    assert "Vous avez renoncé" in text(page.content.decode())


def test_next_is_kept_and_never_leads_elsewhere(fournisseur: str, client: Client):
    someone("claire")
    dits = {"email": "claire@exemple.fr", "email_verified": True}
    assert client.get(authorize(fournisseur, leave(client, "/compte/"), "claire", **dits))["Location"] == "/compte/"
    client.post("/deconnexion/")
    assert client.get(authorize(fournisseur, leave(client, "//mal.fr"), "claire", **dits))["Location"] == "/"


def test_leaving_takes_a_click(fournisseur: str, client: Client):
    """A link cannot sign somebody in as somebody else: a GET only asks."""
    page = client.get(PARTIR)
    assert page.status_code == 200
    assert "Vous allez quitter ce site" in text(page.content.decode())


def test_a_provider_that_is_not_configured_does_not_exist(client: Client):
    assert client.post("/fournisseurs/inconnu/").status_code == 404
    assert client.get("/fournisseurs/inconnu/retour/?code=a&state=b").status_code == 404


def test_the_button_is_on_the_sign_in_page(fournisseur: str, client: Client):
    assert "S'identifier avec ProConnect" in text(client.get("/connexion/").content.decode())
