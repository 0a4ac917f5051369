"""Lending a role, taking it back, declaring an interest: in a real browser, at both sizes, in both themes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, expect

from tests.fabriques import agir, amener, campagne, personne
from tests.navigateur.gens import colours_in_the_dark, session, staged, wear
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
    return staged(django_db_blocker, _stage)


def _stage() -> Scene:
    camp = campagne(code="DELEGATIONS", region=REGION)
    dossier = amener(camp.dossier("D1"), "instruit")
    agir(dossier, "inscrire_au_comite", "instructeur", jour="2022-04-15", seance="2099-01-01")
    noms = ["responsable", "responsable:menu", "instructeur", "instructeur:lea", "instructeur:vide"]
    return Scene(
        dossier=reverse("dossier", args=[dossier.pk]),
        reference=dossier.reference,
        finess=dossier.grappe.og_porteur.finess,
        sessions={
            nom: session(personne(nom if ":" in nom else nom.replace("-", ":"), REGION))
            for nom in [f"{n}{s}" for n in noms for s in ("", "-390")]
        },
    )


@pytest.fixture(params=TAILLES, ids=lambda taille: str(taille["width"]))
def visite(request: pytest.FixtureRequest, navigateur: Browser, site: Any) -> Iterator[Visite]:
    contexte = _context(navigateur)
    yield Visite(contexte, site.url, request.param)
    contexte.close()


def sign_in(visite: Visite, scene: Scene, qui: str) -> None:
    """Other people at the other size: the database is one for both."""
    nom = qui if visite.taille["width"] > 390 else f"{qui}-390"
    wear(visite.page.context, scene.sessions[nom], visite.url)


def judge(visite: Visite, nom: str) -> None:
    """In the light theme for everything, in the dark one for its colours."""
    visite.judge(nom)
    colours_in_the_dark(visite.page, _violations)


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
