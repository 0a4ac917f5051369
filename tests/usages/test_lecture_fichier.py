"""Files of figures: whatever their shape, read or refused in words; and what is hostile never reaches this process."""

import io
import zipfile
from collections.abc import Sequence
from io import BytesIO
from typing import Any

import pytest
import xlsxwriter  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from moteur.erreurs import Code, Refus
from tests.instruction.test_refus import assert_teaches
from usages.calcul import COMPTES
from usages.chiffres import LIBELLES
from usages.colonnes import Lecture, Reprise, guess, plain, take, understand
from usages.lecture_fichier import LIGNES_MAX, TAILLE_MAX, Tableau, read

GRAPPE = ["310000028", "010000036", "2A0000014"]
ENTETES = ["FINESS", "Établissement", *LIBELLES.values()]
CHIFFRES = [100, 95, 93, 92, 80, 25]


def classeur(lignes: Sequence[Any], *, fusions: tuple[str, ...] = (), feuilles: int = 0) -> bytes:
    """A workbook; `feuilles`: empty sheets before. Numbers stay numbers, text beginning with = is a formula."""
    sortie = BytesIO()
    with xlsxwriter.Workbook(sortie, {"in_memory": True}) as ouvert:
        for _ in range(feuilles):
            ouvert.add_worksheet()
        feuille = ouvert.add_worksheet()
        for rang, ligne in enumerate(lignes):
            for colonne, cellule in enumerate(ligne):
                feuille.write(rang, colonne, cellule)
        for fusion in fusions:
            feuille.merge_range(fusion, GRAPPE[0])
    return sortie.getvalue()


def lire(contenu: bytes, nom: str = "x.xlsx") -> Tableau:
    return read(nom, BytesIO(contenu))


def prendre(tableau: Tableau, connues: dict[str, str] | None = None) -> Reprise:
    return take(understand(tableau, connues or {}), GRAPPE)


def csv_de(separateur: str, codage: str, lignes: list[list[str]] | None = None) -> bytes:
    lignes = lignes or [ENTETES, ["310000028", "Les Ormes", *map(str, CHIFFRES)]]
    return "\r\n".join(separateur.join(ligne) for ligne in lignes).encode(codage)


def refused(contenu: bytes, nom: str = "x.xlsx") -> str:
    with pytest.raises(Refus) as refus:
        lire(contenu, nom)
    assert refus.value.code is Code.DONNEES_INVALIDES
    assert_teaches(refus.value.message)
    return refus.value.message


@pytest.mark.parametrize("separateur", [";", ",", "\t"])
@pytest.mark.parametrize("codage", ["utf-8", "utf-8-sig", "cp1252"])
def test_csv_of_any_separator_and_encoding(separateur: str, codage: str) -> None:
    reprise = prendre(lire(csv_de(separateur, codage), "x.csv"))
    assert reprise.chiffres == {"310000028": dict(zip(COMPTES, map(str, CHIFFRES), strict=True))}
    assert reprise.rejets == []


def test_numbers_of_a_workbook_are_read_as_the_sheet_shows_them() -> None:
    lignes = [
        ENTETES,
        [310000028.0, "Les Ormes", *CHIFFRES],
        [10000036, "Ain", *CHIFFRES],
        ["2A0000014", "", *CHIFFRES],
    ]
    assert sorted(prendre(lire(classeur(lignes, feuilles=2))).chiffres) == sorted(GRAPPE)


@pytest.mark.parametrize(
    ("entetes", "attendu"),
    [
        (["n° finess (géo)", "NB RESIDENTS", "Messages MSS"], {"finess": 0, "personnes": 1, "messages_mss": 2}),
        (
            ["DMP", "dossiers avec évènement", "FINESS ET"],
            {"dmp_alimentes": 0, "dossiers_avec_evenement": 1, "finess": 2},
        ),
        (["FINESS juridique", "Finess géographique", "dui actifs"], {"finess": 1, "dossiers_actifs": 2}),
        (
            ["dossiers_actifs", "Dossiers avec projet", "finess"],
            {"dossiers_actifs": 0, "dossiers_avec_projet": 1, "finess": 2},
        ),
        (["", "", ""], {}),
    ],
)  # fmt: skip
def test_headings_in_any_order_accent_and_case(entetes: list[str], attendu: dict[str, int]) -> None:
    assert guess(entetes, {}) == attendu


