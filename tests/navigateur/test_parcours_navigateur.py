"""One dossier carried from its filing to its second payment by seven people, each signed in and only clicking.

Then two officers who decide at the same instant: one decides, the other reads why she did not.
"""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from threading import Event
from typing import Any, TypeVar

import pytest
from django.db import connections, transaction
from django.urls import reverse
from guardian.shortcuts import assign_perm, remove_perm
from playwright.sync_api import Browser, Page, Response, expect

from aap.models import Dossier
from comptes.models import Utilisateur
from comptes.roles import Role
from conventions.models import EtatVersement, Versement
from grappes.models import OrganismeGestionnaire, Rattachement
from moteur import horloge, journal
from moteur.models import Entree
from tests.fabriques import ATTEINTES, amener, campagne
from tests.instruction.campagne import person
from tests.navigateur.test_comptes_navigateur import Visite
from tests.navigateur.test_pages_navigateur import TAILLES, _context
from usages.calcul import COMPTES
from usages.verification import funded

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
CRITERES = ("equilibre_territorial", "equilibre_sectoriel", "mixite_des_tailles")
FAIT = ".fr-alert--success[role=status]"


@dataclass
class Depart:
    """The dossier filed by Mme Delmas, its ESSMS; another one, in committee, for the race."""

    pk: int
    reference: str
    essms: list[str]
    dispute: int
    visites: dict[str, Visite] = field(default_factory=dict)
    juges: set[str] = field(default_factory=set)


def in_base(action: Callable[[], T]) -> T:
    """Read or write the site's base from a thread: the browser's event loop holds this one."""

    def run() -> T:
        try:
            return action()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as fil:
        return fil.submit(run).result()


@pytest.fixture(scope="module")
def depart(site: Any, navigateur: Browser, django_db_blocker: Any) -> Iterator[Depart]:
    with django_db_blocker.unblock():
        monde = in_base(_stage)
        yield monde
    for visite in monde.visites.values():
        visite.page.context.close()


def _stage() -> Depart:
    fin = str(horloge.aujourdhui() + timedelta(days=60))
    camp = campagne(code="PARCOURS", dernier_engagement=fin, dossiers=[{"essms": 16, "og": 3, "nom": "Sept"}, {}])
    gens = {nom: _account(nom, *qui) for nom, qui in GENS.items()}
    _account("r.bilal", Role.RESPONSABLE, "Bilal", "Roux")
    dossier, dispute = amener(camp.dossier("D1"), "depose"), amener(camp.dossier("D2"), "en_comite")
    porteur, *autres = OrganismeGestionnaire.objects.filter(essms__participations__grappe=dossier.grappe).distinct()
    assert (porteur, len(autres)) == (dossier.grappe.og_porteur, 2)
    for og, qui in ((porteur, "p.odile"), (autres[0], "p.brice"), (autres[1], "p.brice")):
        Rattachement.objects.create(utilisateur=gens[qui], og=og, du=horloge.aujourdhui())
    for ancien in dossier.dossieruserobjectpermission_set.all():
        remove_perm("porter", ancien.user, dossier)
    assign_perm("porter", gens["p.odile"], dossier)
    essms = [un.finess for un in funded(dossier)]
    return Depart(pk=dossier.pk, reference=dossier.reference, essms=essms, dispute=dispute.pk)


def _account(nom: str, role: Role, prenom: str, famille: str) -> Utilisateur:
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
    """The seven people at their windows, around one dossier."""

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
            page.click("a:has-text('Sept')")
        else:
            page.fill("#q", "Sept")
            page.press("#q", "Enter")
            page.click(f"a.liste__lien:text-is('{self.depart.reference}')")
        expect(page.locator("h1")).to_contain_text("Sept")
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


@pytest.fixture
def bureau(navigateur: Browser, site: Any, depart: Depart) -> Bureau:
    return Bureau(navigateur, site, depart)


