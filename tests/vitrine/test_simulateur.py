"""The simulator: the same answers as the engine, nothing stored, nothing revealed, no figure that breaks it."""

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aap.examen import check_eligibility, compute_aid
from aap.models import Aap, Dossier
from grappes.models import Essms, Membre
from moteur.models import Entree
from tests.fabriques import amener, campagne
from tests.instruction.campagne import text

BASE = {"projet": "acquisition", "segur": "oui", "essms": "46", "secteurs": "PA"}
REQUETES = 12


@pytest.fixture(autouse=True)
def _fresh_limits(db: None) -> Iterator[None]:
    yield
    cache.clear()


def ask(client: Client, adresse: str, **donnees: str | list[str]):
    return client.get(f"{adresse}?{urlencode(BASE | donnees, doseq=True)}")


def paste(client: Client, adresse: str, numeros: str, **donnees: str):
    envoi = {"projet": "acquisition", "segur": "oui", "numeros": numeros} | donnees
    return client.post(f"{adresse}etablissements/", envoi)


@pytest.mark.parametrize(
    ("essms", "departements", "minimum", "routage"),
    [
        ("14", "31", False, True),
        ("15", "31", True, True),
        ("49", "31", True, True),
        ("50", "31", True, False),
        ("7", "2A", False, True),
        ("8", "2A, 2b", True, True),
        ("8", "974;2A", True, True),
        ("8", "2A,31", False, True),
    ],
)
def test_the_thresholds_of_the_rule_set(client: Client, adresse: str, essms, departements, minimum, routage):
    reponse = ask(client, adresse, essms=essms, departements=departements).context["reponse"]
    verdicts = {regle.code: regle.issue == "ok" for regle in reponse.regles}
    assert (verdicts["MIN_ESSMS"], verdicts["ROUTAGE"]) == (minimum, routage)


def test_the_threshold_of_the_national_call_is_said(client: Client, adresse: str):
    assert "À 50 ESSMS, vous relevez de l'appel national. Il vous en manque 4" in text(
        ask(client, adresse).content.decode()
    )
    assert "Vous y êtes." in text(ask(client, adresse, essms="50").content.decode())


def test_small_organisations_get_what_is_theirs(client: Client, adresse: str):
    financement = ask(client, adresse, petits="46", equipement="on", amoa_projet="on").context["reponse"].financement
    assert str(financement.equipement) == "920000.00"
    assert str(financement.amoa_projet) == "100000.00"
    sans = ask(client, adresse, equipement="on").context["reponse"].financement
    assert str(sans.equipement) == "0.00"


def test_an_upgrade_of_an_unreferenced_software_is_told_so(client: Client, adresse: str):
    reponse = ask(client, adresse, projet="montee_de_version", segur="non").context["reponse"]
    assert [regle.code for regle in reponse.regles if regle.issue == "ko"] == ["LOGICIEL_REFERENCE"]
    assert not reponse.eligible


def test_htmx_gets_the_answer_alone(client: Client, adresse: str):
    reponse = client.get(adresse, BASE, headers={"HX-Request": "true"})
    assert b"<html" not in reponse.content
    assert "989 000,00 €" in text(reponse.content.decode())
    assert "HX-Request" in reponse["Vary"]
    fautive = client.get(adresse, BASE | {"essms": "-3"}, headers={"HX-Request": "true"})
    assert (fautive.status_code, "Une grappe compte au moins un" in fautive.content.decode()) == (200, True)


@pytest.mark.parametrize(
    ("champ", "valeur", "phrase"),
    [
        ("essms", "-1", "au moins un ESSMS"),
        ("essms", "9" * 5000, "entier"),
        ("essms", "2001", "jusqu'à 2000"),
        ("essms", "1e3", "nombre entier"),
        ("petits", "47", "ne compte que 46"),
        ("petits", "-1", "négatif"),
        ("projet", "rien", "acquisition ou une montée"),
        ("segur", "peut-être", "oui ou par non"),
        ("secteurs", "XX", "secteurs de la liste"),
        ("departements", "31,99", "Département inconnu : 99"),
        ("departements", "3," * 300, "trop longue"),
        ("departements", "\0", "caractère nul"),
    ],
)
def test_a_bad_answer_is_refused_in_words(client: Client, adresse: str, champ: str, valeur: str, phrase: str):
    reponse = ask(client, adresse, **{champ: valeur})
    assert reponse.status_code == 422
    assert phrase in text(reponse.content.decode())


