"""A newcomer of the demonstration files a dossier: from her home page to the receipt, and to the page that confirms it.

Her time is worked out as tests/navigateur/chronometre.py says, from the page where she signs in. She follows only what
the pages say, on the demonstration's own accounts, call and register. The forty dossiers of the campaign are not
played: she never meets them.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings
from playwright.sync_api import Locator, Page, expect

from aap.models import Recu
from instruction.demonstration import appel_ouvert, comptes, jeu
from moteur import horloge
from tests.fichiers import pdf
from tests.navigateur.chronometre import Chronometre
from tests.navigateur.conftest import Site, serve
from tests.navigateur.gens import in_base
from tests.navigateur.test_comptes_navigateur import Visite
from tests.navigateur.test_pages_navigateur import TAILLES, _context

FICHIERS = ("cadre_de_reponse", "lettre_engagement", "tableau_essms")
OUI_NON = {"segur": "Oui", "contrat_signe": "Non", "equipement": "Non", "amoa_marche": "Non", "amoa_projet": "Non"}
#: What « under ten minutes, with no help » is held to, in seconds.
DIX_MINUTES = 600
PROJET = {
    "Présentez le projet": "Un dossier commun à nos dix-huit établissements.",
    "Qui pilote": "Un comité de pilotage tous les mois.",
    "Début prévu": "01/03/2023",
    "Fin prévue": "01/03/2024",
    "Chef ou cheffe de projet": "Anne Tilleul",
    "Son adresse électronique": "anne@exemple.fr",
}


@pytest.fixture(scope="module")
def site(base_modele: str, django_db_blocker: Any) -> Iterator[Site]:
    """The demonstration, on its own day, where only those who have not filed yet are there."""
    with django_db_blocker.unblock(), override_settings(HORLOGE=jeu.day()), serve(base_modele, _install) as url:
        yield Site(url, {})


def _install() -> None:
    with horloge.figer(horloge.ouverture(jeu.day())):
        gens = comptes.create()
        appel_ouvert.install(gens["administrateur"], gens["porteur"])


def test_a_newcomer_files_with_the_data_of_the_demonstration(navigateur: Any, site: Site, tmp_path: Path):
    contexte, chronometre = _context(navigateur), Chronometre()
    chronometre.follow(contexte)
    visite = Visite(contexte, site.url, TAILLES[0])
    page = visite.page
    sign_in(visite)
    open_draft(page)
    compose(page)
    page.click("a:text-is('Étape suivante')")
    tell_the_project(page)
    page.click("a:text-is('Étape suivante')")
    provide(page, tmp_path)
    page.click("a:text-is('Étape suivante')")
    expect(page.locator("#engagements-titre")).to_be_visible()
    for case in page.locator("[data-champ] label").all():
        case.click()
    page.click("button:has-text('Déposer le dossier')")  # there as soon as the last undertaking is kept
    expect(page.locator("h1")).to_have_text("Votre dossier est déposé")
    with page.expect_download() as recu:
        page.click("text=Télécharger le reçu (PDF)")
    assert Path(recu.value.path()).read_bytes().startswith(b"%PDF-")

    code = in_base(lambda: Recu.objects.get().code)
    inconnue = _context(navigateur)
    chronometre.follow(inconnue)
    publique = Visite(inconnue, site.url, TAILLES[0])
    publique.go(f"/recu/{code}/")
    expect(publique.page.locator("h1")).to_have_text("Ce reçu est authentique")
    assert chronometre.secondes < DIX_MINUTES, str(chronometre)
    assert visite.fautes == publique.fautes == []
    for ouvert in (contexte, inconnue):
        ouvert.close()


def write(champ: Locator, texte: str) -> None:
    """Key by key, once pointed at."""
    champ.click()
    champ.press_sequentially(texte)


def sign_in(visite: Visite) -> None:
    """From the home page, as the command prints her account."""
    visite.go("/connexion/")
    write(visite.page.get_by_label("Adresse électronique ou identifiant"), "demo.directrice")
    write(visite.page.get_by_label("Mot de passe"), comptes.password())
    visite.page.click("main button:text-is('Se connecter')")
    expect(visite.page.locator("main")).to_contain_text("Vous n'avez pas encore de dossier")


def open_draft(page: Page) -> None:
    """Her organism by its number, which the command prints too; the only open call is chosen already."""
    page.click("text=Ouvrir un dossier")
    write(page.get_by_label("Numéro FINESS juridique"), appel_ouvert.organismes()[0].finess)
    page.click("text=Agir pour cet organisme")
    expect(page.locator("main")).to_contain_text("Vous agissez désormais pour Association des Tilleuls")
    page.click("main label:has-text('Acquisition')")
    write(page.get_by_label("Nom de votre grappe"), "Grappe des Tilleuls")
    page.click("button:text-is('Ouvrir le dossier')")


def compose(page: Page) -> None:
    """All of her OG in a gesture, then a neighbour found by its name in another."""
    page.get_by_role("button", name=re.compile(r"Ajouter les 12.ESSMS de Association des Tilleuls")).click()
    expect(page.locator("#champ-grappe")).to_contain_text("Il en manque 3")
    write(page.get_by_label("Rechercher un établissement"), "genêts du tarn")
    page.get_by_role("button", name=re.compile(r"Ajouter les 6.ESSMS de Les Genêts du Tarn")).click()
    expect(page.locator("#champ-grappe")).to_contain_text("est atteint")


def tell_the_project(page: Page) -> None:
    for nom, reponse in OUI_NON.items():
        page.locator(f"[data-champ='{nom}'] label:text-is('{reponse}')").click()
    for question, reponse in PROJET.items():
        write(page.get_by_label(question), reponse)
    page.keyboard.press("Tab")  # leaves the last field
    expect(page.locator("[data-champ] .fr-message--valid")).to_have_count(len(OUI_NON) + len(PROJET), timeout=30_000)


def provide(page: Page, tmp_path: Path) -> None:
    """The files, then the form of each OG, one after the other, joined at the end."""
    fichier = tmp_path / "piece.pdf"
    fichier.write_bytes(pdf("Pièce"))
    for code in FICHIERS:
        page.set_input_files(f"#champ-piece-{code}", fichier)
        expect(page.locator(f"#piece-{code}")).to_contain_text("Fournie le")
    page.locator("a:has-text('Remplir')").first.click()
    expect(page.locator("main .fr-text--lead")).to_contain_text("Association des Tilleuls")
    for reponse in ("Aucun", "Fibre partout", "Écrite"):
        page.locator(f"main label:text-is('{reponse}')").click()
    for oui in page.locator("main label:text-is('Oui')").all():
        oui.click()
    count_machines(page)
    expect(page.locator("main .fr-text--lead")).to_contain_text("Les Genêts du Tarn")
    page.click("button:text-is('Reprendre les réponses de Association des Tilleuls')")
    expect(page.locator("main [role=status]").first).to_contain_text("Corrigez ce qui diffère")
    count_machines(page)
    page.click("button:has-text('Joindre au dossier')")
    expect(page.locator("main")).to_contain_text("Tous les documents obligatoires sont là")


def count_machines(page: Page) -> None:
    """The two figures that are an OG's own."""
    write(page.get_by_label("Nombre de postes"), "40")
    write(page.get_by_label("Nombre de tablettes"), "12")
    page.click("button:text-is('Enregistrer et continuer')")
