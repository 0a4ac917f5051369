"""On an empty base: the number of queries does not grow, and an empty list teaches."""

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from aap.models import Dossier
from comptes.roles import Role
from instruction.agenda import accorder
from instruction.liste.lecture import PAR_PAGE
from instruction.rejeu import play
from tests.instruction import campagne

pytestmark = pytest.mark.django_db
REQUETES = 12


@pytest.fixture
def auditeur(client: Client) -> Client:
    client.force_login(campagne.person("auditeur", Role.AUDITEUR))
    return client


def test_list_of_fifty_costs_as_much_as_of_five(auditeur: Client, jour: date):
    campagne.keep(["depose", "en_recevabilite", "en_instruction", "a_completer", "brouillon"], jour)
    auditeur.get("/")  # the rule set is parsed once per process
    with CaptureQueriesContext(connection) as peu:
        assert auditeur.get("/").context["liste"].compte.nombre == 5

    modele = Dossier.objects.get(reference="76-0001")
    for rang in range(45):
        _copy(modele, rang)
    with CaptureQueriesContext(connection) as beaucoup:
        lue = auditeur.get("/").context["liste"]

    assert (lue.compte.nombre, len(lue.rangees)) == (50, PAR_PAGE)
    assert len(beaucoup) == len(peu) <= REQUETES


def test_page_of_48_essms_costs_as_much_as_of_15(auditeur: Client, jour: date):
    comptes = []
    for essms in (15, 48):
        jeu = campagne.scenario(["declare"], jour, essms=essms, code=f"OCC-{essms}", premier=essms)
        assert play(jeu, keep=True)["refus"] == []
        adresse = f"/dossiers/{Dossier.objects.get(aap__code=f'OCC-{essms}').pk}/"
        auditeur.get(adresse)
        with CaptureQueriesContext(connection) as requetes:
            assert auditeur.get(adresse).context["fiche"].grappe.essms == essms
        comptes.append(len(requetes))
    assert comptes[0] == comptes[1] <= REQUETES


def test_empty_list_teaches(auditeur: Client):
    assert "Aucun dossier pour l'instant" in campagne.text(auditeur.get("/").content.decode())


def _copy(modele: Dossier, rang: int) -> None:
    """A draft of the same call with a grappe of its own."""
    grappe = modele.grappe
    grappe.pk, grappe._state.adding = None, True
    grappe.save()
    copie = Dossier.objects.create(
        aap=modele.aap, reference=f"copie-{rang}", grappe=grappe, projet="acquisition", segur=True
    )
    accorder(copie)
