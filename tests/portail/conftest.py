"""A porteur signed in, and a draft of hers in a call whose window is open on the day of the tests."""

from datetime import date

import pytest
from django.test import Client

from aap.ouverture import open_draft
from grappes.models import OrganismeGestionnaire
from grappes.projets import Projet
from moteur import horloge
from tests.fabriques import PORTE, campagne, porteuse

JOUR = date(2022, 4, 1)


@pytest.fixture(autouse=True)
def jour():
    """The window of the test call is open."""
    with horloge.figer(horloge.ouverture(JOUR)):
        yield JOUR


@pytest.fixture
def og(db):
    return OrganismeGestionnaire.objects.create(finess="310000010", nom="Les Tilleuls")


@pytest.fixture
def personne(og):
    return porteuse(og)


@pytest.fixture
def brouillon(og, personne):
    aap = campagne(dossiers=0).aap
    return open_draft(aap, par=personne, og=og, nom="Grappe des Tilleuls", projet=Projet.ACQUISITION)


@pytest.fixture
def client(personne):
    """Signed in as the porteur of the draft; CSRF is checked elsewhere, with a client of its own."""
    navigateur = Client()
    navigateur.force_login(personne, backend=PORTE)
    return navigateur
