"""Every other act, and the lists that lead to them, in a real browser at both sizes: accessible, within the window."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, expect

from comptes.roles import Role
from tests.fabriques import ATTEINTES, campagne, submitted
from tests.instruction.campagne import person
from tests.navigateur.gens import colours_in_the_dark, in_base, staged
from tests.navigateur.test_comptes_navigateur import Visite
from tests.navigateur.test_pages_navigateur import TAILLES, _context, _violations

#: Act → the dossier it is read on, and who reads it. Those of the usual path are judged as it is walked.
ACTES = {
    "demander_complements": ("en_recevabilite", "instructeur"),
    "reorienter": ("en_recevabilite", "instructeur"),
    "declarer_irrecevable": ("en_recevabilite", "instructeur"),
    "deroger": ("derogation", "responsable"),
    "mettre_en_attente": ("en_comite", "responsable"),
    "ajourner": ("en_comite", "responsable"),
    "ecarter": ("liste_attente", "responsable"),
    "rejeter": ("ordonnance", "comptable"),
    "proroger": ("en_deploiement", "responsable"),
    "constater_echec": ("en_retard", "responsable"),
    "refuser_usages": ("en_verification", "instructeur"),
    "recouvrer": ("en_reversement", "comptable"),
    "remettre": ("en_reversement", "responsable"),
    "cloturer": ("en_reversement", "comptable"),
    "cloturer_instruction": ("evalue", "instructeur"),
    "executer": ("ordonnance", "responsable"),
}
LISTES = {"paiements": "comptable", "comite": "responsable", "verifications": "instructeur"}


@pytest.fixture(scope="module")
def gens(site: Any, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        for role in (Role.INSTRUCTEUR, Role.RESPONSABLE, Role.COMPTABLE):
            in_base(partial(person, f"t.{role}", role, "76"))


@pytest.fixture(scope="module")
def visites(navigateur: Browser, site: Any, gens: None) -> Iterator[dict[str, Visite]]:
    """One window each, signed in."""
    ouvertes = {}
    for role in ("instructeur", "responsable", "comptable"):
        visite = Visite(_context(navigateur), site.url, TAILLES[0])
        visite.go("/connexion/")
        visite.type(username=f"t.{role}", password="motdepasse")
        expect(visite.page.locator("header")).to_contain_text("Se déconnecter")
        ouvertes[role] = visite
    yield ouvertes
    for visite in ouvertes.values():
        visite.page.context.close()


def judge(visite: Visite, adresse: str, nom: str) -> None:
    visite.go(adresse)
    for taille in TAILLES:
        visite.page.set_viewport_size(taille)
        visite.taille = taille
        visite.judge(nom)


@pytest.mark.parametrize("acte", ACTES)
def test_the_page_of_an_act(acte: str, visites: dict[str, Visite], site: Any) -> None:
    dossier, role = ACTES[acte]
    judge(visites[role], f"{site.dossiers[dossier]}agir/{acte}/", f"acte-{acte}")


def test_a_refusal_and_what_is_missing_are_said(visites: dict[str, Visite], site: Any) -> None:
    visite = visites["instructeur"]
    judge(visite, f"{site.dossiers['evalue']}agir/cloturer_instruction/", "")
    expect(visite.page.locator(".manques")).to_contain_text("GRADeS")
    visite.go(f"{site.dossiers['en_recevabilite']}agir/reorienter/")
    visite.page.click("main form button[type=submit]")
    expect(visite.page.locator("#erreurs")).to_contain_text("Motif")
    visite.judge()
    visite.page.click("#erreurs a >> nth=0")
    expect(visite.page.locator("#id_aap")).to_be_focused()
    judge(visite, site.dossiers["evalue"], "")


@pytest.fixture(scope="module")
def grande(site: Any, django_db_blocker: Any) -> str:
    """The page of a dossier of 46 ESSMS, eight of which are below a target and one proves nothing."""

    def stage() -> str:
        camp = campagne(code="USAGES-46", dossiers=[{"essms": 46, "og": 3}], dotation="90000000.00")
        ecarts = [{"messages_mss": 69 - 7 * rang, "dmp_alimentes": 12 + rang} for rang in range(8)]
        dossier = submitted(camp.dossier("D1"), *ecarts, dict.fromkeys(ATTEINTES, 0))
        return reverse("verification", args=[dossier.pk])

    return staged(django_db_blocker, stage)


def test_the_usages_of_46_essms(grande: str, visites: dict[str, Visite]) -> None:
    visite = visites["instructeur"]
    judge(visite, grande, "verification")
    expect(visite.page.locator(".essms-usages").first.locator("tbody tr")).to_have_count(9)
    fine = visite.page.locator("details:has(.essms-usages)")
    expect(fine.locator("tbody")).not_to_be_visible()
    fine.locator("summary").click()
    expect(fine.locator("tbody tr")).to_have_count(37)
    visite.judge("verification-deplie")
    colours_in_the_dark(visite.page, _violations)


@pytest.mark.parametrize("nom", LISTES)
def test_the_lists_that_lead_to_the_acts(nom: str, visites: dict[str, Visite]) -> None:
    judge(visites[LISTES[nom]], f"/{nom}/", f"liste-{nom}")


def test_acts_work_without_javascript(navigateur: Browser, site: Any, gens: None) -> None:
    contexte = _context(navigateur, java_script_enabled=False)
    visite = Visite(contexte, site.url, TAILLES[1])
    visite.go("/connexion/")
    visite.type(username="t.instructeur", password="motdepasse")
    visite.go(site.dossiers["depose"])
    visite.page.locator(".actes").get_by_role("link", name="Prendre en charge").click()
    visite.page.click("main form button[type=submit]")
    expect(visite.page.locator("[role=status]").first).to_contain_text("C'est fait")
    contexte.close()
