"""Signing in and out, and what an attacker tries there."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.auth import get_user
from django.core import mail
from django.test import Client

from comptes.models import Utilisateur
from instruction.demonstration import comptes as demonstration
from tests.comptes.gens import SECRET, link_in, mail_to, signed_in, someone
from tests.instruction.campagne import text

pytestmark = pytest.mark.django_db


def sign_in(client: Client, qui: str, secret: str = SECRET, **autres: str):
    return client.post("/connexion/", {"username": qui, "password": secret} | autres)


@pytest.mark.parametrize("qui", ["claire", "claire@exemple.fr", "Claire@Exemple.fr "])
def test_by_address_or_by_name(client: Client, qui: str):
    claire = someone("claire")
    assert sign_in(client, qui)["Location"] == "/"
    assert get_user(client) == claire


@pytest.mark.parametrize(
    "ailleurs",
    ["https://mal.fr/", "//mal.fr/", "/\\mal.fr", "javascript:alert(1)", "http:///mal.fr", "\thttps://mal.fr"],
)
@pytest.mark.parametrize("adresse", ["/connexion/", "/connexion/?next={}"])
def test_next_never_leads_elsewhere(client: Client, adresse: str, ailleurs: str):
    someone("claire")
    reponse = client.post(adresse.format(ailleurs), {"username": "claire", "password": SECRET, "next": ailleurs})
    assert reponse["Location"] == "/"


@pytest.mark.parametrize("ailleurs", ["https://mal.fr/", "//mal.fr/"])
def test_signing_out_never_leads_elsewhere(ailleurs: str):
    assert signed_in(someone("claire")).post("/deconnexion/", {"next": ailleurs})["Location"] == "/"


def test_next_that_is_ours_is_followed(client: Client):
    someone("claire")
    assert sign_in(client, "claire", next="/compte/")["Location"] == "/compte/"


def test_the_session_of_the_visitor_is_not_the_one_of_the_person(client: Client):
    """An attacker who planted a session identifier gains nothing when its owner signs in."""
    client.get("/inscription/")
    session = client.session
    session["plante"] = True
    session.save()
    avant = str(session.session_key)
    someone("claire")
    sign_in(client, "claire")
    assert client.session.session_key != avant
    assert not client.session.exists(avant)


def test_wrong_name_and_wrong_password_are_one_refusal(client: Client):
    someone("claire")
    pages = [text(sign_in(client, *essai).content.decode()) for essai in (("claire", "faux"), ("personne", "faux"))]
    assert "Connexion refusée" in pages[0]
    assert re.sub(r"\bclaire\b", "X", pages[0]) == re.sub(r"\bpersonne\b", "X", pages[1])


def test_closed_account_is_refused_like_any_other(client: Client):
    someone("claire")
    Utilisateur.objects.update(is_active=False)
    assert sign_in(client, "claire").status_code in (200, 302)
    assert not get_user(client).is_authenticated


def test_too_many_wrong_passwords_shut_the_account_for_a_while(client: Client):
    """Even the right one: else guessing goes on. Counted in the database: another process knows it too."""
    someone("claire")
    statuts = [sign_in(client, "claire", "faux").status_code for _ in range(6)]
    assert statuts == [200] * 5 + [429]
    juste = sign_in(Client(), "claire")
    assert juste.status_code == 429
    assert "attendez cinq minutes" in text(juste.content.decode())


def test_password_is_reset_once_by_the_link_alone(client: Client):
    claire = someone("claire")
    ailleurs = signed_in(claire)
    client.post("/mot-de-passe-oublie/", {"email": "claire@exemple.fr"})
    lien = link_in(mail_to("claire@exemple.fr"))
    choix = client.get(lien)["Location"]
    assert lien.split("/")[-2].split("-", 1)[1] not in choix  # the token leaves the address bar
    neuf = {"password1": "un-tout-autre-secret", "password2": "un-tout-autre-secret"}
    assert client.post(choix, neuf)["Location"] == "/mot-de-passe-oublie/change/"

    assert sign_in(Client(), "claire").status_code == 200
    assert sign_in(Client(), "claire", "un-tout-autre-secret").status_code == 302
    assert not get_user(ailleurs).is_authenticated
    repris = Client().get(lien, follow=True)
    assert "Ce lien ne sert plus" in text(repris.content.decode())


def test_asking_a_reset_does_not_tell_who_has_an_account(client: Client):
    someone("claire")
    reponses = [client.post("/mot-de-passe-oublie/", {"email": f"{nom}@exemple.fr"}) for nom in ("claire", "personne")]
    assert {(r.status_code, r["Location"]) for r in reponses} == {(302, "/mot-de-passe-oublie/envoye/")}
    assert "n'a pas de compte" in mail_to("personne@exemple.fr").body


def test_other_sessions_are_listed_and_ended():
    claire = someone("claire")
    ici, ailleurs = signed_in(claire), signed_in(claire)
    assert UserSession.objects.filter(user=claire).count() == 2
    assert "Celle-ci" in text(ici.get("/compte/sessions/").content.decode())
    ici.post("/compte/sessions/")
    assert get_user(ici).is_authenticated
    assert not get_user(ailleurs).is_authenticated


def test_changing_the_password_asks_the_old_one_and_is_told():
    claire = someone("claire")
    client = signed_in(claire)
    neuf = {"password1": "un-tout-autre-secret", "password2": "un-tout-autre-secret"}
    assert client.post("/compte/mot-de-passe/", {"oldpassword": "faux"} | neuf).status_code == 200
    assert client.post("/compte/mot-de-passe/", {"oldpassword": SECRET} | neuf).status_code == 302
    assert "Si ce n'est pas vous" in mail.outbox[-1].body
    assert Utilisateur.objects.get(pk=claire.pk).check_password("un-tout-autre-secret")


def test_the_accounts_of_the_demonstration_sign_in_with_the_printed_password(client: Client):
    gens = demonstration.create()
    assert sign_in(client, "demo.instructeur", demonstration.password())["Location"] == "/"
    assert get_user(client) == gens["instructeur"]
    assert mail.outbox == []


def test_accounts_of_a_demonstration_older_than_the_addresses_still_sign_in(client: Client):
    demonstration.create()
    EmailAddress.objects.all().delete()
    demonstration.renew()
    assert sign_in(client, "demo.porteur", demonstration.password())["Location"] == "/"
