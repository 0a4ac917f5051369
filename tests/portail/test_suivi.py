"""The porteur's one page on a filed dossier: the answer first, what to do, the path, the clock, the decision."""

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from conventions.models import Reversement
from moteur import horloge
from moteur.porte import franchir
from portail.chronologie import Moment
from portail.recours import remedies
from tests.fabriques import CHEMINS, MOTIF, PORTE, agir, amener, campagne, personne, porteuse
from tests.instruction.campagne import text

REQUETES = 12


@pytest.fixture
def dossier(db):
    return campagne().dossier("D1")


@pytest.fixture
def client(dossier):
    return signed_in(dossier)


def signed_in(dossier):
    navigateur = Client()
    navigateur.force_login(dossier.dossieruserobjectpermission_set.get().user, backend=PORTE)
    return navigateur


def lu(client, dossier, *, jour=None, nom="suivi"):
    """The page on that day: its context, and its words."""
    with horloge.figer(horloge.ouverture(date.fromisoformat(jour))) if jour else horloge.figer(horloge.maintenant()):
        reponse = client.get(reverse(f"portail:{nom}", args=[dossier.pk]))
    assert reponse.status_code == 200
    return reponse.context["suivi"], text(reponse.content.decode())


def moments(suivi):
    return {jalon.nom: jalon.moment for jalon in suivi.jalons}


# The page.


@pytest.mark.parametrize("etat", [etat for etat in CHEMINS if etat not in ("depose", "abandonne")])
def test_every_state_has_its_page(client, dossier, etat):
    suivi, mots = lu(client, amener(dossier, etat))
    assert suivi.badge.texte in mots
    siens = suivi.tour.acteur in ("porteur", "personne")
    dit = (
        f"{suivi.tour.qui}\xa0: {suivi.tour.quoi}"
        if siens
        else f"{suivi.tour.qui}. Prochain acte\xa0: {suivi.tour.quoi}"
    )
    assert dit in mots.replace(" :", "\xa0:")
    assert sum(moment is Moment.EN_COURS for moment in moments(suivi).values()) <= 1
    assert "Dépôt" in moments(suivi)


def test_a_draft_is_read_in_its_steps(client, dossier):
    for nom in ("suivi", "depose"):
        reponse = client.get(reverse(f"portail:{nom}", args=[dossier.pk]), follow=True)
        assert reponse.redirect_chain[-1][0] == reverse("portail:etape", args=[dossier.pk, "appel"])


def test_after_filing_the_page_says_so_and_what_comes_next(client, dossier):
    suivi, mots = lu(client, amener(dossier, "depose"), nom="depose")
    assert "Votre dossier est déposé" in mots
    assert "Reçu le 1er avril 2022 à 9 h 00" in mots.replace("\xa0", " ")
    assert "À signer au plus tard le 30 décembre 2022" in mots.replace("\xa0", " ")
    assert [jalon.nom for jalon in suivi.a_venir][0] == "Recevabilité"


def test_a_project_given_up_before_filing_was_never_filed(client, dossier):
    amener(dossier, "abandonne")
    reponse = client.get(reverse("portail:depose", args=[dossier.pk]), follow=True)
    assert "Vous avez abandonné le projet" in text(reponse.content.decode())


@pytest.mark.parametrize("nom", ["suivi", "depose"])
def test_nobody_else_has_such_a_dossier(dossier, nom):
    adresse = reverse(f"portail:{nom}", args=[amener(dossier, "depose").pk])
    etrangere = Client()
    etrangere.force_login(porteuse(dossier.grappe.og_porteur, "autre"), backend=PORTE)
    assert etrangere.get(adresse).status_code == 404
    assert Client().get(adresse).status_code == 302


def test_the_card_leads_to_it(client, dossier):
    amener(dossier, "depose")
    accueil = client.get(reverse("portail:accueil")).content.decode()
    assert reverse("portail:suivi", args=[dossier.pk]) in accueil


def test_as_many_queries_for_200_essms_as_for_16(db):
    comptes = []
    for essms in (16, 200):
        camp = campagne(code=f"OCC-{essms}", dossiers=[{"essms": essms}])
        dossier = amener(camp.dossier("D1"), "en_recevabilite")
        if essms == 200:  # else the national call would take it
            agir(dossier, "deroger", "responsable", jour="2022-04-10", regle="ROUTAGE", **MOTIF)
        dossier = amener(dossier, "en_deploiement")
        client, adresse = signed_in(dossier), reverse("portail:suivi", args=[dossier.pk])
        client.get(adresse)
        with CaptureQueriesContext(connection) as requetes:
            assert client.get(adresse).context["suivi"].grappe.essms == essms
        comptes.append(len(requetes))
    assert comptes[0] == comptes[1] <= REQUETES


