"""Asking for help and answering it, page by page."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accompagnement.aide import demander_aide
from accompagnement.models import DemandeAide
from comptes.models import Utilisateur
from tests.fabriques import PORTE, campagne, personne

QUESTION = {"departement": "31", "sujet": "Ma grappe", "texte": "Comment compter ?"}


@pytest.fixture
def camp(db):
    return campagne(dossiers=[{"porteur": "porteur"}, {"porteur": "porteur:b"}])


def signed_in(qui, region="76", **options):
    navigateur = Client(**options)
    navigateur.force_login(personne(qui, region), backend=PORTE)
    return navigateur


@pytest.fixture
def client(camp):
    return signed_in("porteur")


@pytest.fixture
def demande(camp):
    return demander_aide(personne("porteur"), **QUESTION)


def go(nom, demande):
    return reverse(nom, args=[demande.pk])


def test_nothing_asked_yet_teaches(client):
    assert "rien demandé" in client.get(reverse("aide:accueil")).content.decode()


def test_asking_names_who_to_write_to_then_shows_the_answer(client, camp):
    dossier = camp.dossier("D1")
    formulaire = client.get(reverse("aide:nouvelle"), {"dossier": dossier.pk}).content.decode()
    assert f'<option value="{dossier.pk}" selected>' in formulaire
    assert '<option value="31" selected>' in formulaire
    suite = client.post(reverse("aide:nouvelle"), QUESTION | {"dossier": dossier.pk}, follow=True).content.decode()
    assert "referent-31@" in suite
    agent = signed_in("instructeur")
    demande = DemandeAide.objects.get()
    assert demande.dossier == dossier
    assert "Ma grappe" in agent.get(reverse("demandes-aide")).content.decode()
    agent.post(go("demande-aide-prendre", demande))
    agent.post(go("demande-aide-resoudre", demande), {"reponse": "Ainsi <b>donc</b>"})
    lue = client.get(reverse("aide:accueil")).content.decode()
    assert "Ainsi &lt;b&gt;donc&lt;/b&gt;" in lue
    assert "Ma grappe" not in agent.get(reverse("demandes-aide")).content.decode()
    assert "Ma grappe" in agent.get(reverse("demandes-aide"), {"toutes": ""}).content.decode()


@pytest.mark.parametrize("faux", [{"departement": "99"}, {"departement": ""}, {"sujet": ""}, {"texte": ""}])
def test_what_is_wrong_is_said_beside_its_field_and_the_rest_stays(client, faux):
    reponse = client.post(reverse("aide:nouvelle"), QUESTION | faux)
    assert reponse.status_code == 422
    assert "À corriger" in reponse.content.decode()
    assert not DemandeAide.objects.exists()


@pytest.mark.parametrize("quoi", ["autre", "0", "99999999999999999999", "x", "-1"])
def test_another_porteurs_dossier_does_not_exist(client, camp, quoi):
    numero = camp.dossier("D2").pk if quoi == "autre" else quoi
    assert client.get(reverse("aide:nouvelle"), {"dossier": numero}).status_code == 404
    assert client.post(reverse("aide:nouvelle"), QUESTION | {"dossier": numero}).status_code == 404
    assert not DemandeAide.objects.exists()


def test_others_find_nothing(demande):
    for qui in (signed_in("porteur:b"), signed_in("instructeur:ailleurs", "11")):
        assert qui.get(go("demande-aide", demande)).status_code == 404
        for nom in ("prendre", "resoudre", "transmettre"):
            assert qui.post(go(f"demande-aide-{nom}", demande), {"reponse": "x", "motif": "x"}).status_code == 404
        assert "Ma grappe" not in qui.get(reverse("demandes-aide")).content.decode()
    assert DemandeAide.objects.get().etat == "ouverte"


def test_a_porteur_reads_hers_there_too_but_is_offered_nothing(client, demande):
    texte = client.get(go("demande-aide", demande)).content.decode()
    assert "Ma grappe" in texte
    assert "Prendre en charge</button>" not in texte
    assert client.post(go("demande-aide-prendre", demande)).status_code == 409


def test_the_second_officer_is_told_who_was_quicker(demande):
    signed_in("instructeur").post(go("demande-aide-prendre", demande))
    reponse = signed_in("instructeur:b").post(go("demande-aide-prendre", demande))
    assert reponse.status_code == 409
    assert "a déjà pris cette demande en charge" in reponse.content.decode()


def test_passing_on_takes_a_reason_and_the_referent_answers(demande):
    agent = signed_in("conseiller_grades")
    assert agent.post(go("demande-aide-transmettre", demande), {"motif": " "}).status_code == 409
    assert agent.post(go("demande-aide-transmettre", demande), {"motif": "Règle nationale"}).status_code == 302
    pilote = signed_in("pilote_national", None)
    assert "Prendre en charge</button>" in pilote.get(go("demande-aide", demande)).content.decode()
    pilote.post(go("demande-aide-prendre", demande))
    assert pilote.post(go("demande-aide-resoudre", demande), {"reponse": "Oui"}).status_code == 302


def test_an_answer_refused_stays_typed(demande):
    agent = signed_in("instructeur")
    agent.post(go("demande-aide-prendre", demande))
    reponse = agent.post(go("demande-aide-resoudre", demande), {"reponse": "z" * 10_001})
    assert reponse.status_code == 409
    assert "z" * 10_001 in reponse.content.decode()


def test_somebody_without_a_role_is_led_to_her_organisation(db):
    elle = Utilisateur.objects.create(username="nouvelle")
    navigateur = Client()
    navigateur.force_login(elle, backend=PORTE)
    assert navigateur.get(reverse("aide:accueil")).status_code == 200
    reponse = navigateur.post(reverse("aide:nouvelle"), QUESTION)
    assert reponse.status_code == 403
    assert reverse("portail:rejoindre") in reponse.content.decode()


def test_nobody_signed_in_is_sent_to_sign_in(demande):
    for adresse in (reverse("aide:accueil"), reverse("aide:nouvelle"), go("demande-aide", demande)):
        assert Client().get(adresse).status_code == 302


def test_forms_from_elsewhere_are_not_believed(demande):
    strict = signed_in("instructeur", enforce_csrf_checks=True)
    assert strict.post(go("demande-aide-prendre", demande)).status_code == 403
    assert signed_in("porteur", enforce_csrf_checks=True).post(reverse("aide:nouvelle"), QUESTION).status_code == 403


def test_lists_cost_as_much_with_many(client, camp, demande):
    agent = signed_in("instructeur")
    pages = [(client, reverse("aide:accueil")), (agent, reverse("demandes-aide"))]
    comptes = []
    for _ in range(2):
        for qui, adresse in pages:
            qui.get(adresse)
            with CaptureQueriesContext(connection) as requetes:
                qui.get(adresse)
            comptes.append(len(requetes))
        for rang in range(40):
            demander_aide(personne("porteur"), camp.dossier("D1"), **QUESTION | {"sujet": f"Question {rang}"})
    assert comptes[:2] == comptes[2:]
    assert max(comptes) <= 12
