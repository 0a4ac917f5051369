"""People of these tests, with a password and a proven address, and what they read in their mail."""

import re
from datetime import date

from allauth.account.models import EmailAddress
from django.core import mail
from django.core.mail import EmailMessage
from django.test import Client

from comptes.models import Affectation, Utilisateur
from comptes.roles import Role

SECRET = "quatre-mots-et-demi"


def someone(nom: str, role: Role | None = None, region: str | None = None) -> Utilisateur:
    """nom@exemple.fr, proven; with a role since 2020 if one is given."""
    courriel = f"{nom}@exemple.fr"
    utilisateur = Utilisateur.objects.create_user(
        username=nom, email=courriel, password=SECRET, first_name=nom.title(), last_name="Essai"
    )
    EmailAddress.objects.create(user=utilisateur, email=courriel, primary=True, verified=True)
    if role:
        Affectation.objects.create(utilisateur=utilisateur, role=role, region_id=region, du=date(2020, 1, 1))
    return utilisateur


def signed_in(utilisateur: Utilisateur) -> Client:
    """Through the page, as a person does."""
    client = Client()
    reponse = client.post("/connexion/", {"username": utilisateur.email, "password": SECRET})
    assert reponse.status_code == 302, reponse.content.decode()
    return client


def link_in(message: EmailMessage) -> str:
    """The path of the one link of an e-mail."""
    lien: str
    [lien] = re.findall(r"https?://[^/\s]+(/\S+)", str(message.body))
    return lien


def mail_to(adresse: str) -> EmailMessage:
    """The last e-mail to that address."""
    return [message for message in mail.outbox if message.to == [adresse]][-1]


def sign_up(client: Client, courriel: str, **autres: str):
    donnees = {"first_name": "Odile", "last_name": "Delmas", "email": courriel, "password1": SECRET} | autres
    return client.post(autres.pop("adresse", "/inscription/"), {"password2": donnees["password1"]} | donnees)


def confirmed(client: Client) -> Client:
    """The same person, who has just typed her password again: what touches the security of the account asks for it."""
    assert client.post("/compte/confirmation/", {"password": SECRET}).status_code == 302
    return client