# What to do, and the decision.


def test_complements_are_asked_with_their_reason_their_date_and_the_place_to_answer(client, dossier):
    suivi, mots = lu(client, amener(dossier, "a_completer"), jour="2022-04-10")
    (tache,) = suivi.a_faire
    assert (tache.action, tache.echeance) == ("completer", date(2022, 5, 1))
    assert tache.adresse == reverse("portail:complements", args=[dossier.pk])
    assert "L'ARS demande : « Motif du test. »" in mots.replace("\xa0", " ")
    assert "Mettre dans mon agenda" in mots


def test_what_is_for_others_is_not_for_her_to_do(client, dossier):
    suivi, mots = lu(client, amener(dossier, "en_instruction"))
    assert suivi.a_faire == []
    assert "Rien ne vous est demandé" in mots


def test_the_answer_tells_her_own_turn_only_and_that_it_is_late(client, dossier):
    """Past the due date the agency may act too: that is not hers to do."""
    suivi, mots = lu(client, amener(dossier, "en_deploiement"), jour="2024-04-22")
    assert (suivi.tour.qui, suivi.tour.acteur) == ("À vous de jouer", "porteur")
    assert "constater" not in suivi.tour.quoi
    assert "L'échéance était le 21 avril 2024 : écrivez à l'ARS" in mots.replace("\xa0", " ")
    assert "Mettre dans mon agenda" not in mots


@pytest.mark.parametrize("etat", ["irrecevable", "reoriente", "non_retenu", "en_reversement"])
def test_a_decision_against_her_comes_with_its_reason_and_the_remedies(client, dossier, etat):
    suivi, mots = lu(client, amener(dossier, etat))
    assert suivi.decision.recours == remedies()
    assert "Motif : « Motif du test. »" in mots.replace("\xa0", " ")
    for voie in remedies().voies:
        assert voie.titre in mots
        assert voie.source in mots


@pytest.mark.parametrize("etat", ["liste_attente", "selectionne", "notifie"])
def test_other_decisions_have_nothing_to_contest(client, dossier, etat):
    suivi, _ = lu(client, amener(dossier, etat))
    assert suivi.decision is not None
    assert suivi.decision.recours is None


@pytest.mark.parametrize(
    ("etat", "action", "par", "titre"),
    [
        ("en_comite", "ajourner", "responsable", "Le comité a ajourné votre dossier"),
        ("en_verification", "refuser_usages", "instructeur", "L'ARS a renvoyé vos déclarations d'usage"),
    ],
)
def test_a_step_back_says_why(client, dossier, etat, action, par, titre):
    agir(amener(dossier, etat), action, par, jour="2023-07-05", **MOTIF)
    suivi, mots = lu(client, dossier)
    assert suivi.decision.titre == titre
    assert "Motif du test." in mots


# The path.


def test_the_path_holds_both_payments_and_real_dates(client, dossier):
    suivi, mots = lu(client, amener(dossier, "clos"))
    assert set(moments(suivi).values()) == {Moment.FAIT}
    versements = [(jalon.nom, jalon.le) for jalon in suivi.jalons if jalon.versement]
    assert versements == [("Premier versement", date(2022, 11, 4)), ("Second versement", date(2023, 7, 13))]
    assert "Versé le 4 novembre 2022" in mots.replace("\xa0", " ")
    assert [jalon.nom for jalon in suivi.jalons][4:8] == [
        "Convention", "Premier versement", "Déploiement", "Vérification des usages",
    ]  # fmt: skip


def test_a_dossier_that_left_the_path_shows_no_promise(client, dossier):
    suivi, _ = lu(client, amener(dossier, "irrecevable"))
    assert [jalon.nom for jalon in suivi.jalons] == ["Dépôt", "Recevabilité", "Irrecevable"]
    assert suivi.jalons[-1].entree.le == horloge.ouverture(date(2022, 4, 6))


def test_closed_after_a_recovery_shows_no_second_payment(client, dossier):
    amener(dossier, "en_reversement")
    with horloge.figer(horloge.ouverture(date(2024, 6, 10))):
        franchir(Reversement.objects.get(dossier=dossier), "recouvrer", personne("comptable"))
    agir(dossier, "cloturer", "comptable", jour="2024-06-11")
    suivi, _ = lu(client, dossier)
    assert "Second versement" not in moments(suivi)
    assert "Vérification des usages" not in moments(suivi)


def test_the_payment_awaited_is_where_the_dossier_is(client, dossier):
    suivi, _ = lu(client, amener(dossier, "conventionne"))
    assert [nom for nom, moment in moments(suivi).items() if moment is Moment.EN_COURS] == ["Premier versement"]
