"""People at their windows around one dossier: each signs in once, and only clicks."""

import re
from dataclasses import dataclass, field
from typing import Any, TypeVar

from playwright.sync_api import Browser, Page, expect

from comptes.models import Utilisateur
from comptes.roles import Role
from tests.instruction.campagne import person
from tests.navigateur.test_comptes_navigateur import Visite
from tests.navigateur.test_pages_navigateur import TAILLES, _context

T = TypeVar("T")
#: Who is needed: name of the account → role, name of the person.
GENS = {
    "p.odile": (Role.PORTEUR, "Odile", "Delmas"),
    "p.brice": (Role.PORTEUR, "Brice", "Vidal"),
    "i.claire": (Role.INSTRUCTEUR, "Claire", "Durand"),
    "i.yanis": (Role.INSTRUCTEUR, "Yanis", "Benali"),
    "g.ines": (Role.CONSEILLER_GRADES, "Inès", "Moreau"),
    "r.anne": (Role.RESPONSABLE, "Anne", "de Rivière"),
    "c.paul": (Role.COMPTABLE, "Paul", "Lacaze"),
}
FAIT = ".fr-alert--success[role=status]"


@dataclass(kw_only=True)
class Depart:
    """The dossier they are around, by the name of its grappe. `visites`: who has signed in; `juges`: pages judged."""

    pk: int
    reference: str
    nom: str
    visites: dict[str, Visite] = field(default_factory=dict)
    juges: set[str] = field(default_factory=set)


def account(nom: str, role: Role, prenom: str, famille: str) -> Utilisateur:
    compte = person(nom, role, None if role == Role.PORTEUR else "76")
    Utilisateur.objects.filter(pk=compte.pk).update(first_name=prenom, last_name=famille)
    return compte


def judge_at_both_sizes(visite: Visite, juges: set[str]) -> None:
    """The page where she is, once for each act."""
    acte = visite.page.url.rstrip("/").rpartition("/")[2]
    if acte in juges:
        return
    juges.add(acte)
    for taille in reversed(TAILLES):
        visite.page.set_viewport_size(taille)
        visite.taille = taille
        visite.judge(f"acte-{acte}")


class Bureau:
    """The people of `GENS`, around one dossier."""

    def __init__(self, navigateur: Browser, site: Any, depart: Depart) -> None:
        self.navigateur, self.url, self.depart = navigateur, site.url, depart

    def of(self, nom: str) -> Visite:
        """Her window; she signs in the first time."""
        if nom not in self.depart.visites:
            visite = Visite(_context(self.navigateur), self.url, TAILLES[0])
            visite.go("/connexion/")
            visite.type(username=nom, password="motdepasse")
            expect(visite.page.locator("header")).to_contain_text("Se déconnecter")
            self.depart.visites[nom] = visite
        return self.depart.visites[nom]

    def open(self, nom: str) -> Page:
        """From her home to the dossier, by clicking."""
        page = self.of(nom).page
        page.click(".fr-header__service a")
        if nom.startswith("p."):
            page.click("nav >> text=Mes dossiers")
            page.click(f"a:has-text('{self.depart.nom}')")
        else:
            page.fill("#q", self.depart.nom)
            page.press("#q", "Enter")
            page.click(f"a.liste__lien:text-is('{self.depart.reference}')")
        expect(page.locator("h1")).to_contain_text(self.depart.nom)
        return page

    def act(self, nom: str, libelle: str, *, coche: str = "", **champs: str) -> None:
        """Her act: its button on the dossier, its page judged at both sizes, what it asks, and it is done."""
        page, visite = self.open(nom), self.of(nom)
        page.locator(".actes, #a-faire").get_by_role("link", name=re.compile(f"^{libelle}…?$")).first.click()
        expect(page.locator("h1")).to_have_text(libelle)
        judge_at_both_sizes(visite, self.depart.juges)
        for champ, valeur in champs.items():
            page.fill(f"main [name={champ}]", valeur)
        if coche:
            page.click(f"main label:has-text('{coche}')")
        page.locator("main form").get_by_role("button", name=libelle).click()
        expect(page.locator(FAIT)).to_contain_text("C'est fait")

    def blocked(self, nom: str, libelle: str, pourquoi: str) -> None:
        """She reads, beside the act, what it lacks."""
        bloc = self.open(nom).locator(".actes__bloque", has_text=libelle)
        expect(bloc).to_contain_text(pourquoi)
