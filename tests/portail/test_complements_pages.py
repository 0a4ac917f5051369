"""Complements seen by both sides: what is asked, what is open, what changed."""

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from aap.examen import current
from instruction.actes.service import last_rank
from portail.complements import banner
from portail.etapes import progress
from tests.fabriques import MOTIF, PORTE, agir, amener, campagne, personne

DEMANDE = MOTIF | {"echeance": "2022-05-01"}


@pytest.fixture
def camp(db):
    return campagne(dossiers=[{"porteur": "porteur", "essms": 16}, {"porteur": "porteur:b"}])


@pytest.fixture
def dossier(camp):
    return amener(camp.dossier("D1"), "en_recevabilite")


def signed_in(qui, region="76", **options):
    navigateur = Client(**options)
    navigateur.force_login(personne(qui, region), backend=PORTE)
    return navigateur


def fresh(dossier):
    return type(dossier).objects.with_rules().get(pk=dossier.pk)


def ask(dossier, **quoi):
    agir(dossier, "demander_complements", "instructeur", jour="2022-04-05", **DEMANDE, **quoi)
    return fresh(dossier)


def test_the_officer_asks_from_a_page(dossier):
    agent = signed_in("instructeur")
    adresse = reverse("complements", args=[dossier.pk])
    assert (
        reverse("agir", args=[dossier.pk, "demander_complements"])
        in agent.get(reverse("dossier", args=[dossier.pk])).content.decode()
    )
    assert "Parties à rouvrir" in agent.get(adresse).content.decode()
    envoi = DEMANDE | {"sections": ["projet"], "pieces": ["rib"], "vu": last_rank(dossier.pk)}
    assert agent.post(adresse, envoi).headers["Location"] == reverse("dossier", args=[dossier.pk])
    demande = dossier.demandes_complements.get()
    assert (demande.parties, demande.pieces, demande.motif) == (["projet"], ["rib"], "Motif du test.")


@pytest.mark.parametrize(
    ("faux", "statut"),
    [
        ({"motif": ""}, 422), ({"echeance": "demain"}, 422), ({"echeance": "2022-03-01"}, 422),
        ({"sections": ["tout"]}, 422), ({"pieces": ["inconnue"]}, 422),
    ],
)  # fmt: skip
def test_a_request_that_cannot_be_is_refused_and_stays_typed(dossier, faux, statut):
    envoi = DEMANDE | faux | {"vu": last_rank(dossier.pk)}
    reponse = signed_in("instructeur").post(reverse("complements", args=[dossier.pk]), envoi)
    assert reponse.status_code == statut
    assert "Rien n" in reponse.content.decode()
    assert fresh(dossier).etat == "en_recevabilite"


def test_who_may_not_ask_is_told_so_and_others_find_nothing(dossier):
    adresse = reverse("complements", args=[dossier.pk])
    for qui in ("responsable", "porteur"):
        assert signed_in(qui).get(adresse).status_code == 403
        assert signed_in(qui).post(adresse, DEMANDE).status_code == 403
    for qui, region in (("instructeur:ailleurs", "11"), ("porteur:b", "76")):
        assert signed_in(qui, region).post(adresse, DEMANDE).status_code == 404
    assert signed_in("instructeur", enforce_csrf_checks=True).post(adresse, DEMANDE).status_code == 403
    assert fresh(dossier).etat == "en_recevabilite"


def test_the_porteur_reads_why_until_when_and_what_is_open(dossier):
    dossier = ask(dossier, sections=["projet"], pieces=["rib"])
    texte = signed_in("porteur").get(reverse("portail:complements", args=[dossier.pk])).content.decode()
    for attendu in (
        "Motif du test.",
        "1er\u00a0mai\u00a02022",
        "Projet et logiciel",
        reverse("portail:etape", args=[dossier.pk, "projet"]),
        f"{reverse('portail:pieces', args=[dossier.pk])}#piece-rib",
        "Rien pour l'instant",
    ):
        assert attendu in texte.replace("&#x27;", "'"), attendu


