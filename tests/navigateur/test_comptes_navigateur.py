"""The accounts in a real browser: from sign-up to a second proof, at both sizes, with nothing the policy forbids."""

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from axe_playwright_python.base import AXE_SCRIPT  # type: ignore[import-untyped]
from django.core import mail
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.comptes.gens import SECRET, link_in
from tests.navigateur.test_pages_navigateur import TAILLES, _capture, _context, _violations

INTERDIT = "Content Security Policy"


class Visite:
    """One person in front of one window: every page she reaches is judged."""

    def __init__(self, contexte: BrowserContext, url: str, taille: Any) -> None:
        self.page: Page = contexte.new_page()
        self.page.set_viewport_size(taille)
        self.url, self.taille, self.fautes = url, taille, list[str]()
        self.page.on("pageerror", lambda erreur: self.fautes.append(str(erreur)))
        self.page.on("console", lambda message: self._listen(message.text))

    def _listen(self, texte: str) -> None:
        if INTERDIT in texte:
            self.fautes.append(texte)

    def go(self, adresse: str) -> None:
        self.page.goto(self.url + adresse)

    def type(self, **champs: str) -> None:
        for nom, valeur in champs.items():
            self.page.fill(f"main [name={nom}]", valeur)
        self.page.click("main form button[type=submit]")

    def judge(self, nom: str = "") -> None:
        """No accessibility violation, no overflow, nothing refused by the policy."""
        self.page.wait_for_selector("html[data-fr-theme]")
        # Playwright puts the script in by its own door, which the policy of the page does not guard.
        self.page.evaluate(AXE_SCRIPT)
        assert _violations(self.page, "{}") == [], self.page.url
        assert self.page.evaluate("document.documentElement.scrollWidth") <= self.taille["width"], self.page.url
        assert self.fautes == []
        if nom:
            _capture(self.page, f"{nom}-{self.taille['width']}")


@pytest.fixture(params=TAILLES, ids=lambda taille: str(taille["width"]))
def visite(request: pytest.FixtureRequest, navigateur: Browser, site: Any) -> Iterator[Visite]:
    contexte = _context(navigateur)
    yield Visite(contexte, site.url, request.param)
    contexte.close()


def sign_up(visite: Visite, courriel: str) -> None:
    visite.go("/inscription/")
    visite.type(first_name="Odile", last_name="Delmas", email=courriel, password1=SECRET, password2=SECRET)
    expect(visite.page.locator("h1")).to_have_text("Vérifiez votre messagerie")


def confirm(visite: Visite, courriel: str) -> None:
    visite.go(link_in([message for message in mail.outbox if message.to == [courriel]][-1]))
    visite.page.click("text=Confirmer mon adresse")
    expect(visite.page.locator("header")).to_contain_text("Odile Delmas")


