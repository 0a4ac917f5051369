"""A site on its own committed database, and a real browser in front of it.

The database is one for the whole module: the journal refuses the emptying by which Django's live server
tests clean up, so a copy is made, and dropped with the module.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.db import connection, connections
from django.test.testcases import LiveServerThread
from playwright.sync_api import Browser, sync_playwright
from psycopg import sql

from aap.models import Dossier
from comptes.roles import Role
from moteur import horloge
from tests.instruction import campagne

CHROMIUM = "/usr/bin/chromium"
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
ABSENT = "Le navigateur manque : installez-le par « apt-get install -y chromium » (en root), puis relancez."
NOMS = list(campagne.ARRETS)


@dataclass(frozen=True)
class Site:
    """Where the site is served, and one dossier of each kind: name in the campaign → its page."""

    url: str
    dossiers: dict[str, str]


@dataclass(frozen=True)
class Campagne:
    """The base where the campaign was played, and the page of each of its dossiers."""

    base: str
    pages: dict[str, str]


@pytest.fixture(scope="session")
def jouee(base_modele: str, django_db_blocker: Any) -> Iterator[Campagne]:
    """The campaign, played once: each module copies its base."""
    reglages = connection.settings_dict
    habituelle, base = reglages["NAME"], f"{base_modele}_jouee"
    with django_db_blocker.unblock():
        connection.close()
        _run("CREATE DATABASE {} TEMPLATE {}", base, base_modele)
        reglages["NAME"] = base
        try:
            pages = _campaign()
        finally:
            connections.close_all()
            reglages["NAME"] = habituelle
        yield Campagne(base, pages)
        _run("DROP DATABASE IF EXISTS {} WITH (FORCE)", base)


@pytest.fixture(scope="module")
def site(jouee: Campagne, django_db_blocker: Any) -> Iterator[Site]:
    with django_db_blocker.unblock(), serve(jouee.base) as url:
        yield Site(url, jouee.pages)


@contextmanager
def serve(modele: str, prepare: Callable[[], None] = lambda: None) -> Iterator[str]:
    """The address of a site on a copy of that base, prepared before it opens; the copy goes with it."""
    reglages = connection.settings_dict
    habituelle, copie = reglages["NAME"], f"{modele}_servie"
    connection.close()
    _run("CREATE DATABASE {} TEMPLATE {}", copie, modele)
    reglages["NAME"] = copie
    try:
        prepare()
        serveur = LiveServerThread("127.0.0.1", StaticFilesHandler, connections_override={})
        try:
            serveur.daemon = True
            serveur.start()
            serveur.is_ready.wait()
            if serveur.error:
                raise serveur.error
            yield f"http://127.0.0.1:{serveur.port}"
        finally:
            serveur.terminate()
    finally:
        connections.close_all()
        reglages["NAME"] = habituelle
        _run("DROP DATABASE IF EXISTS {} WITH (FORCE)", copie)


@pytest.fixture(scope="module")
def navigateur(site: Site) -> Iterator[Browser]:
    """Closed before the site: while it runs, Django takes its event loop for an asynchronous context."""
    if not Path(CHROMIUM).exists():
        pytest.fail(ABSENT, pytrace=False)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield chromium
        chromium.close()


def _campaign() -> dict[str, str]:
    campagne.keep(NOMS, horloge.aujourdhui())
    campagne.person("auditeur", Role.AUDITEUR)
    par_reference = {dossier.reference: dossier.pk for dossier in Dossier.objects.all()}
    refs = [f"76-{rang:04d}" for rang in range(1, len(NOMS) + 1)]
    return {nom: f"/dossiers/{par_reference[ref]}/" for ref, nom in zip(refs, NOMS, strict=True)}


def _run(ordre: str, *noms: str) -> None:
    with connection._nodb_cursor() as curseur:
        curseur.execute(sql.SQL(ordre).format(*[sql.Identifier(nom) for nom in noms]))
