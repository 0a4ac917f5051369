"""Messages, help and complements in a real browser, at both sizes: accessible, within the window, nothing forbidden."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, expect

from aap.messages import send
from accompagnement.aide import demander_aide
from config import stockage
from moteur.porte import franchir
from tests.fabriques import MOTIF, agir, amener, campagne, personne
from tests.fichiers import pdf
from tests.navigateur.gens import session, staged, wear
from tests.navigateur.test_comptes_navigateur import Visite
from tests.navigateur.test_pages_navigateur import TAILLES, _context
from tests.navigateur.test_pieces_navigateur import fichier

REGION = "76"
LONG = "Uneadressesansespace" * 40 + "\n\nhttps://exemple.fr/<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def coffre(settings: Any, tmp_path: Path) -> None:
    settings.STORAGES = settings.STORAGES | {"pieces": stockage.on_disk(tmp_path / "pieces")}


@dataclass(frozen=True)
class Scene:
    """A dossier that awaits complements, one being checked, messages, requests; the sessions by role."""

    pages: dict[str, str]
    sessions: dict[str, str]


@pytest.fixture(scope="module")
def scene(site: Any, django_db_blocker: Any) -> Scene:
    return staged(django_db_blocker, _stage)


def _stage() -> Scene:
    camp = campagne(code="ECHANGES", dossiers=[{"essms": 16}, {}, {}])
    attend, verifie, repondu = (camp.dossier(ref) for ref in ("D1", "D2", "D3"))
    amener(verifie, "en_recevabilite")
    for dossier, quoi in ((attend, {"sections": ["grappe", "projet"], "pieces": ["rib"]}), (repondu, {})):
        amener(dossier, "en_recevabilite")
        demande = MOTIF | {"echeance": "2099-12-31"} | quoi
        agir(dossier, "demander_complements", "instructeur", jour="2022-04-05", **demande)
        agir(dossier, "fournir_piece", "porteur", jour="2022-04-06", code="rib", nom="rib-corrigé.pdf")
        parti = dossier.grappe.membres.presents()[0].essms.finess
        agir(dossier, "composer", "porteur", jour="2022-04-06", retirer=[parti], motif="Fermeture.")
    agir(repondu, "completer", "porteur", jour="2022-04-07")
    for rang in range(28):
        qui = "porteur" if rang % 2 else "instructeur"
        texte = LONG if rang == 26 else f"Message {rang} : une question, ou sa réponse."
        send(attend, personne(qui), texte=texte)
    for rang in range(3):
        demande_aide = demander_aide(
            personne("porteur"), attend, departement="31", sujet=f"Question {rang} sur la grappe", texte=LONG
        )
        if rang:
            franchir(demande_aide, "prendre_en_charge", personne("conseiller_grades"))
        if rang == 2:
            franchir(demande_aide, "resoudre", personne("conseiller_grades"), reponse="Voici comment faire.")
    ouverte = demander_aide(personne("porteur"), departement="2A", sujet="Sans dossier", texte="Et nous ?")
    return Scene(
        pages={
            "porteur": reverse("portail:messages", args=[attend.pk]),
            "agent": reverse("messages", args=[attend.pk]),
            "complements": reverse("portail:complements", args=[attend.pk]),
            "demander": reverse("complements", args=[verifie.pk]),
            "repondu": reverse("dossier", args=[repondu.pk]),
            "demande": reverse("demande-aide", args=[demande_aide.pk - 2]),
            "ailleurs": reverse("demande-aide", args=[ouverte.pk]),
        },
        sessions={qui: session(personne(qui, REGION)) for qui in ("porteur", "instructeur")},
    )


@pytest.fixture(params=TAILLES, ids=lambda taille: str(taille["width"]))
def visite(request: pytest.FixtureRequest, navigateur: Browser, site: Any) -> Iterator[Visite]:
    contexte = _context(navigateur)
    yield Visite(contexte, site.url, request.param)
    contexte.close()


def sign_in(visite: Visite, scene: Scene, qui: str) -> None:
    wear(visite.page.context, scene.sessions[qui], visite.url)


def test_the_porteur_writes_with_a_file_and_sees_it_first(visite: Visite, scene: Scene) -> None:
    sign_in(visite, scene, "porteur")
    visite.go(scene.pages["porteur"])
    visite.judge("messages")
    texte = f"Vu depuis {visite.taille['width']} pixels"
    visite.page.fill("#champ-texte", texte)
    piece = fichier("plan.pdf", pdf())
    visite.page.set_input_files("#champ-fichiers", piece)
    visite.page.click("text=Envoyer")
    premier = visite.page.locator(".messages > li").first
    expect(premier).to_contain_text(texte)
    expect(premier).to_contain_text("plan.pdf")
    visite.judge()


def test_a_message_refused_keeps_what_was_typed(visite: Visite, scene: Scene) -> None:
    sign_in(visite, scene, "porteur")
    visite.go(scene.pages["porteur"])
    visite.page.fill("#champ-texte", "Avec un mauvais fichier")
    page_web = fichier("rib.pdf", b"<html>")
    visite.page.set_input_files("#champ-fichiers", page_web)
    visite.page.click("text=Envoyer")
    expect(visite.page.locator("[role=alert]")).to_contain_text("page web")
    expect(visite.page.locator("#champ-texte")).to_have_value("Avec un mauvais fichier")
    visite.judge()


def test_the_officer_reads_and_what_she_saw_is_marked(visite: Visite, scene: Scene) -> None:
    sign_in(visite, scene, "instructeur")
    visite.go(scene.pages["agent"])
    if visite.taille == TAILLES[0]:
        expect(visite.page.locator("section.fil [role=status]")).to_contain_text("lu")
    visite.judge("messages-agent")
    visite.page.reload()
    expect(visite.page.locator("text=Marquer comme lus")).to_have_count(0)


def test_help_is_asked_then_followed(visite: Visite, scene: Scene) -> None:
    sign_in(visite, scene, "porteur")
    visite.go("/aide/nouvelle/")
    visite.judge("aide-nouvelle")
    visite.page.click("main form button[type=submit]")
    expect(visite.page.locator("[role=alert]")).to_contain_text("Objet")
    visite.judge()
    visite.page.fill("#id_sujet", "Une question")
    visite.page.fill("#id_texte", "Comment faire ?")
    visite.page.select_option("#id_departement", "31")
    visite.page.click("main form button[type=submit]")
    expect(visite.page.locator("[role=status]")).to_contain_text("referent-31@")
    visite.judge("aide")


def test_help_is_answered(visite: Visite, scene: Scene) -> None:
    sign_in(visite, scene, "instructeur")
    visite.go("/demandes-aide/")
    visite.judge("demandes-aide")
    visite.go(scene.pages["demande"])
    visite.judge("demande-aide")
    visite.go(scene.pages["ailleurs"])
    expect(visite.page.locator("h1")).to_contain_text("Page non trouvée")


def test_complements_are_asked_read_and_answered(visite: Visite, scene: Scene) -> None:
    sign_in(visite, scene, "instructeur")
    visite.go(scene.pages["demander"])
    visite.judge("complements-demander")
    visite.page.click("main form button[type=submit]")
    expect(visite.page.locator("[role=alert]")).to_contain_text("ce qui manque")
    visite.judge()
    visite.go(scene.pages["repondu"])
    expect(visite.page.locator("#complements")).to_contain_text("rib-corrigé.pdf")
    visite.judge("complements-reponse")
    sign_in(visite, scene, "porteur")
    visite.go(scene.pages["complements"])
    expect(visite.page.locator("#complements-demandes")).to_contain_text("Composition de la grappe")
    visite.judge("complements")
