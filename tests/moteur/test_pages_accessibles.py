"""Every page there is, of both workspaces: nothing wider than the window at both sizes, no accessibility violation.

The pages are those the matrix of rights opens, read on its base as each person it opens them to; a browser then shows
them with the style and scripts of the site. Violations are looked for on a phone, where most of a page folds; the other
browser tests look for them at both sizes and in both themes, on the pages they walk through.
"""

from collections.abc import Iterator, Mapping
from mimetypes import guess_type
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.base import AXE_SCRIPT  # type: ignore[import-untyped]
from django.contrib.staticfiles import finders
from django.test import Client
from playwright.sync_api import Page, Route, sync_playwright

from tests.moteur.test_matrice import ROUTES, _address, clients, objets, written  # noqa: F401 - fixtures
from tests.navigateur.conftest import CHROMIUM, OPTIONS
from tests.navigateur.test_pages_navigateur import TAILLES, _context, _violations

SITE = "http://esms.test"
#: Whose page is judged where several may read it: the first of each workspace.
PORTEURS = ("porteur", "anonyme")
AGENTS = ("responsable", "instructeur", "conseiller_grades", "comptable", "administrateur", "auditeur")
#: As many as there are today, at least: a base that opens few pages proves nothing.
AU_MOINS = 80


@pytest.fixture(scope="module")
def pages(
    clients: dict[str, Client],  # noqa: F811 - the fixture
    objets: dict[str, dict[str, int | str]],  # noqa: F811
    django_db_blocker: Any,
) -> dict[str, str]:
    """Address, and who reads it → the page."""
    with django_db_blocker.unblock():
        return dict(_read(clients, objets))


def _read(
    clients: Mapping[str, Client],  # noqa: F811
    objets: Mapping[str, Mapping[str, int | str]],  # noqa: F811
) -> Iterator[tuple[str, str]]:
    droits = written()
    for adresse in sorted(ROUTES):
        for rang, gens in enumerate((PORTEURS, AGENTS)):
            qui = next((nom for nom in gens if droits[adresse, "GET"][nom] == "200"), None)
            if qui is None:
                continue
            lue = _address(adresse, objets)
            reponse = clients[qui].get(lue)
            if not reponse.streaming and "<html" in reponse.content.decode(errors="replace"):
                yield f"{lue}?lu-par={rang}-{qui}", reponse.content.decode()


def test_every_page_is_accessible_and_fits(pages: dict[str, str]) -> None:
    assert len(pages) >= AU_MOINS
    fautes: list[str] = []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        contexte = _context(chromium)
        contexte.route("**/*", lambda route: _serve(route, pages))
        page = contexte.new_page()
        for adresse in pages:
            fautes += _judged(page, adresse)
        chromium.close()
    assert fautes == []


def _serve(route: Route, pages: Mapping[str, str]) -> None:
    """The page as it was read, and the files it asks for; anything else is nowhere."""
    parts = urlsplit(route.request.url)
    adresse = f"{parts.path}?{parts.query}"
    fichier = finders.find(parts.path.removeprefix("/static/")) if parts.path.startswith("/static/") else None
    if adresse in pages:
        route.fulfill(body=pages[adresse], content_type="text/html; charset=utf-8")
    elif isinstance(fichier, str):
        route.fulfill(body=Path(fichier).read_bytes(), content_type=guess_type(fichier)[0] or "text/plain")
    else:
        route.fulfill(status=404, body="")


def _judged(page: Page, adresse: str) -> list[str]:
    page.goto(SITE + adresse)
    page.wait_for_selector("html[data-fr-theme]")
    fautes = []
    for taille in TAILLES:  # the phone comes last
        page.set_viewport_size(taille)
        if page.evaluate("document.documentElement.scrollWidth") > taille["width"]:
            fautes.append(f"{adresse} ({taille['width']}) : plus large que la fenêtre")
    page.evaluate(AXE_SCRIPT)
    return fautes + [f"{adresse} : {faute}" for faute in _violations(page, "{}")]