def test_what_was_confirmed_before_comes_first() -> None:
    assert guess(["Code", "DMP", "finess"], {"code": "finess", "dmp": "messages_mss"}) == {
        "finess": 0, "messages_mss": 1,
    }  # fmt: skip


def test_headings_below_a_title_are_found() -> None:
    lignes = [["Export du 1er juillet"], [], ENTETES, ["310000028", "x", *map(str, CHIFFRES)]]
    lecture = understand(Tableau(nom="x", lignes=lignes), {})
    assert lecture.entete == 2
    assert list(take(lecture, GRAPPE).chiffres) == ["310000028"]


@pytest.mark.parametrize(
    "cellule", ["=cmd|'/c calc'!A1", "-1", "12,5", "12.5", "1e5", "+3", "douze", "1 000 000 000", "٤"]
)
def test_a_cell_that_is_no_count_leaves_its_row_out(cellule: str) -> None:
    lignes = [["finess", "personnes", "dossiers actifs"], [GRAPPE[0], cellule, "1"], [GRAPPE[1], "5", "2"]]
    reprise = prendre(Tableau(nom="x", lignes=lignes))
    assert [rejet.numero for rejet in reprise.rejets] == [2]
    assert_teaches(reprise.rejets[0].raison)
    assert reprise.chiffres == {GRAPPE[1]: {"personnes": "5", "dossiers_actifs": "2"}}


@pytest.mark.parametrize(("nombre", "bon"), [(12.5, False), (-3, False), (1e5, True), (12.0, True), (True, False)])
def test_numbers_of_a_workbook(nombre: Any, bon: bool) -> None:
    reprise = prendre(lire(classeur([["finess", "personnes"], [GRAPPE[0], nombre]])))
    assert bool(reprise.chiffres) is bon


def test_a_formula_is_its_value_and_an_empty_one_is_refused_as_text() -> None:
    reprise = prendre(lire(classeur([["finess", "personnes"], [GRAPPE[0], "=cmd|'/c calc'!A1"], [GRAPPE[1], 4]])))
    assert GRAPPE[1] in reprise.chiffres
    assert reprise.chiffres.get(GRAPPE[0], {}).get("personnes", "0") == "0"


def test_two_rows_for_one_essms_take_neither() -> None:
    lignes = [["finess", "personnes"], [GRAPPE[0], "1"], [GRAPPE[0], "2"], [GRAPPE[1], "3"]]
    reprise = prendre(Tableau(nom="x", lignes=lignes))
    assert list(reprise.chiffres) == [GRAPPE[1]]
    assert [rejet.numero for rejet in reprise.rejets] == [2, 3]


def test_an_essms_of_elsewhere_and_a_total_are_left_out() -> None:
    lignes = [["finess", "personnes"], ["999999999", "1"], ["Total", "1"], ["", "3"]]
    assert [rejet.numero for rejet in prendre(Tableau(nom="x", lignes=lignes)).rejets] == [2, 3, 4]


def test_merged_cells_give_their_value_once() -> None:
    lignes = [["finess", "personnes"], [GRAPPE[0], 4], ["", 5]]
    reprise = prendre(lire(classeur(lignes, fusions=("A2:A3",))))
    assert reprise.chiffres == {GRAPPE[0]: {"personnes": "4"}}
    assert "fusionner" in reprise.rejets[0].raison


def test_more_files_with_a_plan_than_files_is_left_out() -> None:
    lignes = [["finess", "dossiers actifs", "projet"], [GRAPPE[0], "1", "2"]]
    assert "plus que les 1" in prendre(Tableau(nom="x", lignes=lignes)).rejets[0].raison


