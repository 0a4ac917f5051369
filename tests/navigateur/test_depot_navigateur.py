"""A director files her first dossier, from her account to the receipt, in a real browser, on a desk and on a phone."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from playwright.sync_api import APIResponse, Browser, Page, Route, expect

from aap.models import Dossier, Section
from aap.saisie import read
from grappes.finess import with_key
from grappes.models import Essms, OrganismeGestionnaire
from moteur import horloge
from moteur.models import Entree
from tests.fabriques import campagne
from tests.fichiers import pdf
from tests.navigateur.gens import in_base
from tests.navigateur.test_comptes_navigateur import Visite, confirm, sign_up
from tests.navigateur.test_pages_navigateur import TAILLES, _context

T = TypeVar("T")
PROJET = {
    "logiciel": "Titan",
    "presentation": "Un dossier commun aux seize établissements.",
    "gouvernance": "Un comité de pilotage tous les mois.",
    "debut": "01/03/2027",
    "fin": "01/03/2028",
    "chef_de_projet": "Odile Delmas",
    "courriel": "odile@exemple.fr",
}
CHOIX = {"segur": "oui", "contrat_signe": "non", "equipement": "non", "amoa_marche": "non", "amoa_projet": "non"}
DIAGNOSTIC = {"postes": "40", "mobiles": "12"}
CHOIX_DIAGNOSTIC = {
    "dui": "aucun", "reseau": "fibre", "mssante": "non", "ins": "non", "referent": "oui", "sauvegardes": "oui",
    "securite": "ecrite",
}  # fmt: skip


@pytest.fixture(scope="module")
def appel(site: Any, django_db_blocker: Any) -> Iterator[dict[int, str]]:
    """A call open today, and an OG of sixteen ESSMS that nobody acts for, by width of window: its number."""
    with django_db_blocker.unblock():
        yield in_base(_open_call)


def _open_call() -> dict[int, str]:
    jour = horloge.aujourdhui()
    fenetre = {"code": "F", "ouvre": str(jour - timedelta(10)), "ferme": str(jour + timedelta(30))}
    campagne(dossiers=0, code="OCC-OUVERT", fenetres=[fenetre])
    ogs = {}
    for rang, largeur in enumerate((*(taille["width"] for taille in TAILLES), 0, -1, -2, -3), start=1):
        og = OrganismeGestionnaire.objects.create(finess=with_key(f"3107790{rang}"), nom=f"Les Tilleuls {rang}")
        Essms.objects.bulk_create(
            Essms(finess=with_key(f"3177{rang}{n:03d}"), nom=f"EHPAD {n}", categorie="500", departement_id="31", og=og)
            for n in range(16)
        )
        ogs[largeur] = og.finess
    return ogs


@pytest.fixture(params=TAILLES, ids=lambda taille: str(taille["width"]))
def visite(request: pytest.FixtureRequest, navigateur: Browser, site: Any) -> Iterator[Visite]:
    contexte = _context(navigateur)
    yield Visite(contexte, site.url, request.param)
    contexte.close()


def open_draft(visite: Visite, finess: str, courriel: str) -> None:
    """From nothing to an empty draft."""
    page = visite.page
    sign_up(visite, courriel)
    confirm(visite, courriel)
    visite.go("/mes-dossiers/")
    visite.judge("portail-accueil-vide")
    page.click("text=Ouvrir un dossier")
    visite.judge("portail-organisme")
    visite.type(finess=finess, fonction="Directrice")
    page.select_option("main select[name=aap]", label="OCC-OUVERT — Occitanie")
    page.click("main label:has-text('Acquisition')")
    page.fill("main [name=nom]", "Grappe des Tilleuls")
    visite.judge("portail-nouveau")
    page.click("main button:has-text('Ouvrir le dossier')")
    expect(page.locator("h1")).to_contain_text("Votre grappe")


def compose(visite: Visite, finess: str) -> None:
    """The whole OG at once, by its legal number."""
    page = visite.page
    visite.judge("portail-grappe-vide")
    page.click("summary:has-text('Coller')")
    page.fill("#champ-numeros", finess)
    page.click("text=Ajouter ces établissements")
    visite.judge("portail-grappe-juridique")
    page.click("button:has-text('de cet organisme')")
    expect(page.locator("#champ-grappe")).to_contain_text("est atteint")
    expect(page.locator("#panneau")).to_contain_text("304")  # 16 × (7 000 + 12 000), not referenced so far
    visite.judge("portail-grappe")


def answer(visite: Visite, textes: dict[str, str], choix: dict[str, str], prefixe: str = "") -> None:
    """Fill in the questions of a page, each kept as one leaves it."""
    page = visite.page
    for nom, valeur in choix.items():
        bloc = page.locator(f"[data-champ='{prefixe}{nom}']")
        bloc.locator(f"label[for$='-{valeur}']").click()
        expect(bloc.locator(".fr-message--valid")).to_be_visible()
    for nom, valeur in textes.items():
        bloc = page.locator(f"[data-champ='{prefixe}{nom}']")
        bloc.locator("input:not([type=hidden]), textarea").fill(valeur)
        bloc.locator("input:not([type=hidden]), textarea").blur()
        expect(bloc.locator(".fr-message--valid")).to_be_visible()


def provide(visite: Visite, dossier: str, tmp_path: Path) -> None:
    """Every document due, the self-assessment by its form."""
    page = visite.page
    fichier = tmp_path / "piece.pdf"
    fichier.write_bytes(pdf("Pièce"))
    visite.go(f"{dossier}/pieces/")
    visite.judge("portail-pieces-vides")
    for code in ("cadre_de_reponse", "lettre_engagement", "tableau_essms"):
        page.set_input_files(f"#champ-piece-{code}", fichier)
        expect(page.locator(f"#piece-{code}")).to_contain_text("Fournie le")
    page.click("#piece-autodiagnostic_si a:has-text('Remplir')")
    prefixe = page.url.rstrip("/").rpartition("/")[2] + "."
    answer(visite, DIAGNOSTIC, CHOIX_DIAGNOSTIC, prefixe)
    visite.judge("portail-formulaire")
    visite.go(f"{dossier}/pieces/")
    page.click("#piece-autodiagnostic_si button:has-text('Joindre au dossier')")
    expect(page.locator("#piece-autodiagnostic_si")).to_contain_text("Fournie le")
    visite.judge("portail-pieces")


def undertake(visite: Visite, dossier: str) -> None:
    """The four undertakings; then everything is there."""
    page = visite.page
    visite.go(f"{dossier}/depot/")
    visite.judge("portail-depot-incomplet")
    for case in page.locator("[data-champ] label").all():
        case.click()
    expect(page.locator("[data-champ] .fr-message--valid")).to_have_count(4)
    visite.go(f"{dossier}/depot/")
    expect(page.locator("#avant-depot-titre")).to_have_text("Ce qui va se passer")
    visite.judge("portail-depot")


def test_from_her_account_to_the_receipt(visite: Visite, appel: dict[int, str], tmp_path: Path):
    finess = appel[visite.taille["width"]]
    page = visite.page
    open_draft(visite, finess, f"odile-{visite.taille['width']}@exemple.fr")
    adresse = re.sub(r"^.*?(/mes-dossiers/\d+)/.*$", r"\1", page.url)
    compose(visite, finess)
    page.click("a.fr-btn:has-text('Étape suivante')")
    answer(visite, PROJET, CHOIX)
    expect(page.locator("#panneau")).to_contain_text("344")  # 16 × (7 000 + 14 500)
    visite.judge("portail-projet")
    provide(visite, adresse, tmp_path)
    undertake(visite, adresse)

    page.locator("button:has-text('Déposer le dossier')").dblclick()
    expect(page.locator("main")).to_contain_text("reçu")
    visite.judge("portail-depose")
    dossier = in_base(lambda: Dossier.objects.get(pk=adresse.rpartition("/")[2]))
    assert dossier.etat == "depose"
    assert in_base(lambda: Entree.objects.filter(objet=dossier.cle, action="deposer").count()) == 1


def test_what_is_typed_while_the_connection_is_lost_comes_back(navigateur: Browser, site: Any, appel: dict[int, str]):
    contexte = _context(navigateur)
    visite = Visite(contexte, site.url, TAILLES[0])
    open_draft(visite, appel[0], "claire@exemple.fr")
    page = visite.page
    pk = re.sub(r"^.*?/mes-dossiers/(\d+)/.*$", r"\1", page.url)
    visite.go(f"/mes-dossiers/{pk}/projet/")

    page.route("**/champ/**", _cut)
    page.fill("#champ-presentation", "Trois heures de travail.")
    page.locator("#champ-presentation").blur()
    expect(page.locator("#etat-saisie")).to_contain_text("Connexion perdue")
    page.unroute("**/champ/**")
    page.reload()  # even a closed tab loses nothing: the text is on this machine, and is sent again
    expect(page.locator("#champ-presentation")).to_have_value("Trois heures de travail.")
    expect(page.locator("[data-champ=presentation] .fr-message--valid")).to_be_visible()
    gardee = in_base(lambda: read(Dossier.objects.get(pk=pk), Section.PROJET))
    assert gardee is not None
    assert gardee.champs["presentation"]["valeur"] == "Trois heures de travail."
    contexte.close()


def test_an_answer_that_comes_back_late_does_not_bring_the_past_back(
    navigateur: Browser, site: Any, appel: dict[int, str]
):
    contexte = _context(navigateur)
    visite = Visite(contexte, site.url, TAILLES[0])
    open_draft(visite, appel[-3], "clotilde@exemple.fr")
    page = visite.page
    visite.go(re.sub(r"^.*?(/mes-dossiers/\d+)/.*$", r"\1/depot/", page.url))
    retenue: list[tuple[Route, APIResponse]] = []
    page.route("**/champ/**", lambda route: retenue.append((route, route.fetch())), times=1)
    sincerite, interlocuteur = (
        page.locator(f"#avant-depot a[href$=champ-{case}]") for case in ("sincerite", "interlocuteur")
    )
    page.click("label[for=champ-sincerite]")
    expect(sincerite).to_be_visible()  # asked for still: the answer is on its way back
    page.click("label[for=champ-interlocuteur]")
    expect(page.locator("[data-champ=interlocuteur] .fr-message--valid")).to_be_visible()
    expect(sincerite).to_have_count(0)
    ((route, reponse),) = retenue
    route.fulfill(response=reponse)
    expect(page.locator("[data-champ=sincerite] .fr-message--valid")).to_be_visible()
    expect(interlocuteur).to_have_count(0)
    contexte.close()


def test_two_co_editors_do_not_overwrite_each_other(navigateur: Browser, site: Any, appel: dict[int, str]):
    une, autre = (Visite(_context(navigateur), site.url, TAILLES[0]) for _ in range(2))
    sign_up(autre, "brigitte@exemple.fr")
    confirm(autre, "brigitte@exemple.fr")
    open_draft(une, appel[-1], "agathe@exemple.fr")
    projet = re.sub(r"^.*?(/mes-dossiers/\d+)/.*$", r"\1/projet/", une.page.url)
    une.page.click("text=Qui agit sur ce dossier")
    une.type(courriel="brigitte@exemple.fr")
    une.judge("portail-personnes")

    une.go(projet)
    autre.go(projet)
    for visite, logiciel, dit in ((une, "Titan", "Enregistré"), (autre, "Netvie", "Titan")):
        visite.page.fill("#champ-logiciel", logiciel)
        visite.page.locator("#champ-logiciel").blur()
        expect(visite.page.locator("[data-champ=logiciel]")).to_contain_text(dit)
    expect(autre.page.locator("#champ-logiciel")).to_have_value("Netvie")  # what she typed is not lost
    autre.judge("portail-conflit")
    for visite in (une, autre):
        visite.page.context.close()


def _cut(route: Route) -> None:
    route.abort("internetdisconnected")


def test_the_keyboard_alone_files_a_dossier(navigateur: Browser, site: Any, appel: dict[int, str], tmp_path: Path):
    """From the empty draft to the receipt by Tab, Space, Enter and typing.

    Choosing a file opens a window of the system: the documents are given as the other tests give them.
    """
    contexte = _context(navigateur)
    visite = Visite(contexte, site.url, TAILLES[0])
    open_draft(visite, appel[-2], "colette@exemple.fr")
    page, clavier = visite.page, visite.page.keyboard
    dossier = re.sub(r"^.*?(/mes-dossiers/\d+)/.*$", r"\1", page.url)
    _press(page, "summary", "Enter")
    _type(page, "#champ-numeros", appel[-2])
    _press(page, ".grappe__coller form button", "Enter")
    _press(page, "button:has-text('de cet organisme')", "Enter")
    expect(page.locator("#champ-grappe")).to_contain_text("est atteint")
    _press(page, "a.fr-btn[href$='/projet/']", "Enter")
    expect(page.locator("h1")).to_contain_text("Projet")
    for nom, valeur in CHOIX.items():
        page.locator(f"#champ-{nom}-oui").focus()
        clavier.press("Space")
        if valeur == "non":
            clavier.press("ArrowRight")
        expect(page.locator(f"#champ-{nom}-{valeur}")).to_be_checked()
    for nom, valeur in PROJET.items():
        _type(page, f"#champ-{nom}", valeur)
    clavier.press("Tab")
    expect(page.locator("#panneau")).to_contain_text("344")
    provide(visite, dossier, tmp_path)
    visite.go(f"{dossier}/depot/")
    for case in ("sincerite", "interlocuteur", "pas_de_cumul", "usages"):
        _press(page, f"#champ-{case}", "Space")
        expect(page.locator(f"[data-champ={case}] .fr-message--valid")).to_be_visible()
    visite.go(f"{dossier}/depot/")
    _press(page, "button:has-text('Déposer le dossier')", "Enter")
    expect(page.locator("main")).to_contain_text("reçu")
    contexte.close()


def _press(page: Page, selecteur: str, touche: str) -> None:
    """Come to that element by the Tab key, and press a key on it."""
    cible = page.locator(f"main {selecteur}").first
    for _ in range(120):
        if cible.evaluate("element => document.activeElement === element"):
            page.keyboard.press(touche)
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"La touche Tab n'atteint pas {selecteur}.")


def _type(page: Page, selecteur: str, texte: str) -> None:
    """Come to that field by the Tab key, and type."""
    _press(page, selecteur, "End")
    page.keyboard.type(texte)
