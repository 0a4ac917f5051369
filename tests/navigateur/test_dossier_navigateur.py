"""The whole page of a dossier in a real browser: accessible in both themes and at both sizes, read by keyboard alone,
documents shown in place, a note written without a script."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import typst
from axe_playwright_python.base import AXE_SCRIPT  # type: ignore[import-untyped]
from django.conf import settings
from django.test.utils import override_settings
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page, expect

from aap.documents.depot import deposit
from aap.messages import send
from aap.notes import write
from config import stockage
from tests.fabriques import agir, amener, campagne, personne
from tests.fichiers import envoye, png
from tests.navigateur.gens import session, staged, wear
from tests.navigateur.test_pages_navigateur import CAPTURES, REGLES, TAILLES, _capture, _context, _violations

LONG = "Unmotsansespace" * 30
DOCUMENTS = {
    "lettre_engagement": ("lettre.pdf", typst.compile(b"= Lettre d'engagement\n#lorem(300)")),
    "rib": ("rib.png", png(64)),
    "autre": ("notes de réunion.txt", "Réunion du 3 mars : présents, absents.\n".encode() * 30),
}


@dataclass(frozen=True)
class Scene:
    """A dossier being instructed, with documents that have content; the sessions by role."""

    page: str
    piece: str
    sessions: dict[str, str]


@pytest.fixture(scope="module")
def coffre(tmp_path_factory: pytest.TempPathFactory, django_test_environment: None) -> Iterator[None]:
    pieces = stockage.on_disk(tmp_path_factory.mktemp("pieces"))
    with override_settings(STORAGES=settings.STORAGES | {"pieces": pieces}):
        yield


@pytest.fixture(scope="module")
def scene(site: Any, coffre: None, django_db_blocker: Any) -> Scene:
    return staged(django_db_blocker, _stage)


def _stage() -> Scene:
    generer = {"essms": 22, "og": 3, "departements": ["31", "81", "12", "66", "974"]}
    dossier = campagne(code="PAGE", dossiers=[{"nom": "Grappe des Causses", "generer": generer}]).dossier("D1")
    for code, (nom, contenu) in DOCUMENTS.items():
        deposit(dossier, personne("porteur"), code=code, fichier=envoye(nom, contenu))
    amener(dossier, "a_completer")
    agir(dossier, "completer", "porteur", jour="2022-04-17")
    agir(dossier, "declarer_recevable", "instructeur", jour="2022-04-20")
    for qui, note in (("instructeur", "0.62"), ("instructeur:b", "0.75")):
        agir(dossier, "evaluer", qui, jour="2022-05-02", notes={"uniforme": note})
    agir(dossier, "donner_avis_grades", "conseiller_grades", jour="2022-05-03", avis="reserve",
         risques={"achat": "fort", "gouvernance": "modere", "securite_si": "faible_ou_nul"})  # fmt: skip
    for qui, texte in (
        ("porteur", "Le RIB est joint."),
        ("instructeur", "Merci. Et le calendrier ?"),
        ("porteur", LONG),
    ):
        send(dossier, personne(qui), texte=texte)
    nommee = [personne("instructeur").pk]
    write(dossier, personne("responsable"), texte=f"À voir ensemble. {LONG}", mentions=nommee, partagee=True)
    return Scene(
        page=reverse("dossier", args=[dossier.pk]),
        piece=reverse("piece-voir", args=[dossier.pk, dossier.pieces.filter(code="rib").latest("pk").pk]),
        sessions={qui: session(personne(qui)) for qui in ("instructeur", "conseiller_grades")},
    )


def _officer(contexte: BrowserContext, site: Any, scene: Scene) -> Page:
    wear(contexte, scene.sessions["instructeur"], site.url)
    return contexte.new_page()


@pytest.fixture
def page(navigateur: Browser, site: Any, scene: Scene) -> Iterator[Page]:
    contexte = _context(navigateur)
    page = _officer(contexte, site, scene)
    fautes: list[str] = []
    page.on("pageerror", lambda erreur: fautes.append(str(erreur)))
    page.on("console", lambda dit: fautes.append(dit.text) if "Content Security Policy" in dit.text else None)
    page.goto(site.url + scene.page)
    yield page
    contexte.close()
    assert fautes == []


def test_the_page_is_accessible_and_fits_folded_or_not(page: Page):
    page.evaluate(AXE_SCRIPT)
    for theme, regles in REGLES.items():
        page.emulate_media(color_scheme=theme)
        page.wait_for_selector(f"html[data-fr-theme={theme}]")
        for taille in TAILLES:
            page.set_viewport_size(taille)
            _capture(page, f"dossier-complet-{taille['width']}-{theme}")
            for deplie in (False, True):
                page.evaluate(
                    f"document.querySelectorAll('.fiche details').forEach(un => un.open = {str(deplie).lower()})"
                )
                assert _violations(page, regles) == [], (taille, theme, deplie)
                assert page.evaluate("document.documentElement.scrollWidth") <= taille["width"], (taille, deplie)
            page.evaluate("document.querySelectorAll('.fiche details').forEach(un => un.open = false)")


def test_a_document_is_shown_in_place_by_keyboard_alone(page: Page):
    for nom, montre in (("lettre.pdf", "iframe"), ("rib.png", "img"), ("notes de réunion.txt", "pre")):
        pli = page.locator(".apercu-sur-place", has=page.get_by_text(f"de {nom}, version")).first
        pli.locator("summary").focus()
        page.keyboard.press("Enter")
        vu = pli.locator(f"{montre}.apercu-document")
        expect(vu).to_be_visible()
        if montre == "img":
            assert vu.evaluate("image => image.decode().then(() => image.naturalWidth)") == 64
    reponse = page.request.get(page.locator("iframe.apercu-document").evaluate("cadre => cadre.src"))
    assert reponse.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert reponse.headers["x-frame-options"] == "SAMEORIGIN"
    _capture_frame(page, "dossier-apercu-1440")


def test_the_side_menu_leads_to_each_part_by_keyboard(page: Page):
    liens = page.locator(".sommaire .fr-sidemenu__link[href^='#']")
    cibles = [str(lien.get_attribute("href")) for lien in liens.all()]
    assert {"#recevabilite", "#grappe", "#documents", "#evaluations", "#notes", "#historique"} <= set(cibles)
    liens.first.focus()
    for cible in cibles:
        expect(page.locator(f".sommaire [href='{cible}']")).to_be_focused()
        assert page.locator(f"section{cible}").count() == 1
        page.keyboard.press("Tab")
    page.locator(".sommaire [href='#historique']").press("Enter")
    page.wait_for_function("document.getElementById('historique').getBoundingClientRect().top < innerHeight / 2")
    assert page.locator(".sommaire").bounding_box()["y"] >= 0  # type: ignore[index]  # it stays in sight


def test_on_a_phone_the_side_menu_is_folded(page: Page):
    page.set_viewport_size(TAILLES[1])
    lien = page.locator(".sommaire [href='#documents']")
    expect(lien).not_to_be_visible()
    page.get_by_role("button", name="Dans ce dossier").click()
    expect(lien).to_be_visible()


def test_without_a_script_a_note_is_written_and_a_document_read(navigateur: Browser, site: Any, scene: Scene):
    contexte = _context(navigateur, java_script_enabled=False)
    page = _officer(contexte, site, scene)
    page.goto(site.url + scene.page)
    page.get_by_text("Écrire une note", exact=True).click()
    page.fill("#note-texte", "Relu sans script.")
    page.select_option("#note-mentions", index=0)
    page.get_by_role("button", name="Enregistrer la note").click()
    expect(page.locator("#notes")).to_contain_text("Relu sans script.")
    page.locator("summary", has_text="Aperçu de rib.png").click()
    page.get_by_role("link", name="Ouvrir l'aperçu de rib.png").click()
    expect(page.locator("img.apercu-document")).to_be_visible()
    assert page.url.endswith(scene.piece)
    contexte.close()


def test_the_page_of_a_document_and_that_of_notes_are_accessible(page: Page, site: Any, scene: Scene):
    for adresse in (scene.piece, f"{scene.page}notes/"):
        page.goto(site.url + adresse)
        page.evaluate(AXE_SCRIPT)
        for taille in TAILLES:
            page.set_viewport_size(taille)
            assert _violations(page, REGLES["light"]) == [], (adresse, taille)
            assert page.evaluate("document.documentElement.scrollWidth") <= taille["width"]


def _capture_frame(page: Page, nom: str) -> None:
    """The document in its frame, as the guide shows it: CAPTURES=1 writes it again."""
    if os.environ.get("CAPTURES") == "1":
        page.locator("iframe.apercu-document").evaluate("cadre => cadre.scrollIntoView({block: 'center'})")
        page.wait_for_timeout(2_000)  # the viewer of the browser draws in its own time
        page.screenshot(path=CAPTURES / f"{nom}.png", caret="initial")
