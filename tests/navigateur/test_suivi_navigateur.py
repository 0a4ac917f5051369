"""After the filing, in a real browser: the page of the dossier, its receipt downloaded, then checked by anybody."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, expect

from aap.models import Recu
from moteur import horloge
from tests.fabriques import MOTIF, PORTE, agir, amener, campagne
from tests.navigateur.test_comptes_navigateur import Visite
from tests.navigateur.test_pages_navigateur import TAILLES, _capture, _context

#: State → the account of it that the page gives at once.
ETATS = {
    "a_completer": "À vous de jouer",
    "non_retenu": "Si vous la contestez",
    "en_deploiement": "Versé le",
}
#: The site lives today: this date has not come yet.
BIENTOT = f"{horloge.aujourdhui() + timedelta(days=30)}"


@dataclass(frozen=True)
class Depart:
    """The pages of one dossier per state, the public page of a receipt, and the session of who carries them."""

    pages: dict[str, str]
    depose: str
    recu: str
    public: str
    session: str


@pytest.fixture(scope="module")
def depart(site: Any, django_db_blocker: Any) -> Depart:
    """Made in another thread: while the browser runs, Django takes its event loop for an asynchronous context."""
    with ThreadPoolExecutor(1) as fil:
        return fil.submit(_filed, django_db_blocker).result()


def _filed(django_db_blocker: Any) -> Depart:
    with django_db_blocker.unblock():
        try:
            camp = campagne(code="SUIVI", dossiers=[{"essms": 16, "og": 2}, *[{}] * 3])
            rouvert = amener(camp.dossier("D2"), "en_recevabilite")
            agir(rouvert, "demander_complements", "instructeur", jour="2022-04-05", **MOTIF, echeance=BIENTOT)
            amener(camp.dossier("D3"), "non_retenu")
            amener(camp.dossier("D4"), "en_deploiement")
            dossier = amener(camp.dossier("D1"), "a_completer")
            agir(dossier, "completer", "porteur", jour="2022-04-20")
            client = Client()
            client.force_login(dossier.dossieruserobjectpermission_set.get().user, backend=PORTE)
            recu = Recu.objects.filter(dossier=dossier)[0]
            pks = {etat: camp.dossier(ref).pk for ref, etat in zip(["D2", "D3", "D4"], ETATS, strict=True)}
            return Depart(
                pages={etat: reverse("portail:suivi", args=[pk]) for etat, pk in pks.items()},
                depose=reverse("portail:depose", args=[dossier.pk]),
                recu=reverse("portail:recu", args=[dossier.pk, recu.pk]),
                public=reverse("recu-public", args=[recu.code]),
                session=client.cookies["sessionid"].value,
            )
        finally:
            connections.close_all()


def _sign_in(contexte: BrowserContext, url: str, depart: Depart) -> None:
    contexte.add_cookies([{"name": "sessionid", "value": depart.session, "url": url}])


@pytest.fixture(params=TAILLES, ids=lambda taille: str(taille["width"]))
def visite(request: pytest.FixtureRequest, navigateur: Browser, site: Any, depart: Depart) -> Iterator[Visite]:
    contexte = _context(navigateur)
    _sign_in(contexte, site.url, depart)
    yield Visite(contexte, site.url, request.param)
    contexte.close()


@pytest.mark.parametrize("etat", ETATS)
def test_the_page_of_a_dossier(visite: Visite, depart: Depart, etat: str) -> None:
    visite.go(depart.pages[etat])
    expect(visite.page.locator("main")).to_contain_text(ETATS[etat])
    visite.judge(f"suivi-{etat.replace('_', '-')}")
    if resume := visite.page.locator(".chemin__detail summary").all():
        resume[0].click()
        visite.judge()


def test_what_comes_after_the_filing(visite: Visite, depart: Depart) -> None:
    visite.go(depart.depose)
    expect(visite.page.locator("h1")).to_have_text("Vos compléments sont transmis")
    visite.judge("depose")


def test_the_receipt_downloaded_is_found_authentic(visite: Visite, depart: Depart, tmp_path: Path) -> None:
    visite.go(depart.depose)
    visite.page.click("text=Suivre le dossier")
    with visite.page.expect_download() as attendu:
        visite.page.click(f"a[href='{depart.recu}']")
    pdf = tmp_path / attendu.value.suggested_filename
    attendu.value.save_as(pdf)
    assert pdf.read_bytes().startswith(b"%PDF-1.7")

    visite.page.context.clear_cookies()
    visite.go(depart.public)
    expect(visite.page.locator("h1")).to_have_text("Ce reçu est authentique")
    visite.judge("recu")
    visite.page.click("summary:has-text('est-il bien celui-là')")
    visite.page.set_input_files("#fichier", pdf)
    visite.page.click("main button[type=submit]")
    expect(visite.page.locator("#reponse")).to_contain_text("exactement le reçu délivré")
    visite.judge()
    visite.page.fill("#empreinte", "abc")
    visite.page.click("main button[type=submit]")
    expect(visite.page.locator("#reponse")).to_contain_text("Empreinte mal formée")
    visite.judge()


def test_an_unknown_receipt(visite: Visite) -> None:
    visite.go("/recu/00000000000000000000000000000000/")
    expect(visite.page.locator("h1")).to_have_text("Aucun reçu à cette adresse")
    visite.judge()


def test_in_the_dark(navigateur: Browser, site: Any, depart: Depart) -> None:
    contexte = navigateur.new_context(color_scheme="dark", locale="fr-FR")
    _sign_in(contexte, site.url, depart)
    for taille in TAILLES:
        visite = Visite(contexte, site.url, taille)
        for nom, adresse in {**depart.pages, "depose": depart.depose, "recu": depart.public}.items():
            visite.go(adresse)
            expect(visite.page.locator("html")).to_have_attribute("data-fr-theme", "dark")
            visite.judge()
            _capture(visite.page, f"suivi-{nom.replace('_', '-')}-{taille['width']}-dark")
    contexte.close()
