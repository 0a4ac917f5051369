"""The GRADeS's pages: who opens them, what they write, what they cost, and what the porteur reads."""

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from aap.models import Dossier
from accompagnement.affectation import followers
from accompagnement.models import ActionPlan, Annotation, AvisGrades, Axe, LienRisque, Niveau, Risque
from instruction.actes import service
from instruction.grades import carte
from instruction.grades.lecture import trend
from moteur import horloge
from tests.fabriques import PORTE, agir, amener, campagne, personne
from tests.instruction.campagne import text

pytestmark = pytest.mark.django_db
JOUR = date(2022, 9, 1)
REQUETES = 12
FORT = {"axe": "editeur", "niveau": "fort", "maitrise": "aucune", "commentaire": "L'éditeur ne répond plus."}
PAGES = ("grades-risques-dossier", "grades-accompagnement", "grades-avis")
REGION = ("grades", "grades-retards", "grades-risques")


@pytest.fixture(autouse=True)
def jour():
    with horloge.figer(horloge.ouverture(JOUR)):
        yield


@pytest.fixture
def dossier(db):
    return amener(campagne().dossier("D1"), "en_instruction")


def sign_in(qui, region="76"):
    client = Client()
    client.force_login(personne(qui, region), backend=PORTE)
    return client


@pytest.fixture
def conseiller(db):
    return sign_in("conseiller_grades")


def annotate(dossier, par="conseiller_grades", **donnees):
    return agir(dossier, "annoter_risque", par, **FORT | donnees)


def page(client, nom, *args, **query):
    return client.get(reverse(nom, args=args), query)


# Who opens what.


@pytest.mark.parametrize(
    ("qui", "region", "code"),
    [
        ("conseiller_grades", "76", 200), ("instructeur", "76", 200), ("responsable", "76", 200),
        ("auditeur", None, 200), ("conseiller_grades:ailleurs", "11", 404), ("instructeur:ailleurs", "11", 404),
        ("porteur", "76", 403), ("porteur:autre", "76", 404),
    ],
)  # fmt: skip
def test_the_pages_of_a_dossier_are_for_the_agencies_of_its_region(dossier, qui, region, code):
    client = sign_in(qui, region)
    agir(dossier, "donner_avis_grades", "conseiller_grades", avis="favorable")
    assert [page(client, nom, dossier.pk).status_code for nom in PAGES] == [code] * 3


@pytest.mark.parametrize(
    ("qui", "region", "code"), [("instructeur", "76", 200), ("auditeur", None, 200), ("porteur", "76", 403)]
)
def test_the_pages_of_the_region_are_not_for_porteurs(db, qui, region, code):
    assert [page(sign_in(qui, region), nom).status_code for nom in REGION] == [code] * 3


def opinion(dossier, **donnees):
    """The form of an opinion, read now."""
    return dict.fromkeys(Axe.values, "modere") | {"vu": service.last_rank(dossier.pk)} | donnees


def posts(dossier, risque):
    return {
        reverse("grades-annoter", args=[dossier.pk]): FORT,
        reverse("grades-partager", args=[dossier.pk]): {"axe": "achat", "libelle": "Marché"},
        reverse("grades-detacher", args=[dossier.pk]): {"risque": risque.pk, "motif": "Changement."},
        reverse("grades-avis", args=[dossier.pk]): opinion(dossier, avis="favorable"),
        reverse("grades-planifier", args=[dossier.pk]): {
            "phase": "choix", "intitule": "Comparer", "intervenant": "og", "pour_le": "2022-10-01",
        },
        reverse("grades-suivre", args=[dossier.pk, 1]): {"statut": "faite"},
        reverse("grades-affecter", args=[dossier.pk]): {"personne": personne("conseiller_grades").username},
        reverse("grades-retirer", args=[dossier.pk]): {"personne": personne("conseiller_grades").username},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("qui", "region", "code"),
    [("porteur", "76", 403), ("instructeur:ailleurs", "11", 404), ("comptable", "76", 403), ("auditeur", None, 403)],
)
def test_nothing_is_written_by_whoever_may_not(dossier, qui, region, code):
    """A porteur is refused, another region finds nothing, a reader is told by the door that it is not hers to do."""
    risque = agir(dossier, "ouvrir_risque", "instructeur", axe="achat", libelle="Marché infructueux")
    client, avant = sign_in(qui, region), Dossier.objects.get(pk=dossier.pk).version
    for adresse, donnees in posts(dossier, risque).items():
        assert client.post(adresse, donnees).status_code == code, adresse
    assert Dossier.objects.get(pk=dossier.pk).version == avant


