"""The steps of a filing: kept field by field, whole without JavaScript, and nobody else's."""

import pytest
from django.test import Client
from django.urls import reverse

from aap.models import Dossier, Section
from aap.saisie import read, saisir
from aap.services import share
from grappes.models import OrganismeGestionnaire
from tests.fabriques import PORTE, porteuse

ETAPES = ["appel", "projet", "depot"]


def etape(dossier, code):
    return reverse("portail:etape", args=[dossier.pk, code])


def champ(dossier, section="projet"):
    return reverse("portail:champ", args=[dossier.pk, section])


@pytest.mark.parametrize("code", ETAPES)
def test_each_step_shows_the_live_panel(client, brouillon, code):
    page = client.get(etape(brouillon, code)).content.decode()
    assert "Votre projet en direct" in page
    assert "au moins 15" in page
    assert "septembre" in page


def test_a_field_is_kept_alone_and_answers_with_the_panel(client, brouillon):
    reponse = client.post(champ(brouillon), {"segur": "oui", "vue:segur": ""})
    assert reponse.status_code == 200
    assert 'hx-swap-oob="true"' in reponse.content.decode()
    assert read(brouillon, Section.PROJET).champs["segur"]["valeur"] == "oui"
    assert Dossier.objects.get(pk=brouillon.pk).segur is True


def test_without_javascript_the_whole_step_is_kept(client, brouillon):
    page = client.get(etape(brouillon, "projet"))
    envoi = {f"vue:{q.nom}": q.vue for q in page.context["page"].questions}
    reponse = client.post(etape(brouillon, "projet"), envoi | {"projet": "acquisition", "logiciel": "Titan"})
    assert reponse.headers["Location"] == etape(brouillon, "pieces")
    assert read(brouillon, Section.PROJET).champs["logiciel"]["valeur"] == "Titan"


def test_a_wrong_answer_stays_in_its_field_with_its_reason(client, brouillon):
    envoi = {"vue:debut": "", "debut": "31/02/2027"}
    page = client.post(etape(brouillon, "projet"), envoi).content.decode()
    assert 'value="31/02/2027"' in page
    assert "n&#x27;est pas une date" in page
    assert "<title>Erreur" in page


def test_the_second_writer_is_shown_the_first_and_keeps_her_text(client, brouillon, og):
    autre = porteuse(og, "yvonne")
    share(brouillon, autre)
    saisir(brouillon, autre, section=Section.PROJET, valeurs={"logiciel": "Netvie"}, vues={"logiciel": ""})
    page = client.post(champ(brouillon), {"logiciel": "Titan", "vue:logiciel": ""}).content.decode()
    assert "Netvie" in page
    assert str(autre) in page
    assert read(brouillon, Section.PROJET).champs["logiciel"]["valeur"] == "Netvie"
    client.post(champ(brouillon), {"logiciel": "Titan", "vue:logiciel": "Netvie"})
    assert read(brouillon, Section.PROJET).champs["logiciel"]["valeur"] == "Titan"


def test_an_unticked_box_is_an_answer(client, brouillon):
    client.post(champ(brouillon, "engagements"), {"sincerite": "oui", "vue:sincerite": ""})
    client.post(champ(brouillon, "engagements"), {"vue:sincerite": "oui"})
    assert read(brouillon, Section.ENGAGEMENTS).champs["sincerite"]["valeur"] == ""


@pytest.mark.parametrize("code", ETAPES)
def test_another_porteur_s_draft_does_not_exist(brouillon, og, code):
    etrangere = Client()
    etrangere.force_login(porteuse(og, "zoe"), backend=PORTE)
    assert etrangere.get(etape(brouillon, code)).status_code == 404
    assert etrangere.post(champ(brouillon), {"vue:segur": "", "segur": "oui"}).status_code == 404
    assert etrangere.post(reverse("portail:deposer", args=[brouillon.pk])).status_code == 404


def test_nobody_comes_in_without_signing_in(brouillon):
    assert Client().get(etape(brouillon, "projet")).status_code == 302
    assert Client().post(champ(brouillon), {"vue:segur": ""}).status_code == 302


def test_a_post_without_its_token_is_refused(personne, brouillon):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(personne, backend=PORTE)
    assert strict.post(champ(brouillon), {"vue:segur": "", "segur": "oui"}).status_code == 403


def test_only_the_fields_of_the_section_are_written(client, brouillon):
    reponse = client.post(champ(brouillon), {"vue:aide": "", "aide": "1000000", "etat": "clos"})
    assert reponse.status_code == 409
    assert Dossier.objects.get(pk=brouillon.pk).etat == "brouillon"


def test_filing_too_early_lists_everything_with_its_link(client, brouillon):
    page = client.post(reverse("portail:deposer", args=[brouillon.pk]))
    assert page.status_code == 409
    assert f"{etape(brouillon, 'projet')}#champ-presentation" in page.content.decode()


def test_whoever_acts_for_nobody_says_so_first_and_comes_back_to_her_call(brouillon, og):
    autre = OrganismeGestionnaire.objects.create(finess="310000028", nom="Les Genêts")
    nouvelle, client = porteuse(og, "nouvelle"), Client()
    nouvelle.rattachements.all().delete()
    client.force_login(nouvelle, backend=PORTE)
    suite = f"?aap={brouillon.aap_id}"
    rejoindre = reverse("portail:rejoindre") + suite
    assert client.get(reverse("portail:nouveau") + suite).headers["Location"] == rejoindre
    retour = client.post(rejoindre, {"finess": autre.finess, "fonction": ""}).headers["Location"]
    assert retour == reverse("portail:nouveau") + suite
    assert client.get(retour).status_code == 200


def test_the_home_shows_whose_turn_it_is(client, brouillon):
    page = client.get(reverse("portail:accueil")).content.decode()
    assert "Grappe des Tilleuls" in page
    assert "À vous de jouer" in page


@pytest.mark.parametrize("code", ETAPES)
def test_a_step_costs_few_queries(client, brouillon, django_assert_max_num_queries, code):
    client.get(etape(brouillon, code))
    with django_assert_max_num_queries(12):
        client.get(etape(brouillon, code))


def test_a_form_is_asked_of_the_grappe_s_organisations_only(client, brouillon):
    envoi = {"vue:999999999.postes": "", "999999999.postes": "12"}
    assert client.post(champ(brouillon, "autodiagnostic"), envoi).status_code == 409
    assert read(brouillon, Section.AUTODIAGNOSTIC) is None
