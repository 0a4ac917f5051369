"""Giving documents in a real browser: chosen, dropped, refused, cut off; and a form filled in, at both sizes."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, expect

from aap.examen import facts
from aap.models import Section
from config import stockage
from tests.fabriques import PORTE, campagne
from tests.fichiers import pdf, png
from tests.navigateur.test_comptes_navigateur import Visite
from tests.navigateur.test_pages_navigateur import TAILLES, _context

FICHIER = "#champ-piece-{}"


@pytest.fixture(autouse=True)
def coffre(settings: Any, tmp_path: Path) -> None:
    settings.STORAGES = settings.STORAGES | {"pieces": stockage.on_disk(tmp_path / "pieces")}


@dataclass(frozen=True)
class Depart:
    """A draft of two OGs, one document of which was received without its content; and the session of who carries it."""

    pieces: str
    formulaire: str
    og: str
    session: str


@pytest.fixture(scope="module")
def depart(site: Any, django_db_blocker: Any) -> Depart:
    """Made in another thread: while the browser runs, Django takes its event loop for an asynchronous context."""
    with ThreadPoolExecutor(1) as fil:
        return fil.submit(_draft, django_db_blocker).result()


def _draft(django_db_blocker: Any) -> Depart:
    demande = {"pieces": ["lettre_engagement"], "essms": 16, "og": 2, "options": {"equipement": True}}
    with django_db_blocker.unblock():
        try:
            dossier = campagne(code="PIECES", dossiers=[demande]).dossier("D1")
            og = facts(dossier).ogs[0].finess
            client = Client()
            client.force_login(dossier.dossieruserobjectpermission_set.get().user, backend=PORTE)
        finally:
            connections.close_all()
    return Depart(
        pieces=reverse("portail:pieces", args=[dossier.pk]),
        formulaire=reverse("portail:formulaire", args=[dossier.pk, Section.AUTODIAGNOSTIC, og]),
        og=og,
        session=client.cookies["sessionid"].value,
    )


@pytest.fixture(params=TAILLES, ids=lambda taille: str(taille["width"]))
def visite(request: pytest.FixtureRequest, navigateur: Browser, site: Any, depart: Depart) -> Iterator[Visite]:
    contexte = _context(navigateur)
    _sign_in(contexte, site.url, depart)
    visite = Visite(contexte, site.url, request.param)
    visite.go(depart.pieces)
    yield visite
    contexte.close()


def _sign_in(contexte: BrowserContext, url: str, depart: Depart) -> None:
    contexte.add_cookies([{"name": "sessionid", "value": depart.session, "url": url}])


def fichier(nom: str, contenu: bytes) -> Any:
    return {"name": nom, "mimeType": "application/octet-stream", "buffer": contenu}


def test_a_file_chosen_leaves_at_once_and_its_part_alone_changes(visite: Visite) -> None:
    visite.page.set_input_files(FICHIER.format("cadre_de_reponse"), fichier("cadre.pdf", pdf()))
    piece = visite.page.locator("#piece-cadre_de_reponse")
    expect(piece).to_contain_text("Document reçu et enregistré.")
    expect(piece).to_contain_text("Fournie le")
    expect(visite.page.locator("#piece-cadre_de_reponse-titre")).to_be_focused()
    visite.page.set_input_files(FICHIER.format("cadre_de_reponse"), fichier("cadre-v2.pdf", pdf("deux")))
    expect(piece).to_contain_text("plus ancienne")
    visite.judge("pieces")


def test_a_file_dropped_leaves_at_once(visite: Visite) -> None:
    donnees = visite.page.evaluate_handle(
        "([octets, nom]) => { const d = new DataTransfer();"
        " d.items.add(new File([new Uint8Array(octets)], nom)); return d; }",
        [list(png()), "plan.png"],
    )
    visite.page.dispatch_event("#piece-autre h3", "drop", {"dataTransfer": donnees})
    expect(visite.page.locator("#piece-autre")).to_contain_text("plan.png")


def test_a_file_dropped_beside_does_not_replace_the_page(visite: Visite) -> None:
    adresse = visite.page.url
    retenu = visite.page.evaluate(
        "() => { const d = new DataTransfer(); d.items.add(new File(['x'], 'x.txt'));"
        " return !document.querySelector('h1').dispatchEvent("
        "new DragEvent('drop', {bubbles: true, cancelable: true, dataTransfer: d})); }"
    )
    assert retenu is True
    assert visite.page.url == adresse


def test_a_file_refused_says_why_where_it_was_sent(visite: Visite) -> None:
    visite.page.set_input_files(FICHIER.format("rib"), fichier("rib.pdf", b"<html><script>alert(1)</script>"))
    expect(visite.page.locator("#piece-rib [role=alert]")).to_contain_text("page web")
    visite.judge()


def test_a_file_too_heavy_is_said_before_it_leaves(visite: Visite) -> None:
    envois: list[str] = []
    visite.page.on("request", lambda requete: envois.append(requete.url))
    visite.page.set_input_files(FICHIER.format("rib"), fichier("rib.pdf", b"%PDF-" + bytes(21 * 2**20)))
    expect(visite.page.locator("#envoi-rib-etat")).to_contain_text("20 Mo au plus")
    assert not any("/fournir/" in adresse for adresse in envois)


def test_a_connection_lost_keeps_the_file_and_says_so(visite: Visite) -> None:
    visite.page.context.route("**/fournir/", lambda route: route.abort("connectionreset"))
    visite.page.set_input_files(FICHIER.format("rib"), fichier("rib.pdf", pdf()))
    expect(visite.page.locator("#envoi-rib-etat")).to_contain_text("Connexion perdue")
    assert visite.page.evaluate("document.querySelector('#champ-piece-rib').files[0].name") == "rib.pdf"
    visite.page.context.unroute("**/fournir/")
    visite.page.click("#piece-rib button[type=submit]")
    expect(visite.page.locator("#piece-rib")).to_contain_text("Document reçu et enregistré.")


def test_a_form_is_filled_in_and_kept_field_by_field(visite: Visite, depart: Depart) -> None:
    visite.go(depart.formulaire)
    champ = visite.page.locator(f"#champ-{depart.og}-postes")
    champ.fill(str(visite.taille["width"]))
    champ.blur()
    expect(visite.page.locator(f"#champ-{depart.og}-postes-etat")).to_contain_text("Enregistré")
    visite.judge("formulaire")


def test_without_javascript_the_button_sends(navigateur: Browser, site: Any, depart: Depart) -> None:
    contexte = navigateur.new_context(java_script_enabled=False)
    _sign_in(contexte, site.url, depart)
    page = contexte.new_page()
    page.goto(site.url + depart.pieces)
    page.set_input_files(FICHIER.format("tableau_essms"), fichier("tableau.csv", b"finess;nom\n"))
    page.click("#piece-tableau_essms button[type=submit]")
    expect(page.locator("#piece-tableau_essms")).to_contain_text("tableau.csv")
    contexte.close()


def test_the_page_in_the_dark(navigateur: Browser, site: Any, depart: Depart) -> None:
    contexte = navigateur.new_context(color_scheme="dark", locale="fr-FR")
    _sign_in(contexte, site.url, depart)
    visite = Visite(contexte, site.url, TAILLES[0])
    visite.go(depart.pieces)
    expect(visite.page.locator("html")).to_have_attribute("data-fr-theme", "dark")
    visite.judge()
    contexte.close()
