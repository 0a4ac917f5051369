"""The process drawn and told: every node once, no shape on another, the same in the table; where a dossier stands."""

from itertools import combinations
from xml.etree import ElementTree

import pytest
from django.test import Client

from comptes.roles import Role
from instruction.etapes import Etape
from instruction.flows import InstructionFlow
from instruction.parcours import plan
from instruction.parcours.dessins import drawings, sheet
from instruction.parcours.lecture import read
from instruction.parcours.trace import draw
from tests.instruction import campagne

LIGNES = [ligne for bande in plan.BANDES for ligne in bande.lignes]
#: What a screen of 1440 px leaves to a page.
LARGEUR = 1200


def test_every_node_is_on_one_line_and_every_end_has_a_name():
    places = [nom for ligne in LIGNES for nom in ligne.noeuds]
    tous = {noeud.name for noeud in InstructionFlow.instance.nodes()}
    assert sorted(places) == sorted(tous - plan.FINS.keys())
    assert {nom for nom in tous if plan.genre(nom) == "fin"} == plan.FINS.keys()


@pytest.mark.parametrize("ligne", LIGNES, ids=lambda ligne: ligne.titre)
def test_a_line_draws_all_its_ways_and_fits_a_screen(ligne):
    dessin = draw(ligne)
    voies = sum(len(plan.successors(nom)) for nom in ligne.noeuds)
    assert len(dessin.fleches) == voies
    assert dessin.largeur <= LARGEUR
    assert {forme.nom for forme in dessin.formes} >= set(ligne.noeuds)


@pytest.mark.parametrize("ligne", LIGNES, ids=lambda ligne: ligne.titre)
def test_no_shape_is_on_another_and_nothing_is_off_the_sheet(ligne):
    dessin = draw(ligne)
    for une, autre in combinations(dessin.formes, 2):
        a_cote = une.x + une.l <= autre.x or autre.x + autre.l <= une.x
        dessous = une.y + une.h <= autre.y or autre.y + autre.h <= une.y
        assert a_cote or dessous, (une.nom, autre.nom)
    for forme in dessin.formes:
        assert forme.x >= 0
        assert forme.y >= 0
        assert forme.x + forme.l <= dessin.largeur
        assert forme.y + forme.h <= dessin.hauteur


@pytest.mark.parametrize("ligne", LIGNES, ids=lambda ligne: ligne.titre)
def test_no_way_goes_through_a_step(ligne):
    """Each horizontal run, at its height, meets no step but those it leaves and reaches."""
    dessin = draw(ligne)
    etapes = [forme for forme in dessin.formes if forme.genre == "etape"]
    for fleche in dessin.fleches:
        for x1, x2, y in runs(fleche.trait):
            for etape in etapes:
                dedans = etape.y < y < etape.y + etape.h and x1 < etape.x + etape.l - 3 and etape.x + 3 < x2
                assert not dedans, (fleche.trait, etape.nom)


def runs(trait: str) -> list[tuple[float, float, float]]:
    """The horizontal runs of a path made of M, H and V: (from, to, height)."""
    texte = trait.replace("V", " V ").replace("H", " H ").replace("M", "")
    mots = texte.split()
    x, y = float(mots[0]), float(mots[1])
    trouves = []
    for sens, valeur in zip(mots[2::2], mots[3::2], strict=True):
        if sens == "H":
            trouves.append((min(x, float(valeur)), max(x, float(valeur)), y))
            x = float(valeur)
        else:
            y = float(valeur)
    return trouves


def test_the_table_says_every_step_who_does_it_and_what_comes_next():
    rangees = {(r.quoi, r.qui): r for bande in read() for r in bande.rangees}
    etapes = [noeud for noeud in InstructionFlow.instance.nodes() if isinstance(noeud, Etape)]
    assert sum(len(bande.rangees) for bande in read()) == len(etapes)
    assert all(rangee.ensuite for rangee in rangees.values())
    assert rangees["Déclarer recevable", "Instructeur ARS"].ensuite == [
        "recevable : Évaluer (Instructeur ARS)",
        "recevable : Donner l'avis du GRADeS (Conseiller GRADeS)",
        "à compléter : Compléter (Porteur)",
        "irrecevable, réorienté : Sans aide",
    ]
    assert rangees["Ordonnancer", "Responsable ARS"].ensuite == ["Exécuter (Comptable)"]


