"""One dossier carried from its filing to its second payment by seven people, each signed in and only clicking.

Then two officers who decide at the same instant: one decides, the other reads why she did not.
"""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from threading import Event
from typing import Any

import pytest
from django.db import connections, transaction
from django.urls import reverse
from guardian.shortcuts import assign_perm, remove_perm
from playwright.sync_api import Browser, Response, expect

from aap.models import Dossier
from comptes.roles import Role
from conventions.models import EtatVersement, Versement
from grappes.models import OrganismeGestionnaire, Rattachement
from moteur import horloge, journal
from moteur.models import Entree
from tests.fabriques import ATTEINTES, amener, campagne
from tests.navigateur.bureau import FAIT, GENS, Bureau, Depart, account
from tests.navigateur.gens import in_base
from usages.calcul import COMPTES
from usages.verification import funded

CRITERES = ("equilibre_territorial", "equilibre_sectoriel", "mixite_des_tailles")


@dataclass(kw_only=True)
class Parcours(Depart):
    """That filed by Mme Delmas, with its ESSMS; `dispute`: another one, in committee, for the race."""

    essms: list[str]
    dispute: int


@pytest.fixture(scope="module")
def depart(site: Any, navigateur: Browser, django_db_blocker: Any) -> Iterator[Parcours]:
    with django_db_blocker.unblock():
        monde = in_base(_stage)
        yield monde
    for visite in monde.visites.values():
        visite.page.context.close()


def _stage() -> Parcours:
    fin = str(horloge.aujourdhui() + timedelta(days=60))
    camp = campagne(code="PARCOURS", dernier_engagement=fin, dossiers=[{"essms": 16, "og": 3, "nom": "Sept"}, {}])
    gens = {nom: account(nom, *qui) for nom, qui in GENS.items()}
    account("r.bilal", Role.RESPONSABLE, "Bilal", "Roux")
    dossier, dispute = amener(camp.dossier("D1"), "depose"), amener(camp.dossier("D2"), "en_comite")
    porteur, *autres = OrganismeGestionnaire.objects.filter(essms__participations__grappe=dossier.grappe).distinct()
    assert (porteur, len(autres)) == (dossier.grappe.og_porteur, 2)
    for og, qui in ((porteur, "p.odile"), (autres[0], "p.brice"), (autres[1], "p.brice")):
        Rattachement.objects.create(utilisateur=gens[qui], og=og, du=horloge.aujourdhui())
    for ancien in dossier.dossieruserobjectpermission_set.all():
        remove_perm("porter", ancien.user, dossier)
    assign_perm("porter", gens["p.odile"], dossier)
    essms = [un.finess for un in funded(dossier)]
    return Parcours(pk=dossier.pk, reference=dossier.reference, nom="Sept", essms=essms, dispute=dispute.pk)


@pytest.fixture
def bureau(navigateur: Browser, site: Any, depart: Parcours) -> Bureau:
    return Bureau(navigateur, site, depart)


def test_seven_people_carry_a_dossier_to_its_second_payment(bureau: Bureau, depart: Parcours) -> None:
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


def _prove(bureau: Bureau, depart: Parcours) -> None:
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


def _check_the_end(depart: Parcours) -> None:
    dossier = Dossier.objects.get(pk=depart.pk)
    moities = Versement.objects.filter(convention__dossier=dossier)
    assert dossier.etat == "clos"
    assert [un.etat for un in moities] == [EtatVersement.EXECUTE] * 2
    assert sum(un.montant for un in moities) == dossier.aide
    assert list(journal.verify([dossier.chaine, dossier.aap.enveloppe.cle])) == []
    acteurs = set(Entree.objects.filter(chaine=dossier.chaine).values_list("par__username", flat=True))
    assert acteurs >= GENS.keys()


def test_two_browsers_race_on_one_decision_and_one_wins(bureau: Bureau, depart: Parcours) -> None:
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


def _decisions(depart: Parcours) -> list[str]:
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
