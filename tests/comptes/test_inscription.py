"""From nothing to a porteur: the account opens with the proof of its address, and sees nothing yet."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import get_user
from django.core import mail
from django.test import Client

from comptes.models import Utilisateur
from comptes.roles import Role
from moteur import horloge
from tests.comptes.gens import SECRET, confirmed, link_in, mail_to, sign_up, signed_in, someone
from tests.fabriques import campagne
from tests.instruction.campagne import text

pytestmark = pytest.mark.django_db
ADRESSE = "odile@organisme.fr"


def roles(courriel: str) -> dict[str, frozenset[str | None]]:
    return Utilisateur.objects.get(email=courriel).roles_au(horloge.aujourdhui())


def test_the_role_of_porteur_comes_with_the_proof_of_the_address(client: Client):
    campagne()
    assert sign_up(client, ADRESSE)["Location"] == "/inscription/verification/"
    assert roles(ADRESSE) == {}
    assert client.get("/compte/").status_code == 302

    lien = link_in(mail_to(ADRESSE))
    assert client.get(lien).status_code == 200
    assert roles(ADRESSE) == {}  # a mail reader that follows links confirms nothing
    assert client.post(lien)["Location"] == "/"
    assert roles(ADRESSE) == {Role.PORTEUR: frozenset({None})}
    assert str(get_user(client)) == "Odile Delmas"
    assert client.get("/")["Location"] == "/mes-dossiers/"
    assert client.get("/?q=").context["liste"].compte.nombre == 0
    assert client.get("/dossiers/1/").status_code == 404


def test_a_link_proves_once_and_signs_in_nobody_else(client: Client):
    sign_up(client, ADRESSE)
    lien = link_in(mail_to(ADRESSE))
    ailleurs = Client()
    assert ailleurs.post(lien).status_code == 302
    assert ailleurs.get("/compte/").status_code == 302
    assert "Ce lien ne sert plus" in text(Client().get(lien).content.decode())
    assert Utilisateur.objects.get(email=ADRESSE).affectations.count() == 1


def test_a_forged_link_proves_nothing(client: Client):
    sign_up(client, ADRESSE)
    lien = link_in(mail_to(ADRESSE))
    assert "Ce lien ne sert plus" in text(client.get(lien[:-3] + "xx/").content.decode())
    assert client.post(lien[:-3] + "xx/").status_code == 404


def test_a_link_expires(client: Client, monkeypatch: pytest.MonkeyPatch):
    sign_up(client, ADRESSE)
    lien = link_in(mail_to(ADRESSE))
    tard = horloge.maintenant() + timedelta(days=4)
    monkeypatch.setattr("django.core.signing.time.time", tard.timestamp)
    assert client.post(lien).status_code == 404
    assert roles(ADRESSE) == {}


def test_without_proof_nobody_signs_in(client: Client):
    sign_up(client, ADRESSE)
    reponse = Client().post("/connexion/", {"username": ADRESSE, "password": SECRET})
    assert reponse["Location"] == "/inscription/verification/"


def test_an_address_already_taken_is_not_told(client: Client):
    """Same answer, same status: only the owner of the address learns it."""
    someone("jeanne")
    neuve = sign_up(Client(), ADRESSE)
    prise = sign_up(client, "jeanne@exemple.fr")
    assert (prise.status_code, prise["Location"]) == (neuve.status_code, neuve["Location"])
    assert "elle en a déjà un" in mail_to("jeanne@exemple.fr").body
    assert Utilisateur.objects.filter(email="jeanne@exemple.fr").count() == 1


@pytest.mark.parametrize(
    ("champ", "valeur", "phrase"),
    [
        ("password1", "12345678", "entièrement numérique"),
        ("password1", "odile", "trop court"),
        ("password2", "autre-chose-encore", "même mot de passe"),
        ("email", "odile", "adresse"),
        ("last_name", "", "Écrivez votre nom"),
    ],
)
def test_what_is_wrong_is_said_above_and_beside_the_field(client: Client, champ: str, valeur: str, phrase: str):
    reponse = sign_up(client, **{"courriel": ADRESSE} | ({champ: valeur} if champ != "email" else {"courriel": valeur}))
    page = reponse.content.decode()
    assert f'<a href="#id_{champ}">' in page
    assert f'id="id_{champ}_error"' in page
    assert f"id_{champ}_error" in page.partition(f'name="{champ}"')[2].partition(">")[0]
    assert "<title>Erreur — " in page
    assert phrase in text(page)
    assert Utilisateur.objects.count() == 0
    assert mail.outbox == []


def test_fields_that_nobody_asks_are_ignored(client: Client):
    sign_up(client, ADRESSE, is_superuser="1", is_staff="1", role="administrateur", username="demo.admin")
    cree = Utilisateur.objects.get(email=ADRESSE)
    assert (cree.is_superuser, cree.is_staff, cree.affectations.count()) == (False, False, 0)
    assert cree.username != "demo.admin"


def test_one_more_address_gives_an_agent_no_role():
    agent = someone("claire", Role.INSTRUCTEUR, "76")
    client = confirmed(signed_in(agent))
    client.post("/compte/adresses/", {"action_add": "1", "email": "claire@ars.fr"})
    client.post(link_in(mail_to("claire@ars.fr")))
    assert EmailAddress.objects.get(email="claire@ars.fr").verified
    assert Utilisateur.objects.get(pk=agent.pk).roles_au(horloge.aujourdhui()).keys() == {Role.INSTRUCTEUR}


def test_the_last_proven_address_stays():
    claire = someone("claire")
    EmailAddress.objects.create(user=claire, email="claire@ars.fr")
    client = confirmed(signed_in(claire))
    for adresse in ("claire@exemple.fr", "claire@ars.fr"):
        client.post("/compte/adresses/", {"action_remove": "1", "email": adresse})
    assert list(EmailAddress.objects.filter(user=claire).values_list("email", "verified")) == [
        ("claire@exemple.fr", True)
    ]


def test_what_matters_asks_the_password_again_then_goes_on():
    client = signed_in(someone("claire"))
    detour = client.post("/compte/adresses/", {"action_add": "1", "email": "claire@ars.fr"})
    assert detour["Location"].startswith("/compte/confirmation/?next=")
    assert not EmailAddress.objects.filter(email="claire@ars.fr").exists()
    assert client.post(detour["Location"], {"password": "faux"}).status_code == 200
    client.post(detour["Location"], {"password": SECRET})
    assert link_in(mail_to("claire@ars.fr"))


def test_too_many_sign_ups_are_told_to_wait(client: Client):
    for rang in range(20):
        assert sign_up(client, f"x{rang}@exemple.fr").status_code == 302
    reponse = sign_up(client, "x20@exemple.fr")
    assert reponse.status_code == 429
    assert "Attendez une minute" in text(reponse.content.decode())
    assert not Utilisateur.objects.filter(email="x20@exemple.fr").exists()