@pytest.mark.parametrize(("etape", "ouverte"), [("projet", True), ("pieces", False), ("grappe", False)])
def test_each_step_knows_whether_it_is_open(dossier, etape, ouverte):
    bandeau = banner(ask(dossier, sections=["projet"]), etape)
    assert bandeau.ici is ouverte
    texte = render_to_string("portail/partials/_complements.html", {"complements": bandeau})
    assert ("pas rouverte" in texte) is not ouverte


def test_no_banner_when_nothing_is_asked_and_everything_open_when_nothing_is_named(dossier):
    assert banner(dossier, "projet") is None
    assert "complements" not in render_to_string("portail/partials/_complements.html", {"complements": None})
    bandeau = banner(ask(dossier), "grappe")
    assert (bandeau.ici, bandeau.ouverts) == (True, [])
    page = reverse("portail:complements", args=[dossier.pk])
    agir(dossier, "completer", "porteur", jour="2022-04-07")
    assert signed_in("porteur").get(page).headers["Location"] == reverse("dossier", args=[dossier.pk])


@pytest.mark.parametrize(
    ("rouvert", "manquent"),
    [({"pieces": ["lettre_engagement"]}, []), ({"sections": ["projet"]}, ["projet"]), ({}, ["depot", "projet"])],
)
def test_only_what_she_may_change_is_asked_of_her(dossier, rouvert, manquent):
    """A dossier that came in a file has none of its questions answered here: no reason to keep an answer back."""
    vue = ask(dossier, **rouvert)
    lacunes = progress(vue, current(vue)).manques
    assert sorted(etape for etape, manques in lacunes.items() if manques) == manquent


def test_another_porteur_finds_nothing(dossier):
    dossier = ask(dossier)
    assert signed_in("porteur:b").get(reverse("portail:complements", args=[dossier.pk])).status_code == 404


def test_the_officer_sees_the_answer_and_not_before_it_is_given(dossier):
    dossier = ask(dossier)
    agir(dossier, "fournir_piece", "porteur", jour="2022-04-06", code="rib", nom="<b>rib</b>.pdf")
    parti = dossier.grappe.membres.first().essms
    agir(dossier, "composer", "porteur", jour="2022-04-06", retirer=[parti.finess], motif="Fermeture.")
    agent, page = signed_in("instructeur"), reverse("dossier", args=[dossier.pk])
    texte = agent.get(page).content.decode()
    assert "pas encore répondu" in texte.replace("\u00a0", " ")
    assert "&lt;b&gt;rib" not in texte
    agir(dossier, "completer", "porteur", jour="2022-04-07")
    texte = agent.get(page).content.decode()
    assert "&lt;b&gt;rib&lt;/b&gt;.pdf" in texte
    assert f"Retiré : {parti.nom}" in texte.replace("\u00a0", " ")


def test_a_closed_section_is_refused_by_its_page(dossier):
    dossier = ask(dossier, sections=["grappe"])
    client = signed_in("porteur")
    champ = reverse("portail:champ", args=[dossier.pk, "projet"])
    reponse = client.post(champ, {"vue:editeur": "", "editeur": "x"})
    assert reponse.status_code == 409
    assert "pas rouverte" in reponse.content.decode()


def test_ten_requests_cost_as_much_as_one(dossier):
    agent, page, comptes = signed_in("instructeur"), reverse("dossier", args=[dossier.pk]), []
    for _ in range(5):
        agir(dossier, "demander_complements", "instructeur", jour="2022-04-05", **DEMANDE)
        agir(dossier, "completer", "porteur", jour="2022-04-06")
        agent.get(page)
        with CaptureQueriesContext(connection) as requetes:
            agent.get(page)
        comptes.append(len(requetes))
    assert len(set(comptes)) == 1
    assert comptes[0] <= 12