def test_seven_people_carry_a_dossier_to_its_second_payment(bureau: Bureau, depart: Depart) -> None:
    _instruct(bureau)
    _decide(bureau)
    _sign(bureau)
    _pay(bureau, "premier", "Verser la première moitié")
    _prove(bureau, depart)
    bureau.act("r.anne", "Constater les cibles")
    _pay(bureau, "second", "Verser la seconde moitié")
    assert in_base(lambda: Dossier.objects.get(pk=depart.pk).etat) == "solde"
    bureau.act("i.claire", "Clôturer")
    in_base(lambda: _check_the_end(depart))
    assert len({nom for nom in depart.visites if nom in GENS}) == 7


def _instruct(bureau: Bureau) -> None:
    bureau.act("i.claire", "Prendre en charge")
    bureau.act("i.claire", "Déclarer recevable")
    bureau.blocked("i.claire", "Clôturer l'instruction", "0 sur 2")
    for nom, note in (("i.claire", "0,8"), ("i.yanis", "0,6")):
        bureau.act(nom, "Évaluer", **dict.fromkeys(CRITERES, note))
    bureau.blocked("i.claire", "Clôturer l'instruction", "GRADeS")
    bureau.act("g.ines", "Donner l'avis du GRADeS", coche="Favorable")
    bureau.act("i.claire", "Clôturer l'instruction")


def _decide(bureau: Bureau) -> None:
    bureau.act("i.claire", "Inscrire au comité", seance=str(horloge.aujourdhui()))
    bureau.act("r.anne", "Sélectionner")
    bureau.act("r.anne", "Notifier")


def _sign(bureau: Bureau) -> None:
    bureau.blocked("r.anne", "Signer la convention", "Il manque la signature")
    bureau.act("r.anne", "Signer", coche="Agence régionale de santé")
    page = bureau.open("p.odile")
    page.click(".onglets >> text=Personnes")
    page.fill("main [name=courriel]", "p.brice@exemple.fr")
    page.select_option("main [name=og]", label="Le sien, déjà membre de la grappe")
    page.click("main button:has-text('Donner accès')")
    expect(page.locator("main")).to_contain_text("Brice Vidal")
    bureau.act("p.odile", "Signer", coche="porteur de la grappe")
    bureau.act("p.odile", "Signer", coche="membre de la grappe")
    bureau.open("p.odile").click("main a:text-is('Signer')")
    expect(bureau.of("p.odile").page.locator("main")).to_contain_text("signé tout ce qui vous revient")
    for _ in range(2):
        bureau.act("p.brice", "Signer", coche="membre de la grappe")
    bureau.act("r.anne", "Signer la convention")


def _pay(bureau: Bureau, rang: str, ensuite: str) -> None:
    bureau.act("i.claire", "Certifier le service fait")
    bureau.blocked("c.paul", ensuite, "certifier")
    bureau.act("r.anne", "Ordonnancer")
    page = bureau.of("c.paul").page
    page.click(".fr-header__service a")
    bureau.act("c.paul", "Exécuter")
    bureau.act("c.paul", ensuite)


def _prove(bureau: Bureau, depart: Depart) -> None:
    """The figures of the month, the VSR, then everything handed in, on her own pages."""
    page = bureau.open("p.odile")
    page.click(".onglets >> text=Usages")
    page.click("main .lignes--usages a:has-text('Déclarer')")
    page.click("text=Commencer")
    page.click("text=Ces données sont vérifiées, continuer")
    for nom, valeur in {"nom": "Odile Delmas", "courriel": "odile@exemple.fr", "telephone": "0561000000"}.items():
        page.fill(f"#champ-contact-{nom}", valeur)
    page.click("text=Enregistrer et continuer")
    expect(page.locator("h1")).to_contain_text("Les chiffres")
    ligne = "\t".join(str(ATTEINTES[compte]) for compte in COMPTES)
    page.evaluate(
        "([cible, texte]) => { const d = new DataTransfer(); d.setData('text/plain', texte);"
        " document.getElementById(cible).dispatchEvent("
        "new ClipboardEvent('paste', {clipboardData: d, bubbles: true, cancelable: true})); }",
        [f"champ-{depart.essms[0]}-personnes", "\n".join([ligne] * 16)],
    )
    expect(page.locator("#ensemble")).to_contain_text("16 sur 16")
    page.click("text=Enregistrer et continuer")
    expect(page.locator("h1")).to_contain_text("Valid")
    for champ in page.locator("main textarea").all():
        champ.fill("Vérifié avec l'équipe.")
    page.click("text=Valider la déclaration")
    expect(page.locator("h1")).to_contain_text("déclarés")
    bureau.open("p.odile").click(".onglets >> text=Usages")
    page.fill("#champ-vsr", str(horloge.aujourdhui()))
    page.click("text=Prononcer la VSR")
    page.click("main button:has-text('Soumettre les usages')")
    expect(page.locator("main")).to_contain_text("transmis à l'ARS")


