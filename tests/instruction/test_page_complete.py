"""The whole page of a dossier: who sees what of it, what it costs however long its story, how its history is read."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from aap.models import Dossier, Note
from aap.notes import write
from aap.services import share
from comptes.models import Affectation, Utilisateur
from comptes.roles import Role
from grappes.interets import declarer_interet
from grappes.models import NatureInteret
from instruction import historique
from instruction.recit import MODELES, RECITS
from moteur import horloge
from moteur.erreurs import Refus
from moteur.models import Entree
from tests.fabriques import PORTE, agir, amener, campagne, personne
from tests.instruction.campagne import text

pytestmark = pytest.mark.django_db
#: For an officer who may write a note; the page leaves four of its twelve to the parts that come beside.
REQUETES = 9


@pytest.fixture
def camp():
    return campagne(dossiers=2)


@pytest.fixture
def dossier(camp):
    """Being instructed: one evaluation of two, the opinion, a note for the agency and one that the GRADeS shares."""
    dossier = amener(camp.dossier("D1"), "en_instruction")
    agir(dossier, "evaluer", "instructeur:b", jour="2022-04-12", notes={"uniforme": "0.83"})
    agir(
        dossier, "donner_avis_grades", "conseiller_grades", jour="2022-04-13", avis="reserve", risques={"achat": "fort"}
    )
    write(dossier, personne("instructeur"), texte="Note de l'agence", mentions=[], partagee=False)
    write(dossier, personne("instructeur"), texte="Note pour le GRADeS", mentions=[], partagee=True)
    return dossier


def signed_in(qui: Utilisateur) -> Client:
    client = Client()
    client.force_login(qui, backend=PORTE)
    return client


def page(qui: Utilisateur, dossier, suite: str = "") -> str:
    reponse = signed_in(qui).get(reverse("dossier", args=[dossier.pk]) + suite)
    assert reponse.status_code == 200
    return text(reponse.content.decode())


NOTES = "83 %"
SECRETS = {"marques": NOTES, "agence": "Note de l'agence", "grades": "Note pour le GRADeS", "avis": "Réservé, par"}


@pytest.mark.parametrize(
    ("qui", "vus"),
    [
        ("instructeur", {"agence", "grades", "avis"}),
        ("instructeur:b", {"marques", "agence", "grades", "avis"}),
        ("responsable", {"marques", "agence", "grades", "avis"}),
        ("comptable", {"marques", "agence", "grades", "avis"}),
        ("conseiller_grades", {"grades", "avis"}),
        ("auditeur", {"marques", "avis"}),
        ("pilote_national", {"marques", "avis"}),
    ],
)
def test_who_sees_what(qui: str, vus: set[str], dossier):
    region = None if qui in ("auditeur", "pilote_national") else "76"
    lue = page(personne(qui, region), dossier)
    assert {nom for nom, secret in SECRETS.items() if secret in lue} == vus
    assert "1 évaluation rendue sur 2" in lue


def test_the_porteur_has_her_own_page_and_no_secret(dossier):
    client = signed_in(personne("porteur"))
    reponse = client.get(reverse("dossier", args=[dossier.pk]))
    assert reponse["Location"] == reverse("portail:suivi", args=[dossier.pk])
    sienne = text(client.get(reponse["Location"]).content.decode())
    assert not [secret for secret in SECRETS.values() if secret in sienne]
    assert "note interne" not in sienne


def test_a_porteur_who_is_an_officer_elsewhere_is_a_porteur_here(dossier):
    porteuse = personne("porteur")
    Affectation.objects.create(utilisateur=porteuse, role=Role.INSTRUCTEUR, region_id="11", du="2022-01-01")
    assert signed_in(porteuse).get(reverse("dossier", args=[dossier.pk])).status_code == 302


def test_whoever_it_is_shown_to_reads_no_secret(dossier):
    invitee = personne("porteur:invitee")
    share(dossier, invitee, "suivre")
    lue = page(invitee, dossier)
    assert not [secret for secret in SECRETS.values() if secret in lue]
    for mot in ("note interne", "Évaluations", "Avis du GRADeS"):
        assert mot not in lue


@pytest.mark.parametrize("nom", ["dossier", "notes"])
def test_another_region_finds_nothing(nom: str, dossier):
    assert signed_in(personne("instructeur", "11")).get(reverse(nom, args=[dossier.pk])).status_code == 404


def test_whoever_an_interest_ties_to_it_reads_what_is_filed_and_nothing_of_what_is_thought(dossier):
    liee = personne("responsable")
    declarer_interet(liee, dossier.grappe.og_porteur, liee, nature=NatureInteret.EMPLOI, du=horloge.aujourdhui())
    lue = page(liee, dossier)
    assert "en déport" in lue
    assert not [nom for nom in ("marques", "agence", "grades") if SECRETS[nom] in lue]
    reponse = signed_in(liee).post(reverse("notes-ecrire", args=[dossier.pk]), {"texte": "Moi"})
    assert reponse.status_code == 404
    with pytest.raises(Refus, match="ne lit pas les notes"):
        write(dossier, personne("instructeur"), texte="Vu ?", mentions=[liee.pk], partagee=False)


def test_marks_open_once_one_s_own_are_given_and_their_spread_shows(dossier):
    agir(dossier, "evaluer", "instructeur", jour="2022-04-13", notes={"uniforme": "0.7"})
    lue = page(personne("instructeur"), dossier)
    assert "2 évaluations rendues sur 2 : 76 % de l'échelle en moyenne simple, 13 points d'écart au plus" in lue
    assert "Équilibre territorial 83 % 70 % 13 pt" in lue


def test_marks_are_open_to_the_agency_once_the_instruction_is_closed(camp):
    dossier = amener(camp.dossier("D1"), "instruit")
    assert "80 % 80 % aucun" in page(personne("instructeur:nouveau"), dossier)
    assert "80 % 80 %" not in page(personne("conseiller_grades"), dossier)


def test_the_clock_says_when_it_stood_still(camp):
    dossier = amener(camp.dossier("D1"), "a_completer")
    agir(dossier, "completer", "porteur", jour="2022-04-17")
    assert "(horloge arrêtée 12 jours en avril 2022)" in page(personne("instructeur"), dossier)


def test_who_waived_a_rule_is_told(camp):
    dossier = amener(camp.dossier("D1"), "en_recevabilite")
    agir(dossier, "deroger", "responsable", jour="2022-04-05", regle="MIN_ESSMS", motif="Île")
    lue = page(personne("instructeur"), dossier)
    assert "Motif de la dérogation : « Île »" in lue or "règle MIN_ESSMS" in lue


def test_signatures_and_payments_name_their_people(camp):
    dossier = amener(camp.dossier("D1"), "en_deploiement")
    lue = page(personne("comptable"), dossier)
    assert "Les 2 parties ont signé." in lue
    assert "A signé le 20 octobre 2022, enregistré par responsable" in lue
    assert "certifié par responsable, ordonnancé par responsable, exécuté par comptable" in lue


# History.


def test_history_is_read_a_page_at_a_time_to_its_end(camp, monkeypatch):
    monkeypatch.setattr(historique, "PAR_PAGE", 4)
    dossier = amener(camp.dossier("D1"), "en_deploiement")
    client, suite, rangs = signed_in(personne("auditeur", None)), "", []
    while suite is not None:
        lu = client.get(reverse("dossier", args=[dossier.pk]) + suite).context["fiche"].historique
        rangs += [etape.rang for etape in lu.etapes]
        suite = f"?avant={lu.suivant}" if lu.suivant else None
    assert rangs == list(Entree.objects.filter(chaine=dossier.chaine).order_by("-rang").values_list("rang", flat=True))


@pytest.mark.parametrize(
    ("genre", "dedans", "dehors"),
    [
        ("decisions", "a sélectionné le dossier", "a exécuté le versement"),
        ("argent", "a exécuté le versement", "a pris le dossier en charge"),
        ("documents", "a déposé le dossier", "a sélectionné le dossier"),
    ],
)
def test_history_is_filtered(genre: str, dedans: str, dehors: str, camp):
    lue = page(personne("auditeur", None), amener(camp.dossier("D1"), "en_deploiement"), f"?journal={genre}")
    histoire = lue.split("Du plus récent au plus ancien")[1]
    assert dedans in histoire
    assert dehors not in histoire


@pytest.mark.parametrize(
    "suite", ["?journal=x", "?avant=x", "?avant=-1", "?avant=9999999999999999", "?journal=&avant="]
)
def test_what_is_not_understood_is_left_out(suite: str, camp):
    dossier = amener(camp.dossier("D1"), "depose")
    assert "a déposé le dossier" in page(personne("auditeur", None), dossier, suite)


def test_every_filtered_act_exists():
    """A name that changes in the engine changes here."""
    nommes = {nom for _, actes, _ in historique.GENRES.values() for nom in actes}
    assert nommes <= RECITS[Dossier].keys()
    objets = {objet for _, _, objets in historique.GENRES.values() for objet in objets}
    assert objets <= MODELES.keys()


# Cost.


def test_the_page_costs_the_same_whatever_its_length(camp):
    petit = amener(camp.dossier("D1"), "depose")
    grand = campagne(code="OCC-GRAND", dossiers=[{"essms": 100, "og": 3}]).dossier("D1")
    for rang in range(40):
        agir(grand, "fournir_piece", "porteur", jour="2022-03-20", code="autre", nom=f"piece-{rang}.pdf")
    amener(grand, "en_recevabilite")
    instructeur = personne("instructeur")
    for rang in range(150):
        agir(grand, "ecrire_message", instructeur, jour="2022-04-05", texte=f"Message {rang}")
        agir(grand, "ecrire_note", instructeur, jour="2022-04-05", texte=f"Note {rang}", mentions=[instructeur.pk])
    assert Entree.objects.filter(chaine=grand.chaine).count() > 300

    client, comptes, poids = signed_in(instructeur), [], 0
    for dossier in (petit, grand):
        adresse = reverse("dossier", args=[dossier.pk])
        client.get(adresse)
        with CaptureQueriesContext(connection) as requetes:
            reponse = client.get(adresse)
        comptes.append(len(requetes))
        poids = len(reponse.content)
    assert len(reponse.context["fiche"].documents) >= 40
    assert len(reponse.context["fiche"].historique.etapes) == historique.PAR_PAGE
    assert comptes[0] == comptes[1] <= REQUETES
    assert poids < 300_000


# Writing a note.


def test_a_note_is_written_from_the_page(dossier):
    instructeur, responsable = personne("instructeur"), personne("responsable")
    client = signed_in(instructeur)
    corps = {"texte": "À revoir.\r\nAvec vous.", "mentions": [responsable.pk]}
    reponse = client.post(reverse("notes-ecrire", args=[dossier.pk]), corps)
    assert reponse["Location"] == reverse("dossier", args=[dossier.pk]) + "#notes"
    note = Note.objects.latest("pk")
    assert (note.texte, note.partagee, note.mentions.get().personne) == ("À revoir.\nAvec vous.", False, responsable)
    assert "Vous êtes mentionné" in page(responsable, dossier)


def test_a_refused_note_is_given_back(dossier):
    avant = Note.objects.count()
    corps = {"texte": "Voir @personne.inconnue", "partagee": "oui"}
    reponse = signed_in(personne("instructeur")).post(reverse("notes-ecrire", args=[dossier.pk]), corps)
    assert reponse.status_code == 409
    rendue = reponse.content.decode()
    assert "Voir @personne.inconnue" in rendue
    assert re.search(r'name="partagee" value="oui" checked', rendue)
    assert "personne de ce nom" in rendue
    assert Note.objects.count() == avant


@pytest.mark.parametrize(
    ("qui", "lire", "ecrire"),
    [
        ("instructeur", 200, 302),
        ("comptable", 200, 302),
        ("conseiller_grades", 200, 409),
        ("auditeur", 404, 404),
        ("porteur", 404, 404),
        ("porteur:autre", 404, 404),
    ],
)
def test_notes_exist_for_those_who_may_read_them(qui: str, lire: int, ecrire: int, dossier):
    avant = Note.objects.count()
    client = signed_in(personne(qui, None if qui in ("auditeur", "porteur") else "76"))
    assert client.get(reverse("notes", args=[dossier.pk])).status_code == lire
    assert client.post(reverse("notes-ecrire", args=[dossier.pk]), {"texte": "Moi"}).status_code == ecrire
    assert Note.objects.count() == avant + (ecrire == 302)


def test_nobody_signed_in_writes_nothing(dossier):
    avant = Note.objects.count()
    reponse = Client().post(reverse("notes-ecrire", args=[dossier.pk]), {"texte": "Moi"})
    assert reponse["Location"].startswith("/connexion/")
    assert Note.objects.count() == avant
