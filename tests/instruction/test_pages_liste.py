"""The list of dossiers: who sees what, whose turn, filters, and a number of queries that does not grow."""

from datetime import date

import pytest
from django.test import Client

from aap.models import Dossier, Etat
from comptes.models import Utilisateur
from comptes.roles import Role
from instruction import liste
from instruction.taches import tasks
from instruction.tours import tasks_of_row, turn, with_turn
from tests.instruction import campagne

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditeur(campagne_jouee: dict[str, int], client: Client) -> Client:
    client.force_login(campagne.person("auditeur", Role.AUDITEUR))
    return client


@pytest.mark.parametrize("nom", campagne.ARRETS)
def test_list_and_page_say_the_same_turn(nom: str, campagne_jouee: dict[str, int], jour: date):
    """The row reads annotations, the page computes the tasks: same people, same date, same things to do."""
    rangee = with_turn(Dossier.objects.all(), jour).get(pk=campagne_jouee[nom])
    dossier = Dossier.objects.select_related(*Dossier.AVEC).get(pk=rangee.pk)

    de_la_liste, de_la_page = tasks_of_row(rangee, jour), tasks(dossier)

    assert {tache.role for tache in de_la_liste} == {tache.role for tache in de_la_page}
    tours = [turn(taches, dossier.etat, jour) for taches in (de_la_liste, de_la_page)]
    assert tours[0].echeance == tours[1].echeance
    if dossier.etat != Etat.EN_DEPLOIEMENT:
        assert {tache.action for tache in de_la_liste} == {tache.action for tache in de_la_page}


def test_campaign_covers_every_state_but_reorientation(campagne_jouee: dict[str, int]):
    presents = set(Dossier.objects.values_list("etat", flat=True))
    assert presents == set(Etat.values) - {Etat.REORIENTE}


def test_row_tells_state_turn_and_money_in_french(auditeur: Client):
    texte = campagne.text(auditeur.get("/?q=76-0025").content.decode())
    assert "En déploiement" in texte
    assert "À l'ARS et au porteur de jouer" in texte
    assert "en retard de" in texte
    assert "344 000,00 €" in texte


def test_chips_count_and_filter(auditeur: Client):
    lue = auditeur.get("/").context["liste"]
    assert sum(puce.nombre for puce in lue.puces) == lue.visibles == len(campagne.ARRETS)
    notifies = auditeur.get("/?etat=notifie").context["liste"]
    assert notifies.correspondants == next(puce.nombre for puce in lue.puces if puce.badge.texte == "Notifié") == 3
    assert {rangee.dossier.etat for rangee in notifies.rangees} == {"notifie"}
    choisie = next(puce for puce in notifies.puces if puce.choisie)
    assert choisie.adresse == ""  # clicking again undoes it


@pytest.mark.parametrize("cherche", ["76-0002", "ADAPEI", "grappe adapei"])
def test_text_filter_reads_reference_grappe_and_porteur(auditeur: Client, cherche: str):
    trouves = auditeur.get("/", {"q": cherche}).context["liste"].rangees
    assert "76-0002" in {rangee.dossier.reference for rangee in trouves}
    assert len(trouves) < len(campagne.ARRETS)


def test_an_abandoned_dossier_is_granted_nothing(auditeur: Client):
    abandonnes = auditeur.get("/?etat=abandonne").context["liste"]
    assert [rangee.dossier.aide for rangee in abandonnes.rangees] == [None] * abandonnes.correspondants
    assert abandonnes.aide == 0


def test_nothing_found_says_what_to_do(auditeur: Client):
    texte = campagne.text(auditeur.get("/?q=introuvable").content.decode())
    assert "Aucun dossier ne correspond" in texte
    assert "Afficher tous les dossiers" in texte


@pytest.mark.parametrize("cle", liste.TRIS)
def test_sort_both_ways(auditeur: Client, cle: str):
    montant = _references(auditeur, f"/?tri={cle}") + _references(auditeur, f"/?tri={cle}&page=2")
    descendant = _references(auditeur, f"/?tri=-{cle}") + _references(auditeur, f"/?tri=-{cle}&page=2")
    assert sorted(montant) == sorted(descendant)
    assert len(set(montant)) == len(campagne.ARRETS)
    assert montant != descendant


def test_deadline_sort_puts_the_latest_first_and_the_undated_last(auditeur: Client):
    rangees = auditeur.get("/").context["liste"].rangees
    dates = [rangee.tour.echeance for rangee in rangees]
    datees = [une for une in dates if une]
    assert datees == sorted(datees)
    assert dates[: len(datees)] == datees


@pytest.mark.parametrize(
    "adresse", ["/?page=999", "/?page=abc", "/?tri=drop", "/?etat=rien", "/?q=%00", "/?q=" + "x" * 5000, "/?page=-1"]
)
def test_nonsense_in_the_address_is_harmless(auditeur: Client, adresse: str):
    assert auditeur.get(adresse).status_code == 200


def test_htmx_gets_the_results_alone(auditeur: Client):
    reponse = auditeur.get("/?q=adapei", headers={"HX-Request": "true"})
    assert b"<html" not in reponse.content
    assert b'id="resultats"' in reponse.content
    assert "HX-Request" in reponse["Vary"]


@pytest.mark.parametrize(
    ("role", "region", "tous"),
    [
        (Role.INSTRUCTEUR, "76", True),
        (Role.INSTRUCTEUR, "11", False),
        (Role.PORTEUR, None, False),
        (Role.AUDITEUR, None, True),
    ],
)
def test_only_what_one_may_read_is_listed(role: Role, region: str | None, tous: bool, campagne_jouee, client: Client):
    client.force_login(campagne.person("quelqu-un", role, region))
    assert client.get("/?q=").context["liste"].visibles == (len(campagne.ARRETS) if tous else 0)


def test_porteur_is_told_it_is_her_turn(campagne_jouee: dict[str, int], client: Client):
    client.force_login(Utilisateur.objects.get(username="76.porteur"))
    texte = campagne.text(client.get("/?etat=a_completer").content.decode())
    assert "À vous de jouer" in texte
    assert "L'ARS instruit" in campagne.text(client.get("/?etat=en_recevabilite").content.decode())


def _references(client: Client, adresse: str) -> list[str]:
    return [rangee.dossier.reference for rangee in client.get(adresse).context["liste"].rangees]