def test_a_visitor_is_sent_to_sign_in(client, dossier):
    for adresse in (*map(reverse, REGION), *(reverse(nom, args=[dossier.pk]) for nom in PAGES)):
        assert client.get(adresse)["Location"].startswith("/connexion/")


def test_a_shared_cause_of_another_region_does_not_exist(dossier):
    risque = agir(dossier, "ouvrir_risque", "instructeur", axe="achat", libelle="Marché infructueux")
    assert page(sign_in("conseiller_grades:ailleurs", "11"), "grades-risque", risque.pk).status_code == 404
    assert page(sign_in("conseiller_grades"), "grades-risque", risque.pk).status_code == 200


# The risks of a dossier.


def test_an_axis_is_annotated_and_the_former_stays_readable(conseiller, dossier):
    annotate(dossier, niveau="modere", commentaire="Retard d'un mois.", maitrise="grades")
    adresse = reverse("grades-annoter", args=[dossier.pk])
    reponse = conseiller.post(adresse, FORT | {"partagee": "on", "a_faire": "Relancer", "a_faire_par": "grades",
                                               "pour_le": "2022-10-01"}, follow=True)  # fmt: skip
    assert "au nom de votre organisation" in text(reponse.content.decode())
    faite = Annotation.objects.all()[0]
    assert (faite.niveau, faite.partagee, str(faite.pour_le)) == ("fort", True, "2022-10-01")
    lue = text(page(conseiller, "grades-risques-dossier", dossier.pk, axe="editeur").content.decode())
    assert "Retard d'un mois." in lue
    assert "en hausse" in lue
    assert "Sans mesure" in lue


def test_what_is_refused_keeps_what_was_typed(conseiller, dossier):
    adresse = reverse("grades-annoter", args=[dossier.pk])
    saisi = {"commentaire": "", "a_faire": "Relancer encore", "a_faire_par": "grades", "pour_le": "2022-10-01"}
    muette = conseiller.post(adresse, FORT | saisi)
    assert muette.status_code == 422
    assert "Un risque fort s'explique" in text(muette.content.decode())
    assert "Relancer encore" in muette.content.decode()
    assert conseiller.post(adresse, {"axe": "editeur"}).status_code == 422
    assert not Annotation.objects.exists()


def test_the_panel_comes_alone_and_brings_the_new_level_with_it(conseiller, dossier):
    htmx = {"HTTP_HX_REQUEST": "true"}
    adresse = reverse("grades-risques-dossier", args=[dossier.pk])
    panneau = conseiller.get(f"{adresse}?axe=editeur", **htmx).content.decode()
    assert "<html" not in panneau
    assert f'id="niveau-{dossier.pk}-editeur"' not in panneau
    ecrit = conseiller.post(reverse("grades-annoter", args=[dossier.pk]), FORT, **htmx).content.decode()
    assert f'id="niveau-{dossier.pk}-editeur" hx-swap-oob="true"' in ecrit


def test_two_organisations_that_differ_are_both_read(conseiller, dossier):
    annotate(dossier)
    annotate(dossier, "instructeur", niveau="modere")
    assert "GRADeS Occitanie l'avait évalué « Fort »" in text(
        page(conseiller, "grades-risques-dossier", dossier.pk).content.decode()
    )


def test_a_cause_is_opened_attached_and_annotated_for_all(conseiller):
    camp = campagne(dossiers=3)
    premier, *autres = [amener(camp.dossier(f"D{rang}"), "depose") for rang in (1, 2, 3)]
    conseiller.post(reverse("grades-partager", args=[premier.pk]), {"axe": "editeur", "libelle": "Ariane en échec"})
    risque = Risque.objects.get()
    conseiller.post(reverse("grades-risque-rattacher", args=[risque.pk]), {"dossiers": [un.pk for un in autres]})
    reponse = conseiller.post(reverse("grades-risque-annoter", args=[risque.pk]), FORT, follow=True)
    assert "3 dossiers" in text(reponse.content.decode())
    assert Annotation.objects.current().filter(niveau="fort", risque=risque).count() == 3
    conseiller.post(reverse("grades-detacher", args=[premier.pk]), {"risque": risque.pk, "motif": "Autre éditeur."})
    assert LienRisque.objects.filter(fin_le=None).count() == 2
    assert "Ariane en échec" in text(page(conseiller, "grades-risques").content.decode())


