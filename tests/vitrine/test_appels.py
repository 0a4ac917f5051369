"""The public pages of the calls: what is shown, to whom, and that it is what the rule set says."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from aap.models import Aap, Reglement
from aap.regles import empreinte, lire_fichier
from instruction.rejeu import play
from instruction.scenario import read_file
from moteur import horloge
from moteur.texte import INSECABLE
from tests.fabriques import campagne
from tests.instruction.campagne import text
from tests.test_docs import SUCCES
from vitrine.appels import read

REQUETES = 12


def page(client: Client, adresse: str) -> str:
    reponse = client.get(adresse)
    assert reponse.status_code == 200
    return text(reponse.content.decode())


def test_an_open_call_says_how_long_is_left(client: Client, aap: Aap):
    assert "Encore 182 jours pour déposer" in page(client, "/appels/")


@pytest.mark.parametrize(
    ("jour", "etat", "delai"),
    [
        (date(2022, 3, 14), "a_venir", "Ouvre dans 1 jour"),
        (date(2022, 3, 15), "ouverte", "Encore 199 jours pour déposer"),
        (date(2022, 9, 30), "ouverte", "Dernier jour pour déposer"),
        (date(2022, 10, 1), "fermee", "Fermée"),
    ],
)
def test_the_first_and_the_last_day_are_included(aap: Aap, jour: date, etat: str, delai: str):
    lus = read(jour)
    [appel] = [*lus.ouverts, *lus.a_venir, *lus.fermes]
    assert (appel.etat, appel.fenetres[0].delai.replace(INSECABLE, " ")) == (etat, delai)


def test_a_call_closed_early_is_closed(client: Client, aap: Aap):
    aap.fenetres.update(close_le=date(2022, 3, 31))
    assert "Aucun appel n'est ouvert aujourd'hui" in page(client, "/appels/")


def test_the_calls_of_a_play_are_nobodys(client: Client, db: None):
    play(read_file(SUCCES), keep=True)
    Aap.objects.filter(rejeu=None).update(code="REEL")
    modele = Aap.objects.get(code="REEL")
    du_jeu = Reglement.objects.create(
        code="esms-2022", texte=modele.reglement.texte, empreinte=modele.reglement.empreinte,
        publie_le=horloge.maintenant(), rejeu="00000000-0000-0000-0000-000000000001",
    )  # fmt: skip
    Aap.objects.create(code="JOUE", intitule="Joué", reglement=du_jeu, rejeu=du_jeu.rejeu)
    assert "Joué" not in page(client, "/appels/")
    assert client.get("/appels/JOUE/").status_code == 404


def test_no_call_at_all_still_answers(client: Client, db: None):
    assert "Aucun appel n'est ouvert" in page(client, "/appels/")
    assert "valeur que les textes connus ne donnent pas" in page(client, "/guide/porteur/")


def test_the_page_of_a_call_shows_each_value_its_source_and_its_doubt(client: Client, aap: Aap, adresse: str):
    texte = page(client, adresse)
    regles = aap.regles
    for piece in regles.pieces:
        assert piece.libelle in texte
    for indicateur in regles.usages.indicateurs:
        assert indicateur.libelle in texte
    assert regles.eligibilite.minimum_essms.corse is not None
    assert regles.eligibilite.minimum_essms.corse.source in texte
    assert "À confirmer" in texte
    assert "14 500,00" in texte
    assert "Les textes connus ne le disent pas." in texte  # partial reach of the targets


def test_a_rule_changed_changes_the_page_the_guide_and_the_questions(client: Client, aap: Aap, adresse: str):
    avant = [page(client, un) for un in (adresse, "/guide/porteur/", "/faq/")]
    toml = lire_fichier("esms-2022").replace("metropole = { valeur = 15", "metropole = { valeur = 17")
    toml = toml.replace("plein = { valeur = 14500", "plein = { valeur = 14321")
    autre = Reglement.objects.create(
        code="esms-2022", texte=toml, empreinte=empreinte(toml), publie_le=horloge.maintenant()
    )
    Aap.objects.filter(pk=aap.pk).update(reglement=autre)
    for ancien, un in zip(avant, (adresse, "/guide/porteur/", "/faq/"), strict=True):
        nouveau = page(client, un)
        assert "17 ESSMS" in nouveau
        assert "14 321,00 €" in nouveau
        assert "14 321,00" not in ancien


def test_a_rule_set_that_says_little_says_so(client: Client, db: None):
    campagne(dossiers=0, code="MUET", reglement="esms-2025-b")
    texte = page(client, "/appels/MUET/")
    assert "Les textes ne disent pas tout" in texte
    assert "n'est pas renseignée" in texte
    assert "Les textes connus ne donnent pas la liste des pièces." in texte


@pytest.mark.parametrize("code", ["NULLE-PART", "a/b", "%00", "OCC-2022%00", "é" * 300])
def test_an_unknown_call_does_not_exist(client: Client, aap: Aap, code: str):
    assert client.get(f"/appels/{code}/").status_code == 404
    assert client.post(f"/appels/{code}/etablissements/", {"numeros": "1"}).status_code == 404


def test_a_call_whose_code_is_no_slug_has_a_page(client: Client, db: None):
    campagne(dossiers=0, code="OCC 2022/1 é")
    liste = client.get("/appels/").content.decode()
    adresse = liste.partition('href="/appels/')[2].partition('"')[0]
    assert client.get(f"/appels/{adresse}").status_code == 200


@pytest.mark.parametrize(
    "adresse",
    ["/appels/", "/appels/OCC-2022/", "/guide/", "/guide/porteur/", "/faq/", "/accessibilite/", "/plan-du-site/",
     "/mentions-legales/", "/donnees-personnelles/"],
)  # fmt: skip
def test_pages_are_open_to_all_and_cost_few_queries(client: Client, aap: Aap, adresse: str):
    with CaptureQueriesContext(connection) as peu:
        page(client, adresse)
    for rang in range(8):
        campagne(dossiers=0, code=f"AUTRE-{rang}")
    with CaptureQueriesContext(connection) as beaucoup:
        page(client, adresse)
    assert len(beaucoup) == len(peu) <= REQUETES


def test_amounts_are_those_of_the_engine(client: Client, adresse: str):
    reponse = client.get(adresse, {"projet": "acquisition", "segur": "oui", "essms": "46", "secteurs": "PA"})
    assert reponse.context["reponse"].financement.total == Decimal("989000.00")
    assert reponse.context["reponse"].moities == (Decimal("494500.00"), Decimal("494500.00"))
