"""What a porteur reads in the list of dossiers, and infers from its order, its filters and its file: nothing more than
what she may know (ADR 0020)."""

import csv
from collections.abc import Iterator
from datetime import date
from io import StringIO

import pytest
from django.db.models import F
from django.test import Client

from aap.models import Dossier
from aap.objectifs import fixer_objectifs
from comptes.models import Utilisateur
from comptes.roles import Role
from instruction.liste.filtre import Filtre
from instruction.liste.lecture import Liste, matching, read_list
from instruction.liste.ordres import read_mark
from instruction.models import Parcours
from instruction.querysets import SANS_DATE
from moteur import horloge
from tests.fabriques import PORTE, agir, amener, campagne, personne

pytestmark = pytest.mark.django_db
AVANT, JOUR = date(2022, 4, 1), date(2022, 6, 1)


@pytest.fixture(autouse=True)
def deux() -> Iterator[tuple[Dossier, Dossier]]:
    """Hers. The first is late by the agency's own objective, and its risk strong; the second is a draft, which the law
    dates by the end of the window."""
    with horloge.figer(horloge.ouverture(AVANT)):
        camp = campagne(dossiers=[{"porteur": "porteur"}, {"porteur": "porteur"}])
        fixer_objectifs(camp.aap, {"declarer_recevable": 2}, personne("responsable"), du=AVANT)
    premier = amener(camp.dossier("D1"), "en_recevabilite")
    agir(premier, "annoter_risque", "conseiller_grades", jour="2022-04-05", axe="editeur", niveau="fort",
         maitrise="aucune", commentaire="L'éditeur ne répond plus.")  # fmt: skip
    with horloge.figer(horloge.ouverture(JOUR)):
        yield premier, camp.dossier("D2")


@pytest.fixture(params=["porteur", "mixte"])
def porteur(request: pytest.FixtureRequest) -> Utilisateur:
    """She carries them, and nothing else; or she is also an officer, of another region."""
    elle = personne("porteur")
    if request.param == "mixte":
        elle.affectations.create(role=Role.INSTRUCTEUR, region_id="11", du=AVANT)
    return Utilisateur.objects.get(pk=elle.pk)


def references(lue: Liste) -> list[str]:
    return [rangee.parcours.reference for rangee in lue.rangees]


def exported(qui: Utilisateur) -> dict[str, dict[str, str]]:
    client = Client()
    client.force_login(qui, backend=PORTE)
    lu = client.get("/dossiers/export.csv").getvalue().decode("utf-8-sig")
    dialecte = csv.Sniffer().sniff(lu.splitlines()[0], ";,")
    return {un["Référence"]: un for un in csv.DictReader(StringIO(lu), dialect=dialecte)}


def test_the_agency_sees_it_late_and_first() -> None:
    instructeur = personne("instructeur")
    assert references(read_list(instructeur, Filtre(), JOUR)) == ["D1", "D2"]
    assert references(read_list(instructeur, Filtre(delai="retard"), JOUR)) == ["D1"]
    assert references(read_list(instructeur, Filtre(risque="fort"), JOUR)) == ["D1"]
    assert exported(instructeur)["D1"]["Risque"] == "Fort"
    assert exported(instructeur)["D1"]["Date la plus proche"]


def test_an_agency_reads_the_column_itself_by_its_index() -> None:
    lignes = matching(personne("instructeur"), Filtre(), JOUR)
    assert not lignes.exclude(limite_lue=F("limite_tri"), risque_lu=F("risque")).exists()
    assert "CASE" not in str(lignes.query)


def test_the_order_is_that_of_the_law(porteur: Utilisateur) -> None:
    assert references(read_list(porteur, Filtre(), JOUR)) == ["D2", "D1"]


@pytest.mark.parametrize("filtre", [Filtre(delai="retard"), Filtre(delai="semaine"), Filtre(risque="fort")])
def test_no_filter_finds_what_the_agency_keeps_to_itself(porteur: Utilisateur, filtre: Filtre) -> None:
    lue = read_list(porteur, filtre, JOUR)
    assert references(lue) == []
    assert lue.compte.nombre == 0


def test_what_has_no_date_of_the_law_is_found_without_one(porteur: Utilisateur) -> None:
    assert references(read_list(porteur, Filtre(delai="sans"), JOUR)) == ["D1"]


def test_the_row_and_the_mark_of_a_page_bear_no_other_date(porteur: Utilisateur, monkeypatch) -> None:
    monkeypatch.setattr("instruction.liste.lecture.PAR_PAGE", 1)
    une = read_list(porteur, Filtre(tri="-echeance"), JOUR)
    assert references(une) == ["D1"]
    assert une.rangees[0].tour.echeance is None
    assert une.rangees[0].tour.qui == "L'ARS instruit"
    repere = read_mark(une.apres.partition("apres=")[2], "-echeance")
    assert repere is not None
    assert repere.valeur == SANS_DATE
    suite = read_list(porteur, Filtre(tri="-echeance", apres=str(repere)), JOUR)
    assert references(suite) == ["D2"]


def test_the_file_bears_no_other_date_and_no_risk(porteur: Utilisateur) -> None:
    lus = exported(porteur)
    assert (lus["D1"]["Date la plus proche"], lus["D1"]["Risque"]) == ("", "")
    assert lus["D2"]["Date la plus proche"]
    assert Parcours.objects.get(reference="D1").limite is not None