# The opinion.


def test_the_opinion_begins_with_the_current_levels_and_freezes_them(conseiller, dossier):
    annotate(dossier, niveau="modere", maitrise="grades")
    formulaire = page(conseiller, "grades-avis", dossier.pk).context["formulaire"]
    assert {axe: formulaire[axe].value() for axe in Axe.values} == dict.fromkeys(Axe.values, "non_evalue") | {
        "editeur": "modere"
    }
    lus = {axe: formulaire[axe].value() for axe in Axe.values}
    donnees = opinion(dossier, **lus | {"achat": "fort", "commentaire": "À suivre."})
    assert conseiller.post(reverse("grades-avis", args=[dossier.pk]), donnees).status_code == 422
    conseiller.post(reverse("grades-avis", args=[dossier.pk]), donnees | {"avis": "reserve"})
    avis = AvisGrades.objects.get()
    assert (avis.avis, avis.commentaire, avis.risques["achat"], avis.risques["editeur"]) == (
        "reserve", "À suivre.", "fort", "modere",
    )  # fmt: skip
    assert Annotation.objects.filter(avis=avis).count() == 1
    assert "À suivre." in text(page(conseiller, "grades-avis", dossier.pk).content.decode())


def test_an_opinion_read_too_long_ago_is_told_what_others_did_and_keeps_what_was_typed(conseiller, dossier):
    lue = opinion(dossier, avis="reserve", commentaire="Sous réserve du marché.")
    agir(dossier, "evaluer", "instructeur", notes={"uniforme": "0.8"})
    reponse = conseiller.post(reverse("grades-avis", args=[dossier.pk]), lue)
    dit = text(reponse.content.decode())
    assert reponse.status_code == 409
    assert "a rendu son évaluation à" in dit
    assert "Sous réserve du marché." in dit
    assert f'name="vu" value="{service.last_rank(dossier.pk)}"' in reponse.content.decode()
    assert not AvisGrades.objects.exists()


def test_an_opinion_sent_twice_is_given_once(conseiller, dossier):
    adresse, lue = reverse("grades-avis", args=[dossier.pk]), opinion(dossier, avis="favorable")
    une, autre = (conseiller.post(adresse, lue) for _ in range(2))
    assert (une.status_code, autre.status_code) == (302, 302)
    assert "envoyé deux fois" in text(conseiller.get(autre["Location"]).content.decode())
    assert AvisGrades.objects.count() == 1


@pytest.mark.parametrize("vu", ["", "abc", "9" * 30])
def test_an_opinion_without_its_rank_is_not_given(conseiller, dossier, vu):
    reponse = conseiller.post(reverse("grades-avis", args=[dossier.pk]), opinion(dossier, avis="favorable", vu=vu))
    assert reponse.status_code == 422
    assert not AvisGrades.objects.exists()


def test_where_no_opinion_is_given_yet_the_page_says_who_gives_it(dossier):
    lue = text(page(sign_in("instructeur"), "grades-avis", dossier.pk).content.decode())
    assert "Aucun avis n'est encore rendu" in lue
    assert "Donner l'avis" not in lue


# The plan.


def test_the_plan_is_written_followed_and_what_is_late_is_listed(conseiller, dossier):
    donnees = {"phase": "choix", "intitule": "Comparer", "intervenant": "og", "pour_le": "2022-08-15"}
    conseiller.post(reverse("grades-planifier", args=[dossier.pk]), donnees)
    assert ActionPlan.objects.get().rang == 1
    assert "En retard" in text(page(conseiller, "grades-accompagnement", dossier.pk).content.decode())
    assert "Comparer" in text(page(conseiller, "grades-retards").content.decode())
    conseiller.post(reverse("grades-suivre", args=[dossier.pk, 1]), {"statut": "faite", "note": "Choix fait."})
    assert "Choix fait." in text(page(conseiller, "grades-accompagnement", dossier.pk).content.decode())
    assert "Comparer" not in text(page(conseiller, "grades-retards").content.decode())


