"""One campaign for a whole module: played once in a transaction that is rolled back after the last test."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import transaction

from aap.models import Dossier
from moteur import horloge
from tests.instruction import campagne


@pytest.fixture(scope="module")
def jour() -> date:
    return horloge.aujourdhui()


@pytest.fixture(scope="module")
def campagne_jouee(django_db_setup: None, django_db_blocker: Any, jour: date) -> Iterator[dict[str, int]]:
    """Name in `campagne.ARRETS` → key of its dossier. To be used together with `db`."""
    with django_db_blocker.unblock(), transaction.atomic():
        noms = list(campagne.ARRETS)
        campagne.keep(noms, jour)
        cles = dict(Dossier.objects.values_list("reference", "pk"))
        yield {nom: cles[f"76-{rang:04d}"] for rang, nom in enumerate(noms, start=1)}
        transaction.set_rollback(True)
