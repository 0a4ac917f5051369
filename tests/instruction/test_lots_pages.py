"""The pages of a batch: from the list to the report, who may, what is said, how many queries."""

import csv
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook

from aap.models import Dossier
from comptes.models import Utilisateur
from comptes.roles import Role
from instruction.lots import services
from instruction.lots.execution import advance
from instruction.models import Lot, Parcours, Sort
from tests.instruction import campagne

pytestmark = pytest.mark.django_db


@pytest.fixture
def hugo(campagne_jouee: dict[str, int]) -> Utilisateur:
    return campagne.person("hugo", Role.INSTRUCTEUR, "76")


@pytest.fixture
def claire(campagne_jouee: dict[str, int], client: Client) -> Client:
    client.force_login(campagne.person("claire", Role.INSTRUCTEUR, "76"))
    return client


@pytest.fixture
def anne(campagne_jouee: dict[str, int]) -> Client:
    sien = Client()
    sien.force_login(campagne.person("anne", Role.RESPONSABLE, "76"))
    return sien


def prepare(client: Client, selection: str, acte: str, **donnees: str) -> str:
    """The address of the batch."""
    reponse = client.post("/dossiers/lots/preparer/", {"selection": selection, "acte": acte} | donnees)
    assert reponse.status_code == 302, campagne.text(reponse.content.decode())
    return str(reponse["Location"])


def test_from_the_whole_filtered_set_to_the_report(claire: Client, hugo: Utilisateur, campagne_jouee, monkeypatch):
    monkeypatch.setattr(services, "IMMEDIAT", 100)
    liste = claire.get("/?etat=depose&etat=clos").content.decode()
    assert "Traiter les 2 dossiers filtrés" in campagne.text(liste)
    choix = claire.get("/dossiers/lots/nouveau/?etat=depose&etat=clos&tous=1")
    texte = campagne.text(choix.content.decode())
    assert "Traiter 2 dossiers" in texte
    assert "Prendre en charge 1 dossier sur 2 dans un état qui le permet" in texte
    assert "Déclarer recevable" not in texte
    saisie = claire.get("/dossiers/lots/nouveau/?etat=depose&etat=clos&tous=1&acte=attribuer")
    assert f"{hugo}" in campagne.text(saisie.content.decode())
    lot = prepare(claire, "etat=depose&etat=clos&tous=1", "attribuer", personne="hugo")
    apercu = campagne.text(claire.get(lot).content.decode())
    assert "Rien n'est encore fait" in apercu
    assert "1 dossier peut l'être, 1 serait refusé" in apercu
    assert "Attribuer le dossier : 1 dossier" in apercu
    fini = campagne.text(claire.post(f"{lot}lancer/", follow=True).content.decode())
    assert "Lot terminé" in fini
    assert "Reprendre le refusé" in fini
    assert Dossier.objects.get(pk=campagne_jouee["depose"]).instructeur == hugo
    suite = claire.post(f"{lot}reprendre/")
    assert Lot.objects.get(pk=int(suite["Location"].split("/")[-2])).lignes.get().dossier_id == campagne_jouee["clos"]
    assert "Attribuer le dossier, 2 dossiers" in campagne.text(claire.get("/dossiers/lots/").content.decode())


def test_ticked_rows_alone_are_taken(claire: Client, campagne_jouee):
    depose = campagne_jouee["depose"]
    assert f'name="d" value="{depose}"' in claire.get("/").content.decode()
    page = campagne.text(claire.get(f"/dossiers/lots/nouveau/?d={depose}&coches=1").content.decode())
    assert "Traiter 1 dossier" in page
    assert "Choisir plutôt tous les dossiers filtrés" in page
    lot = prepare(claire, f"d={depose}", "prendre_en_charge")
    assert Lot.objects.get().lignes.get().dossier_id == depose
    claire.post(f"{lot}lancer/")
    assert Dossier.objects.get(pk=depose).etat == "en_recevabilite"


def test_nothing_ticked_says_what_to_do(claire: Client):
    assert "Aucun dossier n'est choisi" in campagne.text(claire.get("/dossiers/lots/nouveau/?d=&d=x").content.decode())
    donnees = {"selection": "", "acte": "prendre_en_charge"}
    refusee = claire.post("/dossiers/lots/preparer/", donnees, follow=True)
    assert "Aucun dossier n'est choisi : cochez-en" in campagne.text(refusee.content.decode())


def test_a_form_that_is_wrong_says_so_and_prepares_nothing(claire: Client):
    donnees = {"selection": "tous=1", "acte": "demander_complements", "motif": "RIB.", "echeance": "demain"}
    reponse = claire.post("/dossiers/lots/preparer/", donnees)
    assert reponse.status_code == 422
    assert "Cette date n'est pas comprise" in campagne.text(reponse.content.decode())
    assert not Lot.objects.exists()


def test_reasons_are_typed_row_by_row_before_the_launch(anne: Client, campagne_jouee):
    un, deux = campagne_jouee["en_comite"], campagne_jouee["liste_attente"]
    lot = prepare(anne, f"d={un}&d={deux}", "ecarter", motif="Crédits épuisés.")
    lignes = {ligne.dossier_id: ligne for ligne in Lot.objects.get().lignes.all()}
    donnees = {
        "ligne": [str(ligne.pk) for ligne in lignes.values()], f"motif-{lignes[un].pk}": "Gouvernance.\r\nÀ revoir.",
        "retour": "sort=&page=1",
    }  # fmt: skip
    assert "Gouvernance." in anne.post(f"{lot}corriger/", donnees, follow=True).content.decode()
    anne.post(f"{lot}lancer/")
    assert Dossier.objects.get(pk=un).motif == "Gouvernance.\nÀ revoir."
    assert Dossier.objects.get(pk=deux).motif == "Crédits épuisés."


