"""FINESS categories. Source: regles.md §1."""

import csv

import pytest

from grappes.categories import CATEGORIE_TYPE, FICHIER, Secteur, categorie, is_sanitaire


def test_each_sector_has_an_eligible_typical_category() -> None:
    assert set(CATEGORIE_TYPE) == set(Secteur)
    for secteur, code in CATEGORIE_TYPE.items():
        connue = categorie(code)
        assert connue is not None
        assert connue.secteur is secteur
        assert connue.statut == "eligible"


@pytest.mark.parametrize("code", ["362", "355", "101", "146", "699"])
def test_sanitaire_is_excluded_with_a_reason(code: str) -> None:
    connue = categorie(code)
    assert connue is not None
    assert connue.statut == "exclue"
    assert connue.motif
    assert is_sanitaire(connue.agregat)


@pytest.mark.parametrize("code", ["216", "256", "258", "259", "341", "342", "247"])
def test_doubtful_categories_wait_for_confirmation(code: str) -> None:
    connue = categorie(code)
    assert connue is not None
    assert connue.statut == "a_confirmer"
    assert "L.312-1" in connue.motif


def test_unknown_category_is_none() -> None:
    assert categorie("999") is None
    assert categorie("") is None


@pytest.mark.parametrize(("agregat", "attendu"), [("1109", True), ("1203", True), ("4401", False), ("2202", False)])
def test_sanitaire_aggregates(agregat: str, attendu: bool) -> None:
    assert is_sanitaire(agregat) is attendu


def test_file_has_one_row_per_code_and_no_eligible_row_without_sector() -> None:
    with FICHIER.open(encoding="utf-8", newline="") as flux:
        lignes = list(csv.DictReader(flux))
    codes = [ligne["code"] for ligne in lignes]
    assert len(codes) == len(set(codes))
    assert all(ligne["secteur"] for ligne in lignes if ligne["statut"] == "eligible")
    assert all(ligne["motif"] for ligne in lignes if ligne["statut"] != "eligible")
