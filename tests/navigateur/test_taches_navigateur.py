"""An officer's inbox, the drawn process and the objectives in a real browser: both sizes, both themes, keyboard."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from aap.models import Aap
from aap.objectifs import fixer_objectifs
from comptes.delegations import Etendue, deleguer
from comptes.models import Region
from comptes.models.delegation import Nature
from comptes.roles import Role
from instruction import relances
from instruction.models import TacheSuivie
from moteur import horloge
from tests.instruction import campagne
from tests.navigateur.gens import session, staged, wear
from tests.navigateur.test_comptes_navigateur import Visite
from tests.navigateur.test_pages_navigateur import TAILLES, _context


@dataclass(frozen=True)
class Scene:
    """Who reads, and a dossier half-way."""

    sessions: dict[str, str]
    dossier: str


@pytest.fixture(scope="module")
def scene(site: Any, django_db_blocker: Any) -> Scene:
    return staged(django_db_blocker, lambda: _stage(site))


def _stage(site: Any) -> Scene:
    """Claire is away and Hugo stands in for her; one of her tasks is late, reminded of and told."""
    jour, region = horloge.aujourdhui(), Region.objects.get(pk="76")
    gens = {nom: campagne.person(nom, Role.INSTRUCTEUR, "76") for nom in ("claire", "hugo")}
    gens["anne"] = campagne.person("anne", Role.RESPONSABLE, "76")
    prises = list(TacheSuivie.objects.open().filter(role="instructeur").order_by("pk")[:3])
    TacheSuivie.objects.filter(pk__in=[tache.pk for tache in prises]).update(
        owner=gens["claire"], status="ASSIGNED", created=horloge.maintenant() - timedelta(days=40)
    )
    TacheSuivie.objects.filter(pk=prises[0].pk).update(objectif=jour - timedelta(days=20))
    TacheSuivie.objects.filter(pk=prises[1].pk).update(objectif=jour + timedelta(days=1))
    relances.remind()
    etendue = Etendue(
        nature=Nature.SUPPLEANCE, role=Role.INSTRUCTEUR, region=region, du=jour, au=jour + timedelta(days=9)
    )
    deleguer(gens["hugo"], etendue, gens["claire"])
    fixer_objectifs(Aap.objects.get(code="OCC-DEMO"), {"evaluer": 10}, gens["anne"], du=jour)
    return Scene({nom: session(qui) for nom, qui in gens.items()}, f"{site.dossiers['certifie']}parcours/")


@pytest.fixture(params=TAILLES, ids=lambda taille: str(taille["width"]))
def visite(request: pytest.FixtureRequest, navigateur: Browser, site: Any) -> Iterator[Visite]:
    contexte = _context(navigateur)
    yield Visite(contexte, site.url, request.param)
    contexte.close()


def read(visite: Visite, scene: Scene, qui: str, adresse: str) -> None:
    """Open a page as somebody, and judge it in both themes."""
    wear(visite.page.context, scene.sessions[qui], visite.url)
    visite.go(adresse)
    visite.judge()
    visite.page.emulate_media(color_scheme="dark")
    visite.page.wait_for_selector("html[data-fr-theme=dark]")
    visite.judge()
    visite.page.emulate_media(color_scheme="light")


def test_the_deputy_sees_the_tasks_of_who_is_away_and_takes_one_over(visite: Visite, scene: Scene) -> None:
    read(visite, scene, "hugo", "/taches/")
    en_retard = visite.page.locator(".tache--retard").first
    expect(en_retard).to_contain_text("en l'absence de claire")
    expect(en_retard).to_contain_text("relancée le")
    expect(en_retard).to_contain_text("signalée à")
    en_retard.locator("summary").click()
    visite.judge()
    expect(visite.page.locator("text=Ne plus la montrer avant le").first).to_be_visible()


def test_who_is_away_is_told_who_stands_in(visite: Visite, scene: Scene) -> None:
    read(visite, scene, "claire", "/taches/")
    expect(visite.page.locator(".fr-callout")).to_contain_text("hugo voit vos tâches")


def test_the_process_is_drawn_and_told(visite: Visite, scene: Scene) -> None:
    read(visite, scene, "hugo", "/parcours/")
    cadres = visite.page.locator(".parcours__cadre")
    assert cadres.count() == 7
    cadres.nth(0).focus()
    for _ in range(20):
        visite.page.keyboard.press("ArrowRight")
    if visite.taille["width"] < 600:
        visite.page.wait_for_function("() => document.querySelector('.parcours__cadre').scrollLeft > 100")
    else:
        assert cadres.nth(0).evaluate("un => un.scrollWidth <= un.clientWidth"), "everything is seen at once"
    visite.page.click("text=Recevabilité, étape par étape")
    expect(visite.page.locator(".parcours__etapes").first).to_contain_text("à compléter : Compléter (Porteur)")
    visite.judge()


def test_a_dossier_says_where_it_stands(visite: Visite, scene: Scene) -> None:
    read(visite, scene, "hugo", scene.dossier)
    expect(visite.page.locator(".parcours__forme--faite").first).to_contain_text("✓ faite")
    expect(visite.page.locator(".parcours__forme--en_cours")).to_contain_text("Ordonnancer")
    visite.page.click("text=Convention et paiement, étape par étape")
    expect(visite.page.locator(".parcours__etapes").nth(2)).to_contain_text("En cours depuis le")


def test_a_responsable_fixes_an_objective(visite: Visite, scene: Scene) -> None:
    jours = "7" if visite.taille["width"] > 600 else "8"
    read(visite, scene, "anne", "/appels-a-projets/OCC-DEMO/objectifs/")
    visite.page.fill("#id_declarer_recevable", "300")
    visite.page.click("text=Fixer ces objectifs")
    expect(visite.page.locator("#erreurs")).to_contain_text("Un nombre de jours de 1 à 250")
    visite.judge()
    visite.page.fill("#id_declarer_recevable", jours)
    visite.page.click("text=Fixer ces objectifs")
    expect(visite.page.locator("main [role=status]")).to_contain_text("C'est fixé")
    expect(visite.page.locator("#id_declarer_recevable")).to_have_value(jours)
    expect(visite.page.locator(".lignes").last).to_contain_text(f"Déclarer recevable : {jours}")
    visite.judge()