def test_a_large_batch_waits_for_the_worker_and_says_so(claire: Client, campagne_jouee, monkeypatch):
    monkeypatch.setattr(services, "IMMEDIAT", 0)
    lot = prepare(claire, f"d={campagne_jouee['depose']}", "prendre_en_charge")
    page = campagne.text(claire.get(lot).content.decode())
    assert "Aperçu : 0 sur 1 dossier essayé" in page
    assert "lancez make worker sur le serveur" in page
    partie = claire.get(f"{lot}avancement/", headers={"HX-Request": "true"})
    assert b"<progress" in partie.content
    assert b"<html" not in partie.content
    advance(Lot.objects.get().pk)
    assert claire.get(f"{lot}avancement/")["HX-Refresh"] == "true"
    claire.post(f"{lot}lancer/")
    assert "0 sur 1 dossier traité" in campagne.text(claire.get(lot).content.decode())
    arrete = campagne.text(claire.post(f"{lot}arreter/", follow=True).content.decode())
    assert "Lot arrêté" in arrete
    assert Dossier.objects.get(pk=campagne_jouee["depose"]).etat == "depose"


@pytest.mark.parametrize("format", ["csv", "xlsx", "ods"])
def test_the_report_tells_every_row(claire: Client, campagne_jouee, format: str):
    lot = prepare(claire, f"d={campagne_jouee['depose']}&d={campagne_jouee['clos']}", "prendre_en_charge")
    claire.post(f"{lot}lancer/")
    contenu = claire.get(f"{lot}rapport.{format}").getvalue()
    lignes: list[Any]
    if format == "csv":
        lignes = list(csv.reader(StringIO(contenu.decode("utf-8-sig")), delimiter=";"))
    else:
        lignes = CalamineWorkbook.from_filelike(BytesIO(contenu)).get_sheet_by_index(0).to_python()
    assert {(ligne[3], ligne[4]) for ligne in lignes[1:]} == {("Fait", ""), ("Impossible", "TRANSITION_INTERDITE")}
    assert claire.get(f"{lot}rapport.exe").status_code == 404


ADRESSES = ["", "avancement/", "rapport.csv"]
GESTES = ["corriger/", "lancer/", "arreter/", "reprendre/"]


@pytest.mark.parametrize("role", [Role.INSTRUCTEUR, Role.RESPONSABLE])
def test_the_batch_of_another_does_not_exist(claire: Client, campagne_jouee, role: Role):
    lot = prepare(claire, f"d={campagne_jouee['depose']}", "prendre_en_charge")
    autre = Client()
    autre.force_login(campagne.person("autre", role, "76"))
    assert {autre.get(f"{lot}{fin}").status_code for fin in ADRESSES} == {404}
    assert {autre.post(f"{lot}{fin}").status_code for fin in GESTES} == {404}
    assert {claire.get(f"{lot}{fin}").status_code for fin in GESTES} == {405}


@pytest.mark.parametrize("role", [Role.AUDITEUR, Role.PILOTE_NATIONAL, Role.PORTEUR, Role.ADMINISTRATEUR])
def test_who_acts_on_nothing_has_no_batch(campagne_jouee, client: Client, role: Role):
    client.force_login(campagne.person("quelqu-un", role))
    for adresse in ("/dossiers/lots/", "/dossiers/lots/nouveau/", "/dossiers/lots/1/"):
        assert client.get(adresse).status_code == 403
    assert client.post("/dossiers/lots/preparer/").status_code == 403
    assert "Traiter" not in campagne.text(client.get("/").content.decode())


def test_an_act_of_another_role_does_not_exist(claire: Client, campagne_jouee):
    donnees = {"selection": f"d={campagne_jouee['en_comite']}", "acte": "ecarter", "motif": "Non."}
    assert claire.post("/dossiers/lots/preparer/", donnees).status_code == 404


def test_dossiers_of_another_region_are_left_out(campagne_jouee, client: Client):
    client.force_login(campagne.person("ailleurs", Role.INSTRUCTEUR, "11"))
    texte = campagne.text(client.get(f"/dossiers/lots/nouveau/?d={campagne_jouee['depose']}").content.decode())
    assert "Aucun dossier n'est choisi" in texte


def test_a_visitor_is_sent_to_sign_in(client: Client):
    assert client.get("/dossiers/lots/")["Location"] == "/connexion/?next=/dossiers/lots/"
    assert client.post("/dossiers/lots/preparer/").status_code == 302


def test_a_fixed_number_of_queries(claire: Client, hugo, campagne_jouee, django_assert_max_num_queries):
    lot = prepare(claire, "tous=1", "attribuer", personne="hugo")
    assert Lot.objects.get().lignes.count() == Parcours.objects.count()
    Lot.objects.get().lignes.update(sort=Sort.POSSIBLE, code="", message="")
    for adresse in (lot, f"{lot}avancement/", "/dossiers/lots/", "/dossiers/lots/nouveau/?tous=1&acte=attribuer"):
        with django_assert_max_num_queries(10):
            assert claire.get(adresse).status_code == 200
