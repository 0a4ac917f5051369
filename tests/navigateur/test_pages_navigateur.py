"""In a real browser: no accessibility violation, no overflow, no script error, in both themes and at both sizes."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT  # type: ignore[import-untyped]
from playwright.sync_api import Browser, BrowserContext, FloatRect, Page, ViewportSize, expect

CAPTURES = Path(__file__).resolve().parents[2] / "docs" / "captures"
TAILLES = (ViewportSize(width=1440, height=900), ViewportSize(width=390, height=844))
#: Only colours change with the theme: the other rules are judged once, in the light one.
REGLES: dict[Literal["light", "dark"], str] = {"light": "{}", "dark": "{runOnly: ['color-contrast']}"}
PAGES = {
    "liste": "/",
    "dossier": "clos",
    "dossier-en-cours": "derogation",
    "introuvable": "/dossiers/999999/",
    "connexion": "/connexion/",
}
HAUTEUR_CAPTURE = 2200


@pytest.fixture(scope="module")
def lecteur(navigateur: Browser, site: Any) -> Iterator[BrowserContext]:
    """A reader who signed in through the page."""
    contexte = _context(navigateur)
    page = contexte.new_page()
    page.goto(f"{site.url}/connexion/")
    page.fill("[name=username]", "auditeur")
    page.fill("[name=password]", "motdepasse")
    page.click("main button[type=submit]")
    page.wait_for_url(f"{site.url}/")
    page.close()
    yield contexte
    contexte.close()


@pytest.mark.parametrize("nom", PAGES)
def test_page_is_accessible_and_fits(nom: str, site: Any, navigateur: Browser, lecteur: BrowserContext):
    page = (_context(navigateur) if nom == "connexion" else lecteur).new_page()
    fautes: list[str] = []
    page.on("pageerror", lambda erreur: fautes.append(str(erreur)))
    page.goto(site.url + site.dossiers.get(PAGES[nom], PAGES[nom]))
    page.evaluate(AXE_SCRIPT)
    for theme, regles in REGLES.items():
        page.emulate_media(color_scheme=theme)
        page.wait_for_selector(f"html[data-fr-theme={theme}]")
        for taille in TAILLES:
            page.set_viewport_size(taille)
            assert _violations(page, regles) == [], (taille, theme)
            assert page.evaluate("document.documentElement.scrollWidth") <= taille["width"]
            _capture(page, f"{nom}-{taille['width']}-{theme}")
    assert fautes == []


def test_list_filters_as_one_types_and_keeps_its_header_in_sight(site: Any, lecteur: BrowserContext):
    page = lecteur.new_page()
    page.goto(site.url)
    page.mouse.wheel(0, 1200)
    page.wait_for_function("window.scrollY > 1000")
    assert page.evaluate("document.querySelector('.liste th').getBoundingClientRect().top") == 0

    page.fill("#q", "bonnefoy")
    expect(page.locator(".decompte [role=status]")).to_contain_text(re.compile("dossiers? correspond(ent)?,"))
    expect(page.locator(".liste tbody tr .liste__porteur").first).to_contain_text("Fondation Bonnefoy")
    expect(page).to_have_url(re.compile("q=bonnefoy"))
    expect(page.locator("#q")).to_be_focused()


def test_pages_work_without_javascript(site: Any, navigateur: Browser):
    page = _context(navigateur, java_script_enabled=False).new_page()
    page.goto(f"{site.url}/?etat=clos")
    page.fill("[name=username]", "auditeur")
    page.fill("[name=password]", "motdepasse")
    page.click("main button[type=submit]")
    expect(page.locator(".decompte [role=status]")).to_contain_text("correspond")
    page.fill("#q", "76-")
    page.press("#q", "Enter")
    page.click(".liste__lien")
    expect(page.locator("h1")).to_contain_text("Grappe")
    page.click("text=se déconnecter")
    expect(page.locator("h1")).to_have_text("Appels à projets ESMS numérique")


def test_keyboard_reaches_the_content_first(site: Any, lecteur: BrowserContext):
    page = lecteur.new_page()
    page.goto(site.url)
    page.keyboard.press("Tab")
    expect(page.locator(".fr-skiplinks a").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def _context(navigateur: Browser, **options: Any) -> BrowserContext:
    contexte = navigateur.new_context(color_scheme="light", locale="fr-FR", viewport=TAILLES[0], **options)
    contexte.set_default_timeout(10_000)
    return contexte


def _violations(page: Page, regles: str) -> list[str]:
    fautes = page.evaluate(f"axe.run(document, {regles}).then(bilan => bilan.violations)")
    return [f"{faute['id']} : {noeud['target']} {noeud['html'][:120]}" for faute in fautes for noeud in faute["nodes"]]


def _capture(page: Page, nom: str) -> None:
    """What the guide and the reviewers look at: CAPTURES=1 writes it again."""
    if os.environ.get("CAPTURES") == "1":
        largeur, hauteur = page.evaluate("[innerWidth, document.documentElement.scrollHeight]")
        zone = FloatRect(x=0, y=0, width=largeur, height=min(hauteur, HAUTEUR_CAPTURE))
        page.screenshot(path=CAPTURES / f"{nom}.png", full_page=True, clip=zone, caret="initial")
