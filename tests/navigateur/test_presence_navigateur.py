"""Two people on one page at once, in two real browsers: each learns of the other without doing anything."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from aap.models import Presence
from comptes.roles import Role
from tests.instruction import campagne
from tests.navigateur.gens import in_base
from tests.navigateur.test_comptes_navigateur import Visite, confirm, sign_up
from tests.navigateur.test_depot_navigateur import appel, open_draft
from tests.navigateur.test_pages_navigateur import TAILLES, _context

__all__ = ["appel"]


def ask_again(page: Page) -> None:
    """What the page does by itself every twenty seconds."""
    page.evaluate("window.htmx.trigger(document.querySelector('[data-presence]'), 'presence')")


def test_two_co_editors_see_each_other_and_what_was_changed(navigateur: Browser, site: Any, appel: dict[int, str]):
    une, autre = (Visite(_context(navigateur), site.url, TAILLES[0]) for _ in range(2))
    sign_up(autre, "brigitte@exemple.fr")
    confirm(autre, "brigitte@exemple.fr")
    open_draft(une, appel[-1], "agathe@exemple.fr")
    projet = re.sub(r"^.*?(/mes-dossiers/\d+)/.*$", r"\1/projet/", une.page.url)
    une.page.click("text=Qui agit sur ce dossier")
    une.type(courriel="brigitte@exemple.fr")

    with une.page.expect_response("**/presence/projet/"):
        une.go(projet)
    with autre.page.expect_response("**/presence/projet/"):
        autre.go(projet)
    expect(autre.page.locator("#presence")).to_contain_text("a cette section ouverte.")
    with autre.page.expect_response("**/presence/projet/"):
        autre.page.focus("#champ-presentation")
    ask_again(une.page)
    expect(une.page.locator("#presence")).to_contain_text("modifie cette section.")

    autre.page.fill("#champ-logiciel", "Titan")
    autre.page.locator("#champ-logiciel").blur()
    expect(autre.page.locator("[data-champ=logiciel]")).to_contain_text("Enregistré")
    ask_again(une.page)
    expect(une.page.locator("#presence")).to_contain_text("a modifié « Nom du logiciel »")
    for taille in TAILLES:
        une.taille = taille
        une.page.set_viewport_size(taille)
        une.judge("portail-presence")
    une.page.click("#presence a")
    expect(une.page.locator("#champ-logiciel")).to_have_value("Titan")
    expect(une.page.locator("#presence")).not_to_contain_text("a modifié")
    for visite in (une, autre):
        visite.page.context.close()


def test_a_hidden_page_says_nothing(navigateur: Browser, site: Any, appel: dict[int, str]):
    visite = Visite(_context(navigateur), site.url, TAILLES[0])
    open_draft(visite, appel[-2], "claude@exemple.fr")
    dites: list[str] = []
    visite.page.on("request", lambda requete: dites.append(requete.url) if "/presence/" in requete.url else None)
    visite.page.evaluate("Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
    ask_again(visite.page)
    visite.page.evaluate("Object.defineProperty(document, 'hidden', {value: false, configurable: true})")
    with visite.page.expect_request("**/presence/**"):
        ask_again(visite.page)
    assert len(dites) == 1
    visite.page.context.close()


@pytest.fixture(scope="module")
def agents(site: Any, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        in_base(lambda: [campagne.person(nom, Role.INSTRUCTEUR, "76") for nom in ("alpha", "beta")])


def test_two_officers_on_one_dossier(navigateur: Browser, site: Any, agents: None):
    adresse = site.dossiers["en_recevabilite"]
    une, autre = (Visite(_context(navigateur), site.url, TAILLES[0]) for _ in range(2))
    for visite, nom in ((une, "alpha"), (autre, "beta")):
        visite.go("/connexion/")
        visite.page.fill("[name=username]", nom)
        visite.page.fill("[name=password]", "motdepasse")
        visite.page.click("main button[type=submit]")
        visite.page.wait_for_url(f"{site.url}/")
        with visite.page.expect_response("**/presence/"):
            visite.go(adresse)
    expect(autre.page.locator("#presence")).to_have_text(re.compile("alpha consulte ce dossier."))
    ask_again(une.page)
    expect(une.page.locator("#presence")).to_have_text(re.compile("beta consulte ce dossier."))
    for taille in TAILLES:
        une.taille = taille
        une.page.set_viewport_size(taille)
        une.judge("dossier-presence")
    assert in_base(lambda: set(Presence.objects.values_list("lieu", flat=True))) >= {""}
    for visite in (une, autre):
        visite.page.context.close()
