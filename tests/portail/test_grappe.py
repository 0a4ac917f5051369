"""Step 2: compose the grappe by search, by paste or by file; each number comes back with its reason."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from grappes.finess import with_key
from grappes.models import Essms, OrganismeGestionnaire
from tests.fabriques import PORTE, porteuse

REQUETES = 12


@pytest.fixture
def essms(og):
    """Sixteen EHPAD of the OG."""
    return Essms.objects.bulk_create(
        Essms(finess=with_key(f"310001{rang:02d}"), nom=f"EHPAD n° {rang}", categorie="500", departement_id="31", og=og)
        for rang in range(10, 26)
    )


def adresse(dossier, nom="grappe"):
    return reverse(f"portail:{nom}", args=[dossier.pk])


def membres(dossier):
    return set(dossier.grappe.membres.presents().values_list("essms__finess", flat=True))


def test_a_pasted_list_goes_in_whatever_its_separators(client, brouillon, essms):
    texte = " ; ".join(un.finess for un in essms[:8]) + "\n" + "\t".join(un.finess for un in essms[8:])
    page = client.post(adresse(brouillon, "ajouter"), {"numeros": texte}).content.decode()
    assert membres(brouillon) == {un.finess for un in essms}
    assert "16" in page
    assert "est atteint" in page


def test_a_whole_organism_is_offered_then_joins_in_one_gesture(client, brouillon, essms, og):
    assert "Ajouter les 16 ESSMS de" in client.get(adresse(brouillon)).content.decode().replace("\xa0", " ")
    page = client.post(adresse(brouillon, "ajouter"), {"organisme": og.finess}).content.decode()
    assert membres(brouillon) == {un.finess for un in essms}
    assert "Ajouter les" not in page


def test_an_organism_that_the_register_ignores_is_refused(client, brouillon):
    assert client.post(adresse(brouillon, "ajouter"), {"organisme": "999999999"}).status_code == 409
    assert not membres(brouillon)


def test_a_precise_search_offers_the_organism_it_designates(client, brouillon, essms, og):
    client.post(adresse(brouillon, "ajouter"), {"numeros": essms[0].finess})
    page = client.get(adresse(brouillon, "recherche"), {"q": "ehpad"}, headers={"HX-Request": "true"}).content.decode()
    assert "Ajouter les 15 ESSMS de" in page.replace("\xa0", " ")


def test_what_is_wrong_comes_back_with_its_reason_and_the_rest_goes_in(client, brouillon, essms, og):
    texte = f"{essms[0].finess} 310000000000 999999999 {og.finess}"
    page = client.post(adresse(brouillon, "ajouter"), {"numeros": texte}).content.decode()
    assert membres(brouillon) == {essms[0].finess}
    assert "3 numéros" in page.replace("\xa0", " ").replace("&nbsp;", " ")
    assert "numéro juridique" in page


def test_a_file_is_read_like_a_paste(client, brouillon, essms):
    contenu = "FINESS;Nom\n" + "\n".join(f"{un.finess};{un.nom}" for un in essms)
    fichier = SimpleUploadedFile("grappe.csv", contenu.encode("cp1252"))
    client.post(adresse(brouillon, "ajouter"), {"fichier": fichier})
    assert membres(brouillon) == {un.finess for un in essms}


@pytest.mark.parametrize("contenu", [b"", b"PK\x03\x04\0\0", b"a" * (3 * 2**20)])
def test_what_is_no_list_is_refused_in_a_sentence(client, brouillon, contenu):
    reponse = client.post(adresse(brouillon, "ajouter"), {"fichier": SimpleUploadedFile("liste.csv", contenu)})
    assert reponse.status_code == 409
    assert not membres(brouillon)


def test_ten_thousand_numbers_cost_no_more(client, brouillon, essms):
    numeros = " ".join(with_key(f"7{rang:07d}") for rang in range(10_000))
    with CaptureQueriesContext(connection) as requetes:
        assert client.post(adresse(brouillon, "ajouter"), {"numeros": numeros}).status_code == 200
    assert len(requetes) < 40


def test_search_finds_by_word_and_says_who_is_in(client, brouillon, essms):
    client.post(adresse(brouillon, "ajouter"), {"numeros": essms[0].finess})
    page = client.get(adresse(brouillon, "recherche"), {"q": "ehpad"}, headers={"HX-Request": "true"}).content.decode()
    assert "Dans la grappe" in page
    assert "<html" not in page
    assert "Rechercher un établissement" in client.get(adresse(brouillon), {"q": "ehpad"}).content.decode()


def test_a_member_is_taken_out(client, brouillon, essms):
    client.post(adresse(brouillon, "ajouter"), {"numeros": " ".join(un.finess for un in essms)})
    client.post(adresse(brouillon, "retirer"), {"finess": [essms[0].finess]})
    assert essms[0].finess not in membres(brouillon)
    assert len(membres(brouillon)) == 15


def test_members_are_folded_unless_there_is_something_to_look_at(client, brouillon, essms, og):
    client.post(adresse(brouillon, "ajouter"), {"numeros": " ".join(un.finess for un in essms)})

    def unfolded(**demande):
        return [un.ouvert for un in client.get(adresse(brouillon), demande).context["organismes"]]

    assert unfolded() == [False]
    retrait = {"finess": [essms[0].finess], "og": og.finess}
    assert client.post(adresse(brouillon, "retirer"), retrait).headers["Location"].endswith(f"?og={og.finess}")
    assert unfolded(og=og.finess) == [True]
    Essms.objects.filter(pk=essms[1].pk).update(categorie="101")  # a hospital is not eligible
    assert unfolded() == [True]


def test_another_porteur_composes_nothing(brouillon, og, essms):
    etrangere = Client()
    etrangere.force_login(porteuse(og, "zoe"), backend=PORTE)
    for nom in ("ajouter", "retirer"):
        assert etrangere.post(adresse(brouillon, nom), {"numeros": essms[0].finess}).status_code == 404
    assert etrangere.get(adresse(brouillon)).status_code == 404


@pytest.mark.parametrize("nombre", [16, 200])
def test_the_page_costs_twelve_queries_at_most(client, brouillon, nombre):
    grand = OrganismeGestionnaire.objects.create(finess="310000929", nom="Grand")
    siens = Essms.objects.bulk_create(
        Essms(finess=with_key(f"3190{rang:04d}"), nom=f"MAS {rang}", categorie="255", departement_id="31", og=grand)
        for rang in range(nombre)
    )
    client.post(adresse(brouillon, "ajouter"), {"numeros": " ".join(un.finess for un in siens)})
    client.get(adresse(brouillon))
    with CaptureQueriesContext(connection) as requetes:
        assert client.get(adresse(brouillon)).status_code == 200
    assert len(requetes) <= REQUETES, [une["sql"][:150] for une in requetes]
