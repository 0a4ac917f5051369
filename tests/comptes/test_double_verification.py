"""The second proof: an application of codes, its recovery codes, and the keys that replace a password."""

import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib.auth import get_user
from django.test import Client

from comptes.models import Utilisateur
from tests.comptes.gens import SECRET, confirmed, signed_in, someone
from tests.instruction.campagne import text

pytestmark = pytest.mark.django_db
ACTIVER = "/compte/securite/application/"


def code_of(secret: str) -> str:
    """What the application shows now."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def enrol(client: Client) -> str:
    """The secret of an application that has just been activated."""
    secret: str = confirmed(client).get(ACTIVER).context["form"].secret
    assert client.post(ACTIVER, {"code": code_of(secret)})["Location"] == "/compte/securite/secours/"
    return secret


def codes_of(client: Client) -> list[str]:
    return list(client.get("/compte/securite/secours/").context["unused_codes"])


def half_in(utilisateur: Utilisateur) -> Client:
    """Past the password, before the second proof."""
    client = Client()
    reponse = client.post("/connexion/", {"username": utilisateur.email, "password": SECRET})
    assert reponse["Location"] == "/connexion/code/"
    assert client.get("/compte/").status_code == 302
    return client


def test_enrolment_asks_the_password_and_a_true_code():
    client = signed_in(someone("claire"))
    assert client.get(ACTIVER).status_code == 302
    page = confirmed(client).get(ACTIVER)
    assert 'src="data:image/svg+xml' in page.content.decode()
    faux = client.post(ACTIVER, {"code": "000000"})
    assert "Ce code n'est pas le bon" in text(faux.content.decode())
    assert not Authenticator.objects.exists()


def test_the_password_alone_no_longer_opens():
    claire = someone("claire")
    secret = enrol(signed_in(claire))
    client = half_in(claire)
    assert "Ce code n'est pas le bon" in text(client.post("/connexion/code/", {"code": "000000"}).content.decode())
    code = code_of(secret)
    assert client.post("/connexion/code/", {"code": code})["Location"] == "/"
    assert get_user(client) == claire
    assert half_in(claire).post("/connexion/code/", {"code": code}).status_code == 200  # read over a shoulder


def test_a_recovery_code_serves_once():
    claire = someone("claire")
    premier = signed_in(claire)
    enrol(premier)
    code, *autres = codes_of(premier)
    assert len(autres) == 9
    assert half_in(claire).post("/connexion/code/", {"code": code}).status_code == 302
    assert half_in(claire).post("/connexion/code/", {"code": code}).status_code == 200
    assert code not in codes_of(premier)
    assert autres[0] in premier.get("/compte/securite/secours/codes.txt").content.decode()


def test_guessing_codes_is_stopped():
    claire = someone("claire")
    enrol(signed_in(claire))
    client = half_in(claire)
    pages = [text(client.post("/connexion/code/", {"code": f"{n:06}"}).content.decode()) for n in range(6)]
    assert "Trop d'essais" in pages[-1]


def test_the_application_can_be_taken_off():
    claire = someone("claire")
    client = signed_in(claire)
    enrol(client)
    assert "Active" in text(client.get("/compte/securite/").content.decode())
    client.post("/compte/securite/application/retirer/")
    assert not Authenticator.objects.exists()
    assert signed_in(claire)


def test_a_key_of_somebody_else_does_not_exist():
    cle = Authenticator.objects.create(user=someone("jeanne"), type=Authenticator.Type.WEBAUTHN, data={"name": "Clé"})
    client = confirmed(signed_in(someone("claire")))
    assert client.post(f"/compte/securite/cles/{cle.pk}/retirer/").status_code == 404
    assert client.get(f"/compte/securite/cles/{cle.pk}/").status_code == 404
    assert Authenticator.objects.filter(pk=cle.pk).exists()