def test_the_files_are_well_formed_and_name_every_step():
    dessins = drawings()
    racine = ElementTree.fromstring(dessins["parcours.svg"])
    textes = " ".join(un.text or "" for un in racine.iter("{http://www.w3.org/2000/svg}text"))
    for noeud in InstructionFlow.instance.nodes():
        if isinstance(noeud, Etape):
            assert all(mot in textes for mot in plan.title(noeud.name).split())
    assert ElementTree.fromstring(dessins["parcours.bpmn"]).tag.endswith("definitions")
    assert sheet().largeur <= 1280


# The pages.


@pytest.fixture
def claire(campagne_jouee, db):
    return campagne.person("claire", Role.INSTRUCTEUR, "76")


def page(client: Client, adresse: str) -> str:
    return campagne.text(client.get(adresse).content.decode())


def test_anybody_signed_in_reads_the_process(campagne_jouee, client: Client, db):
    assert client.get("/parcours/").status_code == 302
    client.force_login(campagne.person("portee", Role.PORTEUR))
    lue = page(client, "/parcours/")
    assert "Parcours d'un dossier" in lue
    assert "Où en est ce dossier" not in lue


@pytest.mark.parametrize(
    ("nom", "faites", "en_cours"),
    [
        ("depose", {"Déposer"}, {"Prendre en charge"}),
        ("evalue", {"Déclarer recevable", "Évaluer"}, {"Donner l'avis du GRADeS"}),
        ("a_completer", {"Prendre en charge"}, {"Compléter"}),
        ("certifie", {"Certifier le service fait", "Notifier"}, {"Ordonnancer"}),
        ("clos", {"Clôturer", "Constater les cibles"}, set()),
    ],
)
def test_a_dossier_shows_what_is_done_and_what_is_in_progress(campagne_jouee, claire, client, nom, faites, en_cours):
    client.force_login(claire)
    reponse = client.get(f"/dossiers/{campagne_jouee[nom]}/parcours/")
    rangees = [rangee for bande in reponse.context["bandes"] for rangee in bande.rangees]
    dites = {etat: {r.quoi for r in rangees if r.avancee and r.avancee.etat == etat} for etat in ("faite", "en_cours")}
    assert faites <= dites["faite"]
    assert dites["en_cours"] == en_cours
    assert f"Parcours du dossier {reponse.context['dossier'].reference}" in campagne.text(reponse.content.decode())


def test_a_step_that_was_only_stopped_is_still_to_come(campagne_jouee, claire, client):
    client.force_login(claire)
    bandes = client.get(f"/dossiers/{campagne_jouee['a_completer']}/parcours/").context["bandes"]
    [recevable] = [r for bande in bandes for r in bande.rangees if r.quoi == "Déclarer recevable"]
    assert recevable.avancee is None


def test_another_region_does_not_have_it_and_a_porteur_may_not(campagne_jouee, client):
    adresse = f"/dossiers/{campagne_jouee['depose']}/parcours/"
    client.force_login(campagne.person("loin", Role.INSTRUCTEUR, "11"))
    assert client.get(adresse).status_code == 404
    client.force_login(campagne.Utilisateur.objects.get(username="76.porteur"))
    assert client.get(adresse).status_code == 403


def test_a_fixed_number_of_queries(campagne_jouee, claire, client, django_assert_max_num_queries):
    client.force_login(claire)
    adresse = f"/dossiers/{campagne_jouee['clos']}/parcours/"
    client.get(adresse)
    with django_assert_max_num_queries(10):
        client.get(adresse)
