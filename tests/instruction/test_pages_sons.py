"""The SONS orders of a grappe on the page of its dossier."""

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from comptes.roles import Role
from grappes.models import CommandeSons
from tests.fabriques import amener
from tests.fabriques import campagne as ouvrir
from tests.instruction import campagne

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditeur(client: Client) -> Client:
    client.force_login(campagne.person("auditeur", Role.AUDITEUR))
    return client


def read(client: Client, adresse: str) -> str:
    return " ".join(campagne.text(client.get(adresse).content.decode()).split())


def test_orders_are_listed_with_what_bars_and_what_does_not(auditeur: Client) -> None:
    dossier = amener(ouvrir(dossiers=[{"projet": "montee_de_version", "logiciel": "Alpha"}]).dossier("D1"), "depose")
    adresse = f"/dossiers/{dossier.pk}/"
    assert "Commandes SONS" not in read(auditeur, adresse)
    with CaptureQueriesContext(connection) as sans:
        auditeur.get(adresse)
    for rang, logiciel in enumerate(("Alpha", "Beta")):
        essms = dossier.grappe.membres.select_related("essms__og")[rang].essms
        CommandeSons.objects.create(
            reference=f"ASP-{rang}", og=essms.og, essms=essms, logiciel=logiciel, commandee_le=date(2022, 3, 1)
        )
    texte = read(auditeur, adresse)
    assert "2 commandes connues de l'agence de paiement, 1 incompatible." in texte
    assert "ASP-1 du 01/03/2022 pour Beta, commandée, non déclarée par le porteur" in texte
    assert "le forfait usage reste ouvert" in texte
    assert "retirez l'ESSMS de la grappe" in texte
    assert "commande SONS ASP-1 du 1er mars 2022, non déclarée" in texte
    with CaptureQueriesContext(connection) as avec:
        auditeur.get(adresse)
    assert len(avec) == len(sans) + 1
