"""An officer's day, clicking only: she takes a dossier nobody has, asks for complements, has a rule waived, evaluates.

The batch of 200 that ends such a day is in `test_lots_navigateur`.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from guardian.shortcuts import assign_perm
from playwright.sync_api import Browser, expect

from aap.models import Dossier
from moteur import horloge, journal
from moteur.models import Entree
from tests.fabriques import amener, campagne
from tests.fichiers import pdf
from tests.navigateur.bureau import GENS, Bureau, Depart, account
from tests.navigateur.gens import in_base
from tests.navigateur.test_parcours_navigateur import CRITERES

RAISON = "Le seul organisme du canton : deux établissements le rejoignent au 1er janvier."


@pytest.fixture(scope="module")
def bureau(site: Any, navigateur: Browser, django_db_blocker: Any) -> Iterator[Bureau]:
    with django_db_blocker.unblock():
        bureau = Bureau(navigateur, site, in_base(_stage))
        yield bureau
    for visite in bureau.depart.visites.values():
        visite.page.context.close()


def _stage() -> Depart:
    """Filed by Mme Delmas, two establishments short of a grappe."""
    fin = str(horloge.aujourdhui() + timedelta(days=60))
    camp = campagne(code="JOURNEE", dernier_engagement=fin, dossiers=[{"essms": 13, "nom": "Treize"}])
    gens = {nom: account(nom, *qui) for nom, qui in GENS.items()}
    dossier = amener(camp.dossier("D1"), "depose")
    assign_perm("porter", gens["p.odile"], dossier)
    return Depart(pk=dossier.pk, reference=dossier.reference, nom="Treize")


def test_an_officer_s_day(bureau: Bureau, tmp_path: Path) -> None:
    signee = tmp_path / "lettre-signee.pdf"
    signee.write_bytes(pdf("Lettre signée"))
    _take(bureau)
    bureau.act("i.claire", "Prendre en charge")
    _ask_and_receive(bureau, signee)
    bureau.blocked("i.claire", "Déclarer recevable", "Nombre d'ESSMS")
    bureau.act("r.anne", "Déroger à une règle", coche="constaté 13", motif=RAISON)
    page = bureau.open("i.claire")
    expect(page.locator("main")).to_contain_text(RAISON)
    bureau.act("i.claire", "Déclarer recevable")
    for nom in ("i.claire", "i.yanis"):
        bureau.act(nom, "Évaluer", **dict.fromkeys(CRITERES, "0,7"))
    bureau.act("g.ines", "Donner l'avis du GRADeS", coche="Favorable")
    bureau.act("i.claire", "Clôturer l'instruction")
    in_base(lambda: _check(bureau.depart))


def _take(bureau: Bureau) -> None:
    """From what her team has to take to what waits for her."""
    visite = bureau.of("i.claire")
    visite.go("/taches/?lot=libres")
    tache = visite.page.locator(".tache", has_text=bureau.depart.reference)
    tache.get_by_role("button", name="Prendre").click()
    visite.go("/taches/")
    visite.judge()
    tache.get_by_role("link", name=bureau.depart.reference, exact=True).click()
    expect(visite.page.locator("h1")).to_contain_text("Treize")


def _ask_and_receive(bureau: Bureau, signee: Path) -> None:
    """What she asks for re-opens that alone; the clock stops until Mme Delmas has answered."""
    echeance = str(horloge.aujourdhui() + timedelta(days=20))
    bureau.act(
        "i.claire", "Demander des compléments", coche="Lettre", motif="La lettre n'est pas signée.",
        echeance=echeance,
    )  # fmt: skip
    page = bureau.open("p.odile")
    expect(page.locator("main")).to_contain_text("La lettre n'est pas signée.")
    page.locator("#a-faire").get_by_role("link").first.click()
    page.click("main a:has-text('Lettre')")
    page.set_input_files("#champ-piece-lettre_engagement", signee)
    expect(page.locator("#piece-lettre_engagement")).to_contain_text(signee.name)
    page.go_back()
    page.click("text=Vérifier et transmettre")
    page.click("button:has-text('Transmettre les compléments')")
    expect(page.locator("main")).to_contain_text("reçu")
    lue = bureau.open("i.claire")
    expect(lue.locator("main")).to_contain_text(signee.name)


def _check(depart: Depart) -> None:
    dossier = Dossier.objects.get(pk=depart.pk)
    assert dossier.etat == "instruit"
    faits = Entree.objects.filter(objet=dossier.cle).order_by("pk").values_list("action", "par__username")
    assert ("deroger", "r.anne") in faits
    assert ("cloturer_instruction", "i.claire") in faits
    assert not list(journal.verify([dossier.chaine]))
