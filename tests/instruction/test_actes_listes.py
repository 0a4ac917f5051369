"""The lists that lead to the acts: payments, committee, verification. Each in few queries, for who may act."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from instruction.actes import comite, paiements
from moteur import horloge
from tests.fabriques import MANQUEES, PORTE, agir, amener, campagne, personne
from tests.instruction.campagne import text

pytestmark = pytest.mark.django_db
REQUETES = 12
LECTEURS = {
    "paiements": {"responsable", "comptable"},
    "comite": {"instructeur", "responsable"},
    "verifications": {"instructeur", "responsable"},
}


def signed_in(qui: str, region: str | None = "76") -> Client:
    client = Client()
    client.force_login(personne(qui, region), backend=PORTE)
    return client


def read(client: Client, nom: str, **demande: str) -> str:
    return text(client.get(reverse(nom), demande).content.decode()).replace("\xa0", " ")


@pytest.mark.parametrize("nom", LECTEURS)
def test_each_list_is_for_some_roles(nom: str) -> None:
    adresse = reverse(nom)
    assert Client().get(adresse)["Location"] == f"/connexion/?next={adresse}"
    for role in ("porteur", "instructeur", "responsable", "comptable", "conseiller_grades", "auditeur"):
        attendu = 200 if role in LECTEURS[nom] else 403
        assert signed_in(role, None if role in ("porteur", "auditeur") else "76").get(adresse).status_code == attendu
    assert signed_in("responsable").post(adresse).status_code == 405


@pytest.mark.parametrize(
    ("nom", "vide"),
    [("paiements", "Rien n'attend"), ("comite", "n'attend de décision"), ("verifications", "Aucun usage à vérifier")],
)
def test_an_empty_list_teaches(nom: str, vide: str) -> None:
    assert vide in read(signed_in("responsable"), nom)


@pytest.mark.parametrize(("nom", "etat"), [("paiements", "conventionne"), ("comite", "en_comite"),
                                           ("verifications", "en_verification")])  # fmt: skip
def test_ten_dossiers_cost_as_much_as_two_and_those_of_elsewhere_do_not_show(nom: str, etat: str) -> None:
    camp = campagne(dossiers=10, dotation="90000000.00")
    client, comptes = signed_in("responsable"), []
    for refs in (range(1, 3), range(3, 11)):
        for rang in refs:
            amener(camp.dossier(f"D{rang}"), etat)
        client.get(reverse(nom))
        with CaptureQueriesContext(connection) as requetes:
            assert f"D{rang}" in read(client, nom)
        comptes.append(len(requetes))
    assert comptes[0] == comptes[1] <= REQUETES
    assert "D1" not in read(signed_in("responsable:ailleurs", "11"), nom)


def test_a_payment_goes_from_blocked_to_payable_to_paid() -> None:
    dossier = amener(campagne().dossier("D1"), "conventionne")
    responsable, comptable = signed_in("responsable"), signed_in("comptable")
    lu = read(responsable, "paiements")
    assert "2 versements, 322 500,00 €" in lu.replace("\u202f", " ")
    assert "Le service fait n'est pas certifié. Qui peut l'avancer : un instructeur ou un responsable." in lu
    assert "Le premier versement n'est pas encore constaté." in lu
    assert reverse("agir", args=[dossier.pk, "certifier"]) in responsable.get(reverse("paiements")).content.decode()
    assert reverse("agir", args=[dossier.pk, "certifier"]) not in comptable.get(reverse("paiements")).content.decode()

    agir(dossier, "certifier", "instructeur", rang=1)
    agir(dossier, "ordonnancer", "responsable", rang=1)
    assert "À exécuter par un comptable." in read(comptable, "paiements")
    assert reverse("agir", args=[dossier.pk, "executer"]) in comptable.get(reverse("paiements")).content.decode()

    agir(dossier, "executer", "comptable", rang=1)
    assert "Le dossier ne l'a pas encore constaté" in read(comptable, "paiements")
    agir(dossier, "verser_premiere_moitie", "comptable")
    lu = read(comptable, "paiements")
    assert "exécuté par" in lu
    assert "Les usages ne sont pas encore soumis. Qui peut l'avancer : le porteur." in lu


def test_who_ordered_is_told_that_another_executes() -> None:
    dossier = amener(campagne().dossier("D1"), "conventionne")
    agir(dossier, "certifier", "instructeur", rang=1)
    agir(dossier, "ordonnancer", "responsable", rang=1)
    double = personne("responsable")
    double.affectations.create(role="comptable", region_id="76", du=horloge.aujourdhui())
    assert "une autre personne, comptable, l'exécute" in read(signed_in("responsable"), "paiements")


def test_a_group_is_read_alone_page_by_page(monkeypatch) -> None:
    monkeypatch.setattr(paiements, "PAR_PAGE", 3)
    camp = campagne(dossiers=2, dotation="90000000.00")
    for ref in ("D1", "D2"):
        amener(camp.dossier(ref), "conventionne")
    client = signed_in("comptable")
    assert "Voir les 4 versements" in read(client, "paiements")
    assert "Page suivante" in read(client, "paiements", groupe="bloques")
    assert read(client, "paiements", groupe="bloques", page="2").count("second versement") == 1
    assert "Exécutés" in read(client, "paiements", groupe="inconnu", page="²")


def test_the_committee_reads_aid_rank_envelope_and_why_there_are_no_points() -> None:
    camp = campagne(dossiers=2)
    amener(camp.dossier("D1"), "en_comite")
    amener(camp.dossier("D2"), "liste_attente")
    lu = read(signed_in("responsable"), "comite").replace("\u202f", " ")
    assert "il reste 5 000 000,00 € sur 5 000 000,00 €" in lu
    assert "Séance du 5 octobre 2022" in lu
    assert "Aide : 322 500,00 €" in lu
    assert "rang 1 en liste d'attente" in lu
    assert "poids" in lu
    assert "Sélectionner" in lu
    assert "Écarter" not in read(signed_in("instructeur"), "comite")
    assert comite.read(personne("responsable"), None).lignes[0].points == ""


def test_a_verification_shows_each_formula_and_what_is_missed() -> None:
    camp = campagne(dossiers=2)
    amener(camp.dossier("D1"), "en_verification")
    amener(camp.dossier("D2"), "en_verification", mesures=MANQUEES)
    lu = read(signed_in("responsable"), "verifications").replace("\u202f", " ")
    assert "Toutes les cibles sont atteintes." in lu
    assert "1 cible non atteinte sur 5." in lu
    assert "1 035 messages ÷ 1 500 personnes accompagnées = 69,00 % < 70 %" in lu.replace("&lt;", "<")
    assert "Second versement en jeu : 161 250,00 €" in lu
