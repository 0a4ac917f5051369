"""Two hundred dossiers given to an officer through the pages, at both sizes, while a worker does it."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from aap.models import Dossier
from bench.dossiers import copies, one_filed
from bench.rapport import SUCCES
from comptes.roles import Role
from instruction.lots.execution import advance
from instruction.scenario import read_file
from tests.instruction import campagne
from tests.navigateur.conftest import serve
from tests.navigateur.gens import staged
from tests.navigateur.test_comptes_navigateur import Visite
from tests.navigateur.test_pages_navigateur import TAILLES, _context

BEAUCOUP = 200
GENS = {1440: "hugo", 390: "ines"}


@pytest.fixture(scope="module")
def site(base_modele: str, django_db_blocker: Any) -> Iterator[str]:
    """A call with two hundred dossiers that nobody took; the officers of its région."""
    with django_db_blocker.unblock(), serve(base_modele, _filled) as url:
        yield url


def _filled() -> None:
    modele, _ = one_filed(read_file(SUCCES))
    copies(modele, BEAUCOUP - 1)
    for nom in ("claire", *GENS.values()):
        campagne.person(nom, Role.INSTRUCTEUR, modele.aap.region_id)


@pytest.fixture(params=TAILLES, ids=lambda taille: str(taille["width"]))
def visite(request: pytest.FixtureRequest, navigateur: Browser, site: str) -> Iterator[Visite]:
    contexte = _context(navigateur)
    visite = Visite(contexte, site, request.param)
    visite.go("/connexion/")
    visite.type(username="claire", password="motdepasse")
    visite.page.wait_for_url(f"{site}/")
    yield visite
    contexte.close()


def test_200_dossiers_are_assigned_through_the_page(visite: Visite, django_db_blocker: Any) -> None:
    page, a = visite.page, GENS[visite.taille["width"]]
    visite.go("/?etat=depose")
    visite.judge("lot-liste")
    page.click(f"text=Traiter les {BEAUCOUP} dossiers filtrés")
    visite.judge("lot-choix")
    page.click("text=Attribuer le dossier")
    page.select_option("[name=personne]", a)
    visite.judge("lot-acte")
    page.click("text=Voir l'aperçu")
    expect(page.locator("#avancement")).to_contain_text(f"0 sur {BEAUCOUP} dossiers essayés")
    expect(page.locator("#avancement")).to_contain_text("make worker")
    visite.judge("lot-en-cours")
    lot = int(page.url.rstrip("/").split("/")[-1])
    staged(django_db_blocker, lambda: advance(lot))
    expect(page.locator("main [role=status]")).to_contain_text(f"{BEAUCOUP} dossiers peuvent l'être", timeout=20_000)
    visite.judge("lot-apercu")
    page.click(f"text=Attribuer le dossier : {BEAUCOUP} dossiers")
    expect(page.locator("#avancement")).to_contain_text(f"0 sur {BEAUCOUP} dossiers traités")
    staged(django_db_blocker, lambda: advance(lot))
    expect(page.locator("main [role=status]")).to_contain_text(f"{BEAUCOUP} dossiers traités", timeout=20_000)
    visite.judge("lot-fini")
    assert staged(django_db_blocker, lambda: Dossier.objects.filter(instructeur__username=a).count()) == BEAUCOUP


def test_ticked_rows_are_treated_without_javascript(navigateur: Browser, site: str) -> None:
    contexte = _context(navigateur, java_script_enabled=False)
    page = contexte.new_page()
    page.goto(f"{site}/connexion/?next=/%3Fetat%3Ddepose")
    page.fill("[name=username]", "claire")
    page.fill("[name=password]", "motdepasse")
    page.click("main form button[type=submit]")
    for rang in (0, 1, 2):
        page.locator("[name=d]").nth(rang).check(force=True)
    page.click("text=Traiter les dossiers cochés")
    expect(page.locator("h1")).to_contain_text("Traiter 3 dossiers")
    page.click("text=Prendre en charge")
    page.click("text=Voir l'aperçu")
    expect(page.locator("main [role=status]")).to_contain_text("3 dossiers peuvent l'être")
    page.click("text=Prendre en charge : 3 dossiers")
    expect(page.locator("main [role=status]")).to_contain_text("3 dossiers traités")
    contexte.close()