def test_a_row_without_figures_waits() -> None:
    reprise = prendre(Tableau(nom="x", lignes=[["finess", "personnes"], [GRAPPE[0], ""], [GRAPPE[1]]]))
    assert (reprise.vides, reprise.rejets, reprise.chiffres) == (2, [], {})


def test_without_columns_nothing_is_taken() -> None:
    with pytest.raises(Refus) as refus:
        take(Lecture(tableau=Tableau(nom="x", lignes=[["a"]]), entete=0, colonnes={"finess": 0}), GRAPPE)
    assert_teaches(refus.value.message)


def test_a_cell_in_the_last_row_of_the_last_column_does_not_end_this_process() -> None:
    """The library allocates all that lies between, 512 GiB, and aborts: in a process of its own."""
    sortie = BytesIO()
    with xlsxwriter.Workbook(sortie, {"in_memory": True}) as ouvert:
        feuille = ouvert.add_worksheet()
        feuille.write(0, 0, 1)
        feuille.write(1048575, 16383, 2)
    assert len(sortie.getvalue()) < 20_000
    assert "démesurément" in refused(sortie.getvalue())


def test_a_hundred_thousand_rows_are_too_many() -> None:
    assert f"{LIGNES_MAX} lignes" in refused(classeur([[1]] * 100_000))
    assert f"{LIGNES_MAX} lignes" in refused(b"1;2\n" * 100_000, "x.csv")


def test_too_many_columns() -> None:
    assert "60 colonnes" in refused(classeur([list(range(61))]))


def test_a_heavy_file() -> None:
    assert "5 Mo" in refused(b"1;2\n" * (TAILLE_MAX // 4 + 1), "x.csv").replace("\xa0", " ")


def test_a_zip_bomb_is_refused_before_it_is_opened() -> None:
    sortie = BytesIO(classeur([[1]]))
    with zipfile.ZipFile(sortie, "a", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("xl/worksheets/sheet9.xml", b"0" * (300 * 2**20))
    assert len(sortie.getvalue()) < 2**20
    assert "démesuré" in refused(sortie.getvalue())


def test_an_ods_that_repeats_a_row_without_end() -> None:
    """A few hundred bytes that stand for a million rows of a thousand cells."""
    corps = (
        '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
        '<table:table table:name="a"><table:table-row table:number-rows-repeated="1048576"><table:table-cell '
        'table:number-columns-repeated="16384" office:value-type="float" office:value="1"><text:p>1</text:p>'
        "</table:table-cell></table:table-row></table:table></office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    sortie = io.BytesIO()
    with zipfile.ZipFile(sortie, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", corps)
    refused(sortie.getvalue(), "x.ods")


@pytest.mark.parametrize(
    ("nom", "contenu"),
    [
        ("x.xlsx", classeur([[]])), ("x.xlsx", classeur([["  ", ""]])), ("x.xlsx", b"PK\x03\x04"), ("x.xlsx", b""),
        ("x.csv", b" ; \n"), ("x.csv", b"<html>"), ("x.csv", b"a\x00b"), ("x.exe", b"MZ"), ("../x.csv", b"a;b"),
        ("x.pdf", b"%PDF-1.7"), ("x.xlsx", classeur([[1]])[:-40]), ("x.csv", b'"' + b"a" * 200_000),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused(nom: str, contenu: bytes) -> None:
    refused(contenu, nom)


@given(st.text(max_size=40))
def test_a_plain_heading_is_plain(texte: str) -> None:
    assert plain(plain(texte)) == plain(texte)
    assert plain(texte).isascii()


@given(st.lists(st.lists(st.text(max_size=12), min_size=1, max_size=8), min_size=1, max_size=12))
def test_no_table_surprises(lignes: list[list[str]]) -> None:
    """Rows of anything: each is taken, blank, or left out with a reason."""
    tableau = Tableau(nom="x", lignes=[["finess", "personnes", "dossiers actifs"], *lignes])
    reprise = take(Lecture(tableau=tableau, entete=0, colonnes={"finess": 0, "personnes": 1}), GRAPPE)
    assert all(rejet.raison for rejet in reprise.rejets)
    assert set(reprise.chiffres) <= set(GRAPPE)
