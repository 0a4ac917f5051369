"""While somebody is away, her tasks are her deputy's too, old and new; at the end there is nothing to undo."""

from datetime import date, timedelta
from typing import Any

import pytest

from aap.models import Dossier
from aap.objectifs import fixer_objectifs
from comptes.delegations import Etendue, deleguer, revoquer
from comptes.models import Delegation, Region, Utilisateur
from comptes.models.delegation import Nature
from comptes.roles import Role
from instruction import relances
from instruction.corbeille import gestes, lecture
from instruction.models import TacheSuivie
from moteur import horloge
from moteur.erreurs import Refus
from moteur.models import Envoi
from moteur.porte import franchir
from tests.instruction import campagne


@pytest.fixture
def gens(campagne_jouee, db) -> dict[str, Utilisateur]:
    return {nom: campagne.person(nom, Role.INSTRUCTEUR, "76") for nom in ("claire", "hugo", "zoe")}


@pytest.fixture
def prise(gens) -> TacheSuivie:
    """A task that Claire took."""
    tache = TacheSuivie.objects.open().filter(role="instructeur", owner=None).order_by("pk")[0]
    gestes.prendre(tache, gens["claire"])
    return tache


@pytest.fixture
def absence(gens, jour) -> Delegation:
    return away(gens, jour)


def away(gens: dict[str, Utilisateur], jour: date, nature: Nature = Nature.SUPPLEANCE) -> Delegation:
    """Claire until the end of the week, Hugo in her place."""
    acte: dict[str, Any] = {"acte": "Décision 1", "acte_le": jour} if nature == Nature.SIGNATURE else {}
    region = Region.objects.get(pk="76")
    etendue = Etendue(nature=nature, role=Role.INSTRUCTEUR, region=region, du=jour, au=jour + timedelta(days=5), **acte)
    return deleguer(again(gens["hugo"]), etendue, again(gens["claire"]))


def again(qui: Utilisateur) -> Utilisateur:
    """As the next request loads her."""
    return Utilisateur.objects.get(pk=qui.pk)


def mine(qui: Utilisateur, jour: date) -> list[tuple[int, str]]:
    """Her tasks, each with in whose absence she does it."""
    groupes = lecture.read(again(qui), "moi", jour).groupes
    return [(ligne.tache.pk, ligne.absente) for groupe in groupes for ligne in groupe.lignes]


def test_her_tasks_are_those_of_her_deputy_during_the_absence_and_not_after(prise, gens, absence, jour):
    assert mine(gens["hugo"], jour) == [(prise.pk, "claire")]
    assert lecture.count(again(gens["hugo"]), jour) == 1
    assert mine(gens["hugo"], jour + timedelta(days=6)) == []
    assert lecture.count(again(gens["hugo"]), jour + timedelta(days=6)) == 0
    assert mine(gens["claire"], jour) == [(prise.pk, "")]
    assert mine(gens["zoe"], jour) == []


def test_new_ones_too(gens, absence, campagne_jouee, jour):
    dossier = Dossier.objects.get(pk=campagne_jouee["depose"])
    Dossier.objects.filter(pk=dossier.pk).update(instructeur=gens["claire"])
    franchir(dossier, "prendre_en_charge", again(gens["hugo"]))
    nouvelle = TacheSuivie.objects.open().get(process__dossier=dossier)
    assert nouvelle.owner == gens["claire"]
    assert (nouvelle.pk, "claire") in mine(gens["hugo"], jour)


def test_back_early_it_ends_at_once(prise, gens, absence, jour):
    revoquer(absence.pk, again(gens["claire"]), des=jour, motif="Rentrée plus tôt.")
    assert mine(gens["hugo"], jour) == []


def test_a_delegation_of_signature_is_no_absence(prise, gens, jour):
    away(gens, jour, Nature.SIGNATURE)
    assert mine(gens["hugo"], jour) == []


@pytest.mark.parametrize("geste", ["prendre", "rendre", "confier", "reporter"])
def test_the_deputy_does_with_them_what_she_would_and_nobody_else(prise, gens, absence, jour, geste):
    def do(qui: str) -> None:
        suite = {"confier": [gens["zoe"]], "reporter": [jour + timedelta(days=2)]}.get(geste, [])
        getattr(gestes, geste)(TacheSuivie.objects.get(pk=prise.pk), again(gens[qui]), *suite)

    with pytest.raises(Refus, match="a déjà pris cette tâche"):
        do("zoe")
    do("hugo")
    tache = TacheSuivie.objects.get(pk=prise.pk)
    attendu = {"prendre": gens["hugo"], "rendre": None, "confier": gens["zoe"], "reporter": gens["claire"]}[geste]
    assert tache.owner == attendu


def test_the_deputy_is_reminded_in_her_place(gens, absence, campagne_jouee, jour):
    """Nothing was due until the agency gave itself a day; the task is then told to who has it in hand."""
    dossier = Dossier.objects.select_related("aap").get(pk=campagne_jouee["depose"])
    Dossier.objects.filter(pk=dossier.pk).update(instructeur=gens["claire"])
    fixer_objectifs(dossier.aap, {"declarer_recevable": 3}, campagne.person("anne", Role.RESPONSABLE, "76"), du=jour)
    franchir(dossier, "prendre_en_charge", again(gens["hugo"]))
    tache = TacheSuivie.objects.open().get(process__dossier=dossier)
    with horloge.figer(horloge.ouverture(min(tache.pour_le, absence.au))):
        relances.remind()
    [envoi] = Envoi.objects.filter(charge__tache=tache.pk)
    assert (envoi.sujet, envoi.charge["a"]) == ("dossier.relancer", [gens["hugo"].pk])


def test_the_pages_say_it_to_both(prise, gens, absence, client):
    client.force_login(again(gens["hugo"]))
    assert "en l'absence de claire" in campagne.text(client.get("/taches/").content.decode())
    client.force_login(again(gens["claire"]))
    page = campagne.text(client.get("/taches/").content.decode())
    assert "Vous êtes en absence jusqu'au" in page
    assert "hugo voit vos tâches" in page


def test_declaring_one_proposes_a_deputy(gens, client):
    client.force_login(gens["claire"])
    assert "/delegations/donner/?nature=suppleance" in client.get("/taches/").content.decode()
    page = client.get("/delegations/donner/?nature=suppleance")
    assert page.context["form"].initial["nature"] == "suppleance"


def test_a_fixed_number_of_queries_for_the_deputy(prise, gens, absence, client, django_assert_max_num_queries):
    client.force_login(again(gens["hugo"]))
    client.get("/taches/")
    with django_assert_max_num_queries(16):
        client.get("/taches/")
