"""The pages of everybody in a real browser: in both themes and sizes, live, by keyboard, and without script."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT  # type: ignore[import-untyped]
from django.db import connections
from playwright.sync_api import Browser, expect

from aap.models import Aap
from grappes.models import Essms
from tests.navigateur.test_comptes_navigateur import Visite
from tests.navigateur.test_pages_navigateur import REGLES, TAILLES, _capture, _context, _violations

PAGES = {
    "appels": "/appels/",
    "appel": "{appel}?projet=acquisition&segur=non&essms=52&petits=4&departements=31,34&secteurs=PA&equipement=on",
    "appel-erreurs": "{appel}?projet=acquisition&segur=oui&essms=-1&petits=3&departements=99",
    "aide": "/guide/",
    "guide": "/guide/porteur/",
    "guide-relation": "/guide/mise-en-relation/",
    "guide-import": "/guide/import/",
    "faq": "/faq/",
    "accessibilite": "/accessibilite/",
    "plan": "/plan-du-site/",
    "mentions": "/mentions-legales/",
    "donnees": "/donnees-personnelles/",
}


@pytest.fixture(scope="module")
def appel(site: Any, django_db_blocker: Any) -> tuple[str, str]:
    """The page of the call of the campaign, and numbers of its register.

    Read in another thread: while the browser runs, Django takes its event loop for an asynchronous context.
    """

    def lire() -> tuple[str, str]:
        with django_db_blocker.unblock():
            try:
                code = Aap.objects.filter(rejeu=None).exclude(region=None).values_list("code", flat=True)[0]
                numeros = Essms.objects.filter(rejeu=None).order_by("finess").values_list("finess", flat=True)[:20]
                return f"/appels/{code}/", " ".join(numeros)
            finally:
                connections.close_all()

    with ThreadPoolExecutor(1) as fil:
        return fil.submit(lire).result()


@pytest.mark.parametrize("nom", PAGES)
def test_page_is_accessible_and_fits(nom: str, site: Any, navigateur: Browser, appel: tuple[str, str]) -> None:
    contexte = _context(navigateur)
    page = contexte.new_page()
    fautes: list[str] = []
    page.on("pageerror", lambda erreur: fautes.append(str(erreur)))
    page.goto(site.url + PAGES[nom].format(appel=appel[0]))
    page.evaluate(AXE_SCRIPT)
    for theme, regles in REGLES.items():
        page.emulate_media(color_scheme=theme)
        page.wait_for_selector(f"html[data-fr-theme={theme}]")
        for taille in TAILLES:
            page.set_viewport_size(taille)
            assert _violations(page, regles) == [], (taille, theme)
            assert page.evaluate("document.documentElement.scrollWidth") <= taille["width"]
            _capture(page, f"public-{nom}-{taille['width']}-{theme}")
    assert fautes == []
    contexte.close()


@pytest.fixture
def visite(navigateur: Browser, site: Any) -> Any:
    contexte = _context(navigateur)
    yield Visite(contexte, site.url, TAILLES[0])
    contexte.close()


def test_the_simulator_answers_as_one_types(visite: Visite, appel: tuple[str, str]) -> None:
    visite.go(appel[0])
    visite.page.fill("#id_essms", "46")
    expect(visite.page.locator("#resultat .panneau__montant")).to_contain_text("989")
    visite.page.select_option("#id_segur", "non")
    expect(visite.page.locator("#resultat .panneau__montant")).to_contain_text("874")
    visite.page.fill("#id_essms", "0")
    expect(visite.page.locator("#resultat [role=alert]")).to_contain_text("au moins un ESSMS")
    visite.judge()


def test_the_simulator_by_keyboard(visite: Visite, appel: tuple[str, str]) -> None:
    visite.go(appel[0])
    visite.page.focus("#id_essms")
    visite.page.keyboard.press("Control+a")
    visite.page.keyboard.type("46")
    visite.page.keyboard.press("Tab")
    expect(visite.page.locator("#id_petits")).to_be_focused()
    expect(visite.page.locator("#resultat .panneau__montant")).to_contain_text("989")
    visite.page.keyboard.press("Enter")
    expect(visite.page.locator("#resultat .panneau__montant")).to_contain_text("989")
    visite.judge()


@pytest.mark.parametrize("taille", TAILLES, ids=lambda taille: str(taille["width"]))
def test_real_establishments_are_simulated(navigateur: Browser, site: Any, appel: tuple[str, str], taille: Any) -> None:
    contexte = _context(navigateur)
    visite = Visite(contexte, site.url, taille)
    visite.go(appel[0])
    visite.page.fill("#liste_numeros", f"{appel[1]} 123456789")
    visite.page.click("text=Simuler avec ces établissements")
    expect(visite.page.locator("main")).to_contain_text("20 établissements trouvés")
    expect(visite.page.locator("main")).to_contain_text("1 numéro écarté")
    visite.judge("public-etablissements")
    contexte.close()


def test_without_javascript_the_button_answers(navigateur: Browser, site: Any, appel: tuple[str, str]) -> None:
    contexte = _context(navigateur, java_script_enabled=False)
    page = contexte.new_page()
    page.goto(site.url + appel[0])
    page.fill("#id_essms", "46")
    page.click("main form button[type=submit] >> nth=0")
    expect(page.locator("#resultat .panneau__montant")).to_contain_text("989")
    contexte.close()