CHAMPS = ["projet", "segur", "essms", "petits", "departements", "secteurs", "equipement", "amoa_marche", "autre"]
VALEURS = st.one_of(
    st.text(max_size=30), st.integers().map(str), st.sampled_from(["acquisition", "oui", "15", "31", "PA", "on", ""])
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(paires=st.lists(st.tuples(st.sampled_from(CHAMPS), VALEURS), max_size=12), htmx=st.booleans())
def test_no_query_string_breaks_the_page(client: Client, adresse: str, paires, htmx):
    entetes = {"HX-Request": "true"} if htmx else {}
    requete = urlencode(paires, errors="surrogatepass")
    assert client.get(f"{adresse}?{requete}", headers=entetes).status_code in (200, 422)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(numeros=st.text(max_size=200))
def test_no_pasted_text_breaks_the_page(client: Client, adresse: str, numeros: str):
    cache.clear()
    assert paste(client, adresse, numeros.encode("utf-8", "replace").decode()).status_code in (200, 422)


def grappe(**demande) -> tuple[Dossier, list[str]]:
    dossier = campagne(code="PLEIN", dossiers=[demande]).dossier("D1")
    return dossier, list(dossier.grappe.membres.values_list("essms__finess", flat=True))


@pytest.mark.parametrize("essms", [15, 52])
def test_pasted_numbers_are_judged_as_a_dossier_of_them_is(client: Client, adresse: str, essms: int):
    dossier, numeros = grappe(essms=essms, og=2)
    reponse = paste(client, "/appels/PLEIN/", " ; ".join(numeros)).context["lue"].reponse
    assert reponse.financement == compute_aid(dossier)
    attendus = {verdict.regle: verdict.ok for verdict in check_eligibility(dossier)}
    assert {regle.code: regle.issue == "ok" for regle in reponse.regles}.items() <= attendus.items()


def test_each_pasted_number_says_whether_it_counts(client: Client, adresse: str):
    _, numeros = grappe()
    Essms.objects.filter(finess=numeros[0]).update(categorie="355")
    reponse = paste(client, adresse, f"{' '.join(numeros)} {numeros[1]} 123456789 12345")
    lue = reponse.context["lue"]
    assert [ligne.essms.finess for ligne in lue.lignes if ligne.motif] == [numeros[0]]
    assert [lecture.issue for lecture in lue.ecartees] == ["doublon", "inconnu", "mal_forme"]
    assert lue.reponse.retenus == 14
    assert "Il vous en manque" in text(reponse.content.decode())


def test_whether_an_establishment_is_in_a_dossier_is_told_to_nobody(client: Client, adresse: str):
    """The same page, to the letter, before and after the establishments were filed in a dossier."""
    dossier, numeros = grappe()
    avant = paste(client, adresse, " ".join(numeros))
    amener(dossier, "en_instruction")
    apres = paste(client, adresse, " ".join(numeros))
    sans_jeton = [page.content.decode().replace(str(page.context["csrf_token"]), "") for page in (avant, apres)]
    assert sans_jeton[0] == sans_jeton[1]
    assert dossier.reference not in sans_jeton[1].replace(adresse, "")
    assert "UNICITE" not in [regle.code for regle in apres.context["lue"].reponse.regles]


def test_simulating_writes_nothing(client: Client, adresse: str):
    _, numeros = grappe()
    comptes = [modele.objects.count() for modele in (Dossier, Membre, Entree, Essms)]
    ask(client, adresse)
    assert paste(client, adresse, " ".join(numeros)).status_code == 200
    assert [modele.objects.count() for modele in (Dossier, Membre, Entree, Essms)] == comptes


@pytest.mark.parametrize(
    ("numeros", "phrase"),
    [
        (" ".join(f"{rang:09d}" for rang in range(10_000)), "trop longue"),
        (" ".join(f"{rang:09d}" for rang in range(501)), "501 numéros"),
        ("", "Collez au moins un numéro"),
        ("bonjour", "Aucun numéro FINESS n'a été trouvé"),
        ("310\x00000010", "caractère nul"),
    ],
)
def test_a_hostile_list_is_refused_in_words(client: Client, adresse: str, numeros: str, phrase: str):
    reponse = paste(client, adresse, numeros)
    assert reponse.status_code == 422
    assert phrase in text(reponse.content.decode())


def test_lists_are_not_tried_without_end(client: Client, adresse: str):
    codes = [paste(client, adresse, "310000010").status_code for _ in range(21)]
    assert codes == [200] * 20 + [429]


@pytest.mark.parametrize("essms", [16, 200])
def test_a_list_costs_few_queries_whatever_its_size(client: Client, adresse: str, essms: int):
    _, numeros = grappe(essms=essms, og=4)
    with CaptureQueriesContext(connection) as requetes:
        assert paste(client, adresse, " ".join(numeros)).context["lue"].reponse.retenus == essms
    du_domaine = [une for une in requetes.captured_queries if "comptes_cache" not in une["sql"]]
    assert len(du_domaine) <= REQUETES


def test_nobody_posts_from_another_site(adresse: str):
    strict = Client(enforce_csrf_checks=True)
    assert paste(strict, adresse, "310000010").status_code == 403


def test_a_get_where_one_posts_is_refused(client: Client, adresse: str, aap: Aap):
    assert client.get(f"{adresse}etablissements/").status_code == 405
    assert client.post(adresse).status_code == 405
