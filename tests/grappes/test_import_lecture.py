"""Reading FINESS files: what a spreadsheet or a cut line did is recognised."""

import gzip
from datetime import date
from pathlib import Path

import pytest

from grappes.lecture_finess import read_header, read_rows
from grappes.lecture_finess.fichier import examine
from grappes.lecture_finess.lignes import Etablissement, Ignore, Ligne, Organisme, Position, Rejet
from moteur.erreurs import Refus
from tests.grappes.fichiers_finess import ECHANTILLON, daily, ege, ej, et, geo, stock


def read(chemin: Path) -> list[Ligne]:
    fichier = examine(chemin)
    read_header(fichier)
    return list(read_rows(fichier, lambda octets: None))


def test_the_three_kinds_of_rows(tmp_path: Path) -> None:
    etablissement, organisme, position = read(stock(tmp_path / "f.csv", [et(), ej(), geo()]))
    assert isinstance(etablissement, Etablissement)
    assert (etablissement.code_postal, etablissement.commune, etablissement.departement) == ("31000", "TOULOUSE", "31")
    assert organisme == Organisme("ligne 3", "310000010", "ASSOCIATION DU PARC", "123456789")
    assert position == Position("ligne 4", "310000028", 574000.5, 6279000.25, "EPSG:2154")


@pytest.mark.parametrize(("encodage", "dit"), [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("cp1252", "cp1252")])
def test_the_encoding_is_found_and_told(tmp_path: Path, encodage: str, dit: str) -> None:
    chemin = stock(tmp_path / "f.csv", [et(rs="RÉSIDENCE DE L'ÉTÉ")], encodage=encodage)
    assert read_header(examine(chemin)).encodage == dit
    [lue] = read(chemin)
    assert isinstance(lue, Etablissement)
    assert lue.nom == "RÉSIDENCE DE L'ÉTÉ"


@pytest.mark.parametrize(
    ("ligne", "phrase"),
    [
        (et("10000028"), "zéros de tête"),
        (et(og="10000010"), "zéros de tête"),
        (et(dep="1"), "zéros de tête"),
        (et(ouv="02/01/1990"), "retourné les dates"),
        (et(siret="1,23457E+13"), "notation scientifique"),
        (et("3.1E+08"), "notation scientifique"),
        (et(cat="355", agr="1102", ouv="2/1/1990"), "retourné les dates"),
        (ej("10000010"), "zéros de tête"),
        (geo("10000028"), "zéros de tête"),
        (et()[:-1], "31 colonnes au lieu de 32"),
        ([*et(), "x"], "33 colonnes au lieu de 32"),
        (["equipementsocial", "1"], "equipementsocial"),
    ],
)
def test_a_damaged_file_is_refused_whole_and_says_where(tmp_path: Path, ligne: list[str], phrase: str) -> None:
    chemin = stock(tmp_path / "f.csv", [et(), ligne, et()])
    with pytest.raises(Refus, match=phrase) as refus:
        read(chemin)
    assert refus.value.details["lieu"] == "ligne 3"


@pytest.mark.parametrize("coupe", range(1, 200, 7))
def test_a_truncated_file_is_refused(tmp_path: Path, coupe: int) -> None:
    """Wherever the last row is cut."""
    chemin = stock(tmp_path / "f.csv", [et(), et("310000036", long='DITE "LE PARC"', rs="X" * 60)])
    assert len(read(chemin)) == 2
    chemin.write_bytes(chemin.read_bytes()[:-coupe])
    with pytest.raises(Refus, match="tronqué"):
        read(chemin)


@pytest.mark.parametrize("debut", ["", "nofinesset;rs", "finess;etalab;111;12/05/2026", "finess;autre;111;2026-05-12"])
def test_a_foreign_header_is_refused(tmp_path: Path, debut: str) -> None:
    chemin = tmp_path / "f.csv"
    chemin.write_text(debut + "\n")
    with pytest.raises(Refus, match="première ligne"):
        read(chemin)


@pytest.mark.parametrize(
    ("ligne", "motif"),
    [
        (et("31000002A"), "FINESS géographique"),
        (et(og=""), "FINESS juridique"),
        (et(rs=" "), "raison sociale vide"),
        (et(ouv="1990-02-30"), "calendrier"),
        (et(siret="1234"), "14 chiffres"),
        (geo(x="ici"), "coordonnée X"),
    ],
)
def test_a_bad_row_is_rejected_alone(tmp_path: Path, ligne: list[str], motif: str) -> None:
    bonne, rejet = read(stock(tmp_path / "f.csv", [et("310000036"), ligne]))
    assert isinstance(bonne, Etablissement)
    assert isinstance(rejet, Rejet)
    assert rejet.lieu == "ligne 3"
    assert motif in rejet.motif


def test_the_real_sample() -> None:
    lues = read(ECHANTILLON)
    retenus = {e.finess: e.departement for e in lues if isinstance(e, Etablissement)}
    assert retenus == {
        "970210126": "9B", "970405767": "9D", "980501506": "9F", "970302287": "9C", "970216057": "9B",
    }  # fmt: skip
    motifs = [i.motif for i in lues if isinstance(i, Ignore)]
    assert len([m for m in motifs if "sanitaire" in m]) == 7
    assert len([m for m in motifs if "catégorie 223" in m]) == 2
    assert len(lues) == 14


def test_the_daily_json(tmp_path: Path) -> None:
    organisme, ouvert, ferme, sanitaire, rejete = read(
        daily(
            tmp_path / "f.json",
            ege(),
            ege(numFinessEge="310000036", dateFermeture="2026-01-31", etatObjet="I"),
            ege(categorieentiteGeographiqueExercice="355"),
            ege(numFinessEge="abc"),
        )
    )
    assert isinstance(organisme, Organisme)
    assert isinstance(ouvert, Etablissement)
    assert (ouvert.departement, ouvert.x, ouvert.y, ouvert.ferme) == ("31", 1.44, 43.6, False)
    assert isinstance(ferme, Etablissement)
    assert (ferme.ferme, ferme.ferme_le) == (True, date(2026, 1, 31))
    assert isinstance(sanitaire, Ignore)
    assert isinstance(rejete, Rejet)
    assert rejete.lieu == "pmej[0].ege[3]"


def test_a_damaged_json_is_refused_whole(tmp_path: Path) -> None:
    chemin = daily(tmp_path / "f.json", ege(), ege(numFinessEge=10000028))
    with pytest.raises(Refus, match="zéros de tête"):
        read(chemin)
    chemin = daily(tmp_path / "f.json", ege(), ege())
    chemin.write_bytes(chemin.read_bytes()[:-40])
    with pytest.raises(Refus, match="abîmé ou tronqué"):
        read(chemin)


def test_a_compressed_file_is_read_and_a_cut_one_refused(tmp_path: Path) -> None:
    chemin = tmp_path / "f.json.gz"
    chemin.write_bytes(gzip.compress(daily(tmp_path / "f.json", ege()).read_bytes()))
    assert len(read(chemin)) == 2
    chemin.write_bytes(chemin.read_bytes()[:-20])
    with pytest.raises(Refus, match="ne se lit pas"):
        read(chemin)