def code_of(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def test_from_nothing_to_a_second_proof(visite: Visite):
    courriel = f"odile{visite.taille['width']}@organisme.fr"
    visite.go("/inscription/")
    visite.judge("inscription")
    visite.type(first_name="Odile", last_name="", email="odile", password1="court", password2="autre")
    expect(visite.page.locator("[role=alert]")).to_contain_text("Le compte n'est pas créé")
    visite.judge("inscription-erreurs")
    visite.page.click("[role=alert] a >> nth=0")
    expect(visite.page.locator("#id_last_name")).to_be_focused()

    sign_up(visite, courriel)
    visite.judge("inscription-courriel")
    visite.go(link_in(mail.outbox[-1]))
    visite.judge("inscription-confirmer")
    confirm(visite, courriel)

    visite.go("/compte/")
    visite.judge("compte")
    for adresse in ("adresses/", "mot-de-passe/", "sessions/", "fournisseurs/"):
        visite.go(f"/compte/{adresse}")
        visite.judge(f"compte-{adresse[:-1]}")
    _enrol(visite)

    visite.page.context.clear_cookies()
    visite.go("/connexion/")
    visite.type(username=courriel, password=SECRET)
    expect(visite.page.locator("h1")).to_have_text("Double vérification")
    visite.judge("connexion-code")


def _enrol(visite: Visite) -> None:
    visite.go("/compte/securite/application/")
    expect(visite.page.locator("h1")).to_have_text("Confirmez que c'est vous")
    visite.judge("compte-confirmation")
    visite.type(password=SECRET)
    visite.judge("compte-application")
    visite.type(code=code_of(visite.page.locator(".cle-secrete").inner_text()))
    expect(visite.page.locator("h1")).to_have_text("Codes de secours")
    visite.judge("compte-secours")
    for adresse in ("", "cles/", "cles/ajouter/", "application/retirer/", "secours/renouveler/"):
        visite.go(f"/compte/securite/{adresse}")
        visite.judge("compte-securite" if not adresse else "")


@pytest.mark.parametrize(
    "adresse",
    ["/connexion/", "/connexion/?next=/compte/", "/mot-de-passe-oublie/", "/mot-de-passe-oublie/envoye/",
     "/mot-de-passe-oublie/change/", "/fournisseurs/abandon", "/fournisseurs/erreur", "/nulle-part/",
     "/inscription/verification/invente/", "/connexion/compte-ferme/"],
)  # fmt: skip
def test_pages_of_a_visitor(visite: Visite, adresse: str):
    visite.go(adresse)
    visite.judge()


def test_wrong_password_then_the_pages_of_the_engine(visite: Visite, site: Any):
    """The policy covers the pages that were there before it: they still work, and log nothing."""
    visite.go("/connexion/")
    visite.type(username="auditeur", password="faux")
    expect(visite.page.locator("h2.fr-alert__title")).to_have_text("Connexion refusée")
    visite.judge("connexion-refusee")
    visite.type(username="auditeur", password="motdepasse")
    visite.page.wait_for_url(f"{visite.url}/")
    visite.judge()
    visite.page.fill("#q", "bonnefoy")
    expect(visite.page.locator(".decompte [role=status]")).to_contain_text(re.compile("dossiers? correspond(ent)?,"))
    visite.go(site.dossiers["clos"])
    visite.judge()


def test_a_key_of_this_computer_replaces_the_password(navigateur: Browser, site: Any):
    """With the authenticator that chromium simulates: registered, then used to sign in."""
    contexte = _context(navigateur)
    visite = Visite(contexte, site.url.replace("127.0.0.1", "localhost"), TAILLES[0])
    pilote = contexte.new_cdp_session(visite.page)
    pilote.send("WebAuthn.enable")
    pilote.send("WebAuthn.addVirtualAuthenticator", {"options": {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }})  # fmt: skip
    sign_up(visite, "cle@organisme.fr")
    confirm(visite, "cle@organisme.fr")
    visite.go("/compte/securite/cles/ajouter/")
    visite.type(password=SECRET)
    visite.page.fill("[name=name]", "Ordinateur du bureau")
    visite.page.check("[name=passwordless]", force=True)
    visite.page.click("#mfa_webauthn_add")
    expect(visite.page.locator("h1")).to_have_text("Codes de secours")
    visite.go("/compte/securite/cles/")
    visite.judge("compte-cles")

    visite.page.click("text=Se déconnecter")
    visite.go("/connexion/")
    visite.page.click("#passkey_login")
    expect(visite.page.locator("header")).to_contain_text("Odile Delmas")
    contexte.close()


def test_accounts_work_without_javascript(navigateur: Browser, site: Any):
    contexte = _context(navigateur, java_script_enabled=False)
    visite = Visite(contexte, site.url, TAILLES[1])
    sign_up(visite, "sans-script@organisme.fr")
    confirm(visite, "sans-script@organisme.fr")
    visite.go("/compte/securite/application/")
    visite.type(password=SECRET)
    visite.type(code=code_of(visite.page.locator(".cle-secrete").inner_text()))
    expect(visite.page.locator("h1")).to_have_text("Codes de secours")
    visite.go("/compte/securite/cles/ajouter/")
    expect(visite.page.get_by_text("demandent JavaScript")).to_be_visible()
    contexte.close()