def _check_the_end(depart: Depart) -> None:
    dossier = Dossier.objects.get(pk=depart.pk)
    moities = Versement.objects.filter(convention__dossier=dossier)
    assert dossier.etat == "clos"
    assert [un.etat for un in moities] == [EtatVersement.EXECUTE] * 2
    assert sum(un.montant for un in moities) == dossier.aide
    assert list(journal.verify([dossier.chaine, dossier.aap.enveloppe.cle])) == []
    acteurs = set(Entree.objects.filter(chaine=dossier.chaine).values_list("par__username", flat=True))
    assert acteurs >= GENS.keys()


def test_two_browsers_race_on_one_decision_and_one_wins(bureau: Bureau, depart: Depart) -> None:
    """The dossier's row is held until both forms are sent: each waits for the lock, whoever gets it decides."""
    retient, envoyes = Event(), Event()

    def hold() -> None:
        with transaction.atomic():
            Dossier.objects.locked().get(pk=depart.dispute)
            retient.set()
            assert envoyes.wait(20)
        connections.close_all()

    pages = {}
    for nom, acte in (("r.anne", "selectionner"), ("r.bilal", "ecarter")):
        pages[acte] = bureau.of(nom).page
        bureau.of(nom).go(reverse("agir", args=[depart.dispute, acte]))
    pages["ecarter"].fill("main [name=motif]", "Gouvernance à consolider.")
    with ThreadPoolExecutor(1) as fil:
        verrou = fil.submit(hold)
        assert retient.wait(20)
        statuts: dict[str, list[int]] = {acte: [] for acte in pages}
        for acte, page in pages.items():
            page.on("response", partial(_note, statuts[acte]))
            page.locator("main form button[type=submit]").click(no_wait_after=True)
        in_base(_wait_for_two_waiting)
        envoyes.set()
        verrou.result()
    for page in pages.values():
        page.wait_for_selector(f"{FAIT}, #erreurs")
    assert sorted(code for codes in statuts.values() for code in codes) == [302, 409]
    perdant = next(acte for acte, codes in statuts.items() if codes == [409])
    expect(pages[perdant].locator("#erreurs")).to_contain_text("Relisez, puis recommencez.")
    expect(pages[perdant].locator("#erreurs")).to_contain_text(re.compile("a (sélectionné|écarté) le dossier"))
    decisions = in_base(lambda: _decisions(depart))
    assert decisions == [acte for acte in pages if acte != perdant]


def _note(statuts: list[int], reponse: Response) -> None:
    """What an act was answered; the page also says, by itself, that it is open."""
    if reponse.request.method == "POST" and "/agir/" in reponse.url:
        statuts.append(reponse.status)


def _decisions(depart: Depart) -> list[str]:
    lignes = Entree.objects.filter(objet=f"dossier:{depart.dispute}", action__in=["selectionner", "ecarter"])
    return list(lignes.values_list("action", flat=True))


def _wait_for_two_waiting() -> None:
    """Until PostgreSQL says that both requests are at the lock."""
    attente = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    for _ in range(2000):
        with connections["default"].cursor() as curseur:
            curseur.execute(attente)
            if curseur.fetchone()[0] >= 2:
                return
            curseur.execute("SELECT pg_sleep(0.01)")
    raise AssertionError("Les deux envois n'attendent pas le même verrou.")
