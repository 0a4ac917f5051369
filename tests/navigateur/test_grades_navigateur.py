"""An adviser's day in a real browser, at both sizes: annotate without leaving the map, follow, give the opinion."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, expect

from tests.fabriques import agir, amener, campagne, personne
from tests.navigateur.gens import session, staged, wear
from tests.navigateur.test_comptes_navigateur import Visite
from tests.navigateur.test_pages_navigateur import TAILLES, _context

FORT = {"axe": "editeur", "niveau": "fort", "maitrise": "aucune", "commentaire": "Le connecteur est en échec." * 20}


@dataclass(frozen=True)
class Scene:
    """Two dossiers in instruction, one per window size, a third that shares a cause; the sessions by role."""

    dossiers: list[int]
    pages: dict[str, str]
    sessions: dict[str, str]


@pytest.fixture(scope="module")
def scene(site: Any, django_db_blocker: Any) -> Scene:
    return staged(django_db_blocker, _stage)


def _stage() -> Scene:
    camp = campagne(code="RISQUES", dossiers=[{}, {}, {}])
    trois = [amener(camp.dossier(f"D{rang}"), "en_instruction") for rang in (1, 2, 3)]
    partage = agir(trois[2], "ouvrir_risque", "conseiller_grades", axe="editeur", libelle="Sillage en échec")
    agir(trois[2], "annoter_risque", "conseiller_grades", **FORT, risque=partage.pk, partagee=True)
    agir(trois[2], "annoter_risque", "instructeur", axe="editeur", niveau="modere", risque=partage.pk)
    agir(
        trois[2], "planifier_action", "conseiller_grades", phase="choix", intitule="Comparer trois logiciels",
        intervenant="federation", pour_le="2022-05-01",
    )  # fmt: skip
    return Scene(
        dossiers=[un.pk for un in trois],
        pages={
            "risques": reverse("grades-risques-dossier", args=[trois[2].pk]) + "?axe=editeur",
            "risque": reverse("grades-risque", args=[partage.pk]),
            "plan": reverse("grades-accompagnement", args=[trois[2].pk]),
            "suivi": reverse("portail:suivi", args=[trois[2].pk]),
        },
        sessions={qui: session(personne(qui)) for qui in ("conseiller_grades", "responsable", "porteur")},
    )


@pytest.fixture(params=TAILLES, ids=lambda taille: str(taille["width"]))
def visite(request: pytest.FixtureRequest, navigateur: Browser, site: Any) -> Iterator[Visite]:
    contexte = _context(navigateur)
    yield Visite(contexte, site.url, request.param)
    contexte.close()


def sign_in(visite: Visite, scene: Scene, qui: str) -> None:
    wear(visite.page.context, scene.sessions[qui], visite.url)


def test_an_adviser_annotates_without_leaving_the_map_then_gives_the_opinion(visite: Visite, scene: Scene) -> None:
    sign_in(visite, scene, "conseiller_grades")
    dossier = scene.dossiers[TAILLES.index(visite.taille)]
    niveau = visite.page.locator(f"#niveau-{dossier}-securite_si")
    visite.go("/grades/")
    visite.judge("risques-carte")
    visite.page.emulate_media(color_scheme="dark")
    visite.page.wait_for_selector("html[data-fr-theme=dark]")
    visite.judge()
    visite.page.emulate_media(color_scheme="light")
    while niveau.count() == 0:
        visite.page.click("text=Page suivante")
    adresse = visite.page.url
    niveau.click()
    expect(visite.page.locator("#panneau-risque-titre")).to_be_focused()
    visite.judge("risques-panneau")
    visite.page.select_option("#id_niveau", "fort")
    visite.page.click("text=Enregistrer l'annotation")
    expect(visite.page.locator("#erreurs")).to_contain_text("Un risque fort s'explique")
    visite.judge()
    visite.page.fill("#id_commentaire", "Aucune sauvegarde hors site.")
    visite.page.click("text=Enregistrer l'annotation")
    expect(visite.page.locator("#panneau-risque [role=status]")).to_contain_text("enregistrée")
    expect(niveau).to_contain_text("Fort")
    expect(niveau).to_contain_text("Sans mesure")
    assert visite.page.url == adresse
    _give_opinion(visite, dossier)


def _give_opinion(visite: Visite, dossier: int) -> None:
    visite.go(f"/dossiers/{dossier}/avis-grades/")
    expect(visite.page.locator("#id_securite_si")).to_have_value("fort")
    visite.judge("avis-grades")
    visite.page.click("text=Réservé")
    visite.page.fill("#id_commentaire", "À suivre dès la signature.")
    visite.page.click('button:has-text("Donner l\'avis")')
    expect(visite.page.locator("#risques")).to_contain_text("Sécurité du SI")
    visite.judge("risques-dossier")


def test_the_other_pages_of_the_adviser(visite: Visite, scene: Scene) -> None:
    sign_in(visite, scene, "conseiller_grades")
    visite.go(scene.pages["risques"])
    expect(visite.page.locator("main")).to_contain_text("l'avait évalué")
    visite.judge("risques-axe")
    visite.go(scene.pages["risque"])
    visite.judge("risque-partage")
    visite.go("/grades/risques/")
    visite.judge()
    visite.go("/grades/retards/")
    expect(visite.page.locator("main")).to_contain_text("Comparer trois logiciels")
    visite.judge("actions-en-retard")
    visite.go(scene.pages["plan"])
    visite.page.click("summary >> nth=0")
    visite.judge("accompagnement")


def test_the_ars_names_an_adviser_and_the_porteur_reads_what_is_shared(visite: Visite, scene: Scene) -> None:
    sign_in(visite, scene, "responsable")
    visite.go(scene.pages["plan"])
    visite.judge()
    visite.page.click("section.ecrire button[type=submit]")
    expect(visite.page.locator(".fr-alert[role=status]")).to_contain_text("suit")
    sign_in(visite, scene, "porteur")
    visite.go(scene.pages["suivi"])
    expect(visite.page.locator("#attention")).to_contain_text("Le connecteur est en échec.")
    visite.judge("suivi-attention")


def test_the_map_and_the_annotation_work_without_javascript(site: Any, navigateur: Browser, scene: Scene) -> None:
    contexte = _context(navigateur, java_script_enabled=False)
    wear(contexte, scene.sessions["conseiller_grades"], site.url)
    page = contexte.new_page()
    page.goto(f"{site.url}/grades/")
    page.click(".carte-risques__lien >> nth=0")
    page.select_option("#id_niveau", "faible_ou_nul")
    page.click("text=Enregistrer l'annotation")
    expect(page.locator(".fr-alert[role=status]")).to_contain_text("Votre annotation est enregistrée")
    contexte.close()
