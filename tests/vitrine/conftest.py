"""A call whose window is open on the day of the tests, and its page."""

from datetime import date

import pytest

from moteur import horloge
from tests.fabriques import campagne

JOUR = date(2022, 4, 1)


@pytest.fixture(autouse=True)
def jour():
    with horloge.figer(horloge.ouverture(JOUR)):
        yield JOUR


@pytest.fixture
def aap(db):
    return campagne(dossiers=0).aap


@pytest.fixture
def adresse(aap):
    return f"/appels/{aap.code}/"