def test_the_ars_names_who_follows_the_dossier(conseiller, dossier):
    responsable, elle = sign_in("responsable"), personne("conseiller_grades")
    assert page(conseiller, "grades").context["carte"].page.paginator.count == 1
    assert not page(conseiller, "grades", miens="1").context["carte"].rangees
    responsable.post(reverse("grades-affecter", args=[dossier.pk]), {"personne": elle.username})
    assert list(followers(dossier)) == [elle]
    assert len(page(conseiller, "grades", miens="1").context["carte"].rangees) == 1
    responsable.post(reverse("grades-retirer", args=[dossier.pk]), {"personne": elle.username})
    assert not followers(dossier).exists()


# The heat map.


def test_the_map_filters_and_puts_the_worst_first(conseiller):
    camp = campagne(dossiers=[{}, {"generer": {"essms": 15, "departements": ["81"], "secteur": "PH"}}, {}])
    trois = [amener(camp.dossier(f"D{rang}"), "depose") for rang in (1, 2, 3)]
    annotate(trois[0], niveau="modere")
    annotate(trois[1])
    annotate(trois[2], maitrise="ars")

    def refs(**filtre):
        return [un.dossier.reference for un in page(conseiller, "grades", **filtre).context["carte"].rangees]

    assert refs() == ["D2", "D3", "D1"]
    assert refs(alerte="fort_sans_mesure") == ["D2"]
    assert refs(departement="81") == ["D2"]
    assert refs(secteur="PH") == ["D2"]
    assert refs(alerte="n'importe", departement="99", secteur="?", page="x") == ["D2", "D3", "D1"]
    assert refs(alerte="non_evalue") == []


def test_the_map_of_fifty_costs_as_much_as_of_two(conseiller):
    camp = campagne(dossiers=30)
    for rang in (1, 2):
        annotate(amener(camp.dossier(f"D{rang}"), "depose"))
    page(conseiller, "grades")
    with CaptureQueriesContext(connection) as peu:
        assert len(page(conseiller, "grades").context["carte"].rangees) == 2
    for rang in range(3, 31):
        un = amener(camp.dossier(f"D{rang}"), "depose")
        for axe in Axe:
            annotate(un, axe=axe)
    with CaptureQueriesContext(connection) as beaucoup:
        assert len(page(conseiller, "grades").context["carte"].rangees) == carte.PAR_PAGE
    assert len(beaucoup) == len(peu) <= REQUETES


@pytest.mark.parametrize(
    ("avant", "apres", "dite"),
    [
        ("modere", "fort", "hausse"), ("fort", "faible_ou_nul", "baisse"), ("fort", "fort", "stable"),
        ("", "fort", ""), ("non_evalue", "fort", ""), ("fort", "non_evalue", ""),
    ],
)  # fmt: skip
def test_the_trend_says_which_way_a_risk_goes(avant, apres, dite):
    assert trend(avant, Niveau(apres)) == dite


# The other pages.


def test_the_officer_reads_the_five_axes_on_the_page_of_the_dossier(dossier):
    annotate(dossier)
    lue = page(sign_in("instructeur"), "dossier", dossier.pk)
    assert len(lue.context["fiche"].risques) == 5
    assert "Fort : Éditeur ; non évalué : Coût, qualité, délai, Achat, Gouvernance et Sécurité du SI." in text(
        lue.content.decode()
    )


def test_the_porteur_reads_what_is_shared_and_nothing_else_anywhere(dossier):
    annotate(dossier, commentaire="SECRET de la région")
    annotate(dossier, axe="achat", niveau="modere", commentaire="Marché à relancer", partagee=True)
    agir(
        dossier, "planifier_action", "conseiller_grades", phase="choix", intitule="SECRET du plan", intervenant="og",
        pour_le="2022-10-01",
    )  # fmt: skip
    risque = agir(dossier, "ouvrir_risque", "conseiller_grades", axe="editeur", libelle="SECRET partagé")
    annotate(dossier, risque=risque.pk, commentaire="SECRET encore")
    porteuse = sign_in("porteur")
    suivi = text(page(porteuse, "portail:suivi", dossier.pk).content.decode())
    assert "Points d'attention partagés par votre GRADeS" in suivi
    assert "Marché à relancer" in suivi
    assert "SECRET" not in suivi
    assert "annoté un risque" not in suivi
    assert "plan d'accompagnement" not in suivi
    assert page(porteuse, "dossier", dossier.pk).url == reverse("portail:suivi", args=[dossier.pk])
