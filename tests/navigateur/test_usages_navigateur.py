"""The usage declaration in a real browser: the five steps, the grid as a spreadsheet, a file; at both sizes."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, expect

from tests.fabriques import ATTEINTES, PORTE, agir, amener, campagne
from tests.navigateur.test_comptes_navigateur import Visite
from tests.navigateur.test_pages_navigateur import TAILLES, _context
from usages.calcul import COMPTES
from usages.verification import funded


@dataclass(frozen=True)
class Depart:
    """A dossier in deployment, one month of it declared; its ESSMS, and the session of who carries it."""

    pk: int
    essms: list[str]
    session: str

    def page(self, code: str, mois: str) -> str:
        return reverse("portail:usages-etape", args=[self.pk, mois, code])


@pytest.fixture(scope="module")
def depart(site: Any, django_db_blocker: Any) -> Depart:
    """Made in another thread: while the browser runs, Django takes its event loop for an asynchronous context."""
    with ThreadPoolExecutor(1) as fil:
        return fil.submit(_deployed, django_db_blocker).result()


def _deployed(django_db_blocker: Any) -> Depart:
    with django_db_blocker.unblock():
        try:
            dossier = amener(campagne(code="USAGES", dossiers=[{"essms": 16}]).dossier("D1"), "en_deploiement")
            porteur = dossier.dossieruserobjectpermission_set.get().user
            agir(
                dossier, "declarer_usages", porteur, jour="2023-05-31", mois="2023-05", mesures={"uniforme": ATTEINTES}
            )
            client = Client()
            client.force_login(porteur, backend=PORTE)
            essms = [un.finess for un in funded(dossier)]
        finally:
            connections.close_all()
    return Depart(pk=dossier.pk, essms=essms, session=client.cookies["sessionid"].value)


@pytest.fixture(params=TAILLES, ids=lambda taille: str(taille["width"]))
def visite(request: pytest.FixtureRequest, navigateur: Browser, site: Any, depart: Depart) -> Iterator[Visite]:
    contexte = _context(navigateur)
    contexte.add_cookies([{"name": "sessionid", "value": depart.session, "url": site.url}])
    yield Visite(contexte, site.url, request.param)
    contexte.close()


@pytest.fixture
def mois(visite: Visite) -> str:
    """One month for each size."""
    return "2023-07" if visite.taille["width"] > 600 else "2023-08"


def test_the_five_steps_to_the_receipt(visite: Visite, depart: Depart, mois: str) -> None:
    page = visite.page
    visite.go(reverse("portail:usages", args=[depart.pk]))
    visite.judge("usages")
    visite.go(depart.page("identite", mois))
    visite.judge("usages-identite")
    page.click("text=Commencer")
    page.click("summary >> nth=0")
    page.fill(f"[name='{depart.essms[0]}.correction']", "Renommé Les Ormes")
    expect(page.locator("#etat-saisie")).to_contain_text("Enregistré à")
    visite.judge("usages-etablissements")
    page.click("text=Ces données sont vérifiées, continuer")
    for nom, valeur in {"nom": "Odile Delmas", "courriel": "odile@exemple.fr", "telephone": "0561000000"}.items():
        page.fill(f"#champ-contact-{nom}", valeur)
    visite.judge("usages-contact")
    page.click("text=Enregistrer et continuer")
    expect(page.locator("h1")).to_contain_text("Les chiffres")
    _paste(visite, depart, [[str(ATTEINTES[compte]) for compte in COMPTES]] * 16)
    expect(page.locator("#ensemble")).to_contain_text("16 sur 16")
    expect(page.locator("#ensemble")).to_contain_text("80,00")
    visite.judge("usages-chiffres")
    page.click("text=Enregistrer et continuer")
    expect(page.locator("main")).to_contain_text("Ce qui étonne")
    visite.judge("usages-validation")
    for champ in page.locator("textarea").all():
        champ.fill("Vérifié avec l'équipe.")
    page.click("text=Valider la déclaration")
    expect(page.locator("h1")).to_contain_text("déclarés")
    visite.judge("usages-recu")


def _paste(visite: Visite, depart: Depart, bloc: list[list[str]]) -> None:
    visite.page.evaluate(
        "([cible, texte]) => { const d = new DataTransfer(); d.setData('text/plain', texte);"
        " document.getElementById(cible).dispatchEvent("
        "new ClipboardEvent('paste', {clipboardData: d, bubbles: true, cancelable: true})); }",
        [f"champ-{depart.essms[0]}-personnes", "\n".join("\t".join(ligne) for ligne in bloc)],
    )


def test_the_grid_moves_like_a_spreadsheet_and_keeps_what_is_typed(visite: Visite, depart: Depart) -> None:
    mois = "2023-09" if visite.taille["width"] > 600 else "2023-10"
    visite.go(depart.page("chiffres", mois))
    un, deux = (f"#champ-{finess}-personnes" for finess in depart.essms[:2])
    visite.page.fill(un, "12,5")
    visite.page.press(un, "Enter")
    expect(visite.page.locator(deux)).to_be_focused()
    visite.page.press(deux, "ArrowUp")
    expect(visite.page.locator(un)).to_be_focused()
    visite.page.press(un, "ArrowRight")
    expect(visite.page.locator(f"#champ-{depart.essms[0]}-dossiers_actifs")).to_be_focused()
    expect(visite.page.locator(f"{un}-etat")).to_contain_text("n'est pas un nombre entier")
    expect(visite.page.locator(un)).to_have_attribute("aria-invalid", "true")
    visite.judge("usages-erreur")
    visite.page.context.route("**/champ/", lambda route: route.abort("connectionreset"))
    visite.page.fill(un, "12")
    expect(visite.page.locator("#etat-saisie")).to_contain_text("Connexion perdue")
    visite.page.context.unroute("**/champ/")
    with visite.page.expect_response("**/champ/"):
        visite.page.reload()
    expect(visite.page.locator(un)).to_have_value("12")
    visite.page.reload()
    expect(visite.page.locator(un)).to_have_value("12")


def test_a_file_is_read_and_its_columns_shown(visite: Visite, depart: Depart, mois: str) -> None:
    visite.go(depart.page("chiffres", "2023-11"))
    visite.page.click("text=Envoyer un fichier plutôt que saisir")
    contenu = f"Finess;Résidents;MSS\n{depart.essms[0]};120;90\n{depart.essms[1]};-4;2\n"
    visite.page.set_input_files("#champ-fichier", {"name": "e.csv", "mimeType": "text/csv", "buffer": contenu.encode()})
    visite.page.click("text=Lire ce fichier")
    expect(visite.page.locator("#colonne-personnes")).to_have_value("2")
    visite.judge("usages-colonnes")
    visite.page.click("text=Reprendre ces chiffres")
    expect(visite.page.locator("#reprise")).to_contain_text("Ligne 3")
    visite.judge("usages-reprise")


def test_without_javascript_the_grid_is_kept_by_its_button(navigateur: Browser, site: Any, depart: Depart) -> None:
    contexte = navigateur.new_context(java_script_enabled=False)
    contexte.add_cookies([{"name": "sessionid", "value": depart.session, "url": site.url}])
    page = contexte.new_page()
    page.goto(site.url + depart.page("chiffres", "2023-12"))
    page.fill(f"#champ-{depart.essms[0]}-personnes", "31")
    page.click("text=Enregistrer et continuer")
    page.goto(site.url + depart.page("chiffres", "2023-12"))
    expect(page.locator(f"#champ-{depart.essms[0]}-personnes")).to_have_value("31")
    contexte.close()
