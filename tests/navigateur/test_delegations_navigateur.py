"""Lending a role, taking it back, declaring an interest: in a real browser, at both sizes, in both themes."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT  # type: ignore[import-untyped]
from django.db import connections
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, expect

from tests.fabriques import PORTE, agir, amener, campagne, personne
from tests.navigateur.test_comptes_navigateur import Visite
from tests.navigateur.test_pages_navigateur import TAILLES, _context, _violations

REGION = "84"


@dataclass(frozen=True)
class Scene:
    """A dossier in committee, its OG, and the sessions of the people."""

    dossier: str
    reference: str
    finess: str
    sessions: dict[str, str]


@pytest.fixture(scope="module")
def scene(site: Any, django_db_blocker: Any) -> Scene:
    """Made in another thread: while the browser runs, Django takes its event loop for an asynchronous context."""
    with ThreadPoolExecutor(1) as fil:
        return fil.submit(_set, django_db_blocker).result()


def _set(django_db_blocker: Any) -> Scene:
    with django_db_blocker.unblock():
        try:
            return _stage()
        finally:
            connections.close_all()


def _stage() -> Scene:
    camp = campagne(code="DELEGATIONS", region=REGION)
    dossier = amener(camp.dossier("D1"), "instruit")
    agir(dossier, "inscrire_au_comite", "instructeur", jour="2022-04-15", seance="2099-01-01")
    noms = ["responsable", "responsable:menu", "instructeur", "instructeur:lea", "instructeur:vide"]
    return Scene(
        dossier=reverse("dossier", args=[dossier.pk]),
        reference=dossier.reference,
        finess=dossier.grappe.og_porteur.finess,
        sessions={nom: _session(nom) for nom in [f"{n}{s}" for n in noms for s in ("", "-390")]},
    )


def _session(nom: str) -> str:
    client = Client()
    client.force_login(personne(nom if ":" in nom else nom.replace("-", ":"), REGION), backend=PORTE)
    return client.cookies["sessionid"].value


@pytest.fixture(params=TAILLES, ids=lambda taille: str(taille["width"]))
def visite(request: pytest.FixtureRequest, navigateur: Browser, site: Any) -> Iterator[Visite]:
    contexte = _context(navigateur)
    yield Visite(contexte, site.url, request.param)
    contexte.close()


def sign_in(visite: Visite, scene: Scene, qui: str) -> None:
    """Other people at the other size: the database is one for both."""
    nom = qui if visite.taille["width"] > 390 else f"{qui}-390"
    visite.page.context.clear_cookies()
    visite.page.context.add_cookies([{"name": "sessionid", "value": scene.sessions[nom], "url": visite.url}])


def judge(visite: Visite, nom: str) -> None:
    """In the light theme for everything, in the dark one for its colours."""
    visite.judge(nom)
    visite.page.emulate_media(color_scheme="dark")
    visite.page.wait_for_selector("html[data-fr-theme=dark]")
    visite.page.evaluate(AXE_SCRIPT)
    assert _violations(visite.page, "{runOnly: ['color-contrast']}") == [], visite.page.url
    visite.page.emulate_media(color_scheme="light")
    visite.page.wait_for_selector("html[data-fr-theme=light]")


def test_a_role_is_lent_used_and_taken_back(visite: Visite, scene: Scene) -> None:
    page = visite.page
    sign_in(visite, scene, "responsable")
    visite.go("/delegations/")
    judge(visite, "delegations-vides")
    page.click("text=Déléguer un de mes rôles")
    page.click("main button[type=submit]")
    expect(page.locator("[role=alert]")).to_contain_text("La délégation n'est pas enregistrée")
    judge(visite, "delegation-erreurs")
    suffixe = "" if visite.taille["width"] > 390 else "-390"
    page.select_option("[name=delegataire]", label=f"instructeur{suffixe.replace('-', ':')}")
    page.select_option("[name=nature]", "suppleance")
    page.fill("[name=au]", "2099-12-31")
    judge(visite, "delegation-donner")
    page.click("main button[type=submit]")
    expect(page.locator("main")).to_contain_text("agit en votre nom jusqu'au")
    expect(page.locator("main .fr-badge").first).to_contain_text("En vigueur")
    judge(visite, "delegations")

    sign_in(visite, scene, "instructeur")
    visite.go("/delegations/")
    expect(page.locator("main")).to_contain_text("On vous a délégué")
    expect(page.locator("main .fr-badge")).to_contain_text("En vigueur")

    sign_in(visite, scene, "responsable")
    visite.go("/delegations/")
    page.click("text=Révoquer")
    judge(visite, "delegation-revoquer")
    page.fill("[name=motif]", "Retour anticipé.")
    page.click("main button[type=submit]")
    expect(page.locator("main .fr-badge").first).to_contain_text("Révoquée")
    judge(visite, "delegations-revoquees")


def test_an_interest_is_declared_seen_and_ended(visite: Visite, scene: Scene) -> None:
    page = visite.page
    sign_in(visite, scene, "instructeur:lea")
    visite.go("/interets/")
    judge(visite, "interets-vides")
    page.click("text=Déclarer un intérêt")
    page.fill("[name=og]", "zzz")
    page.select_option("[name=nature]", "mandat")
    page.click("main button[type=submit]")
    expect(page.locator("[role=alert]")).to_contain_text("Aucun organisme du registre")
    judge(visite, "interet-erreurs")
    page.fill("[name=og]", scene.finess)
    page.click("main button[type=submit]")
    expect(page.locator("main")).to_contain_text("est en déport sur un dossier")
    judge(visite, "interets")

    visite.go("/")
    expect(page.locator("main")).to_contain_text("Vous êtes en déport")
    judge(visite, "liste-deport")
    visite.go(scene.dossier)
    expect(page.locator("main")).to_contain_text("Vous êtes en déport sur ce dossier")
    judge(visite, "dossier-deport")

    visite.go("/interets/")
    page.click("text=Indiquer la fin")
    judge(visite, "interet-terminer")
    page.click("main button[type=submit]")
    expect(page.locator("main")).to_contain_text("le déport aussi")


def test_the_account_leads_there(visite: Visite, scene: Scene) -> None:
    sign_in(visite, scene, "responsable:menu")
    visite.go("/compte/")
    if visite.taille["width"] < 768:
        visite.page.click("button:has-text('Mon compte') >> visible=true")
    visite.page.click("nav >> text=Intérêts déclarés")
    expect(visite.page.locator("h1")).to_have_text("Intérêts déclarés")
    judge(visite, "interets-responsable")
