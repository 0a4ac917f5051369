"""Reading files of SONS orders: what is written is read back, what is damaged is recognised and explained."""

import gzip
import json
import random
from contextlib import suppress
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aap.commandes_sons.controle import LONGUEURS, OBLIGATOIRES, read
from aap.commandes_sons.lecture import COLONNES, DATES, MOTIFS, TAILLE_JSON, VERSION, open_file
from aap.sons import VAGUES
from grappes.finess import FORMAT
from moteur.erreurs import Refus
from tests.aap.commandes_sons import as_csv, row, write_csv, write_json

JOUR = date(2026, 11, 22)
SCHEMA = Path(__file__).resolve().parents[2] / "docs" / "echange" / "commandes-sons.schema.json"

textes = st.text(st.characters(codec="cp1252", exclude_categories=("C", "Z")), min_size=1, max_size=40)
jours = st.dates(date(2022, 3, 1), date(2026, 11, 1))
rangees = st.fixed_dictionaries(
    {
        "reference": textes,
        "finess_ej": st.from_regex(r"[0-9][0-9AB][0-9]{7}", fullmatch=True),
        "finess_et": st.from_regex(r"[0-9][0-9AB][0-9]{7}", fullmatch=True),
        "logiciel": textes,
        "editeur": st.just("") | textes,
        "vague": st.sampled_from(list(VAGUES)),
        "commandee_le": st.just("2022-03-01"),
        "complete_le": st.just("") | jours.map(str),
        "avance_le": st.just(""),
        "soldee_le": st.just("") | jours.map(str),
        "annulee_le": st.just("") | jours.map(str),
    }
)


def values(chemin: Path, *, iso: bool) -> list[dict[str, str]]:
    """The rows of a file as text again, after the reading and the control of each."""
    lot = open_file(chemin)
    lues = [read(ligne, JOUR, iso=iso, americaine=lot.americaine) for ligne in lot.lines()]
    assert [lue.fautes for lue in lues] == [[]] * len(lues)
    return [
        {**lue.textes, "finess_ej": lue.finess_ej, "finess_et": lue.finess_et}
        | {nom: str(jour or "") for nom, jour in lue.dates.items()}
        for lue in lues
    ]


@settings(max_examples=60, deadline=None)
@given(st.lists(rangees, min_size=1, max_size=6), st.sampled_from(["utf-8", "utf-8-sig", "cp1252"]))
def test_csv_rows_written_are_the_rows_read(ecrites: list[dict[str, str]], encodage: str) -> None:
    with TemporaryDirectory() as dossier:
        assert values(write_csv(Path(dossier, "f.csv"), *ecrites, encodage=encodage), iso=False) == ecrites


@settings(max_examples=60, deadline=None)
@given(st.lists(rangees, min_size=1, max_size=6))
def test_json_rows_written_are_the_rows_read(ecrites: list[dict[str, str]]) -> None:
    with TemporaryDirectory() as dossier:
        assert values(write_json(Path(dossier, "f.json"), *ecrites), iso=True) == ecrites


@given(rangees)
def test_the_published_schema_takes_what_we_take(rangee: dict[str, str]) -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.validate({"version": VERSION, "commandes": [rangee]}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"version": VERSION, "commandes": [rangee | {"finess_et": "12"}]}, schema)


def test_the_published_schema_says_what_the_code_checks() -> None:
    commande = json.loads(SCHEMA.read_text(encoding="utf-8"))["properties"]["commandes"]["items"]
    proprietes = commande["properties"]
    assert list(proprietes) == [*COLONNES, MOTIFS]
    assert commande["required"] == ["reference", "finess_ej", "finess_et", "logiciel", "commandee_le"]
    assert set(OBLIGATOIRES) < set(commande["required"])
    assert {nom: proprietes[nom]["maxLength"] for nom in LONGUEURS} == LONGUEURS
    assert {proprietes[nom]["pattern"] for nom in ("finess_ej", "finess_et")} == {f"^{FORMAT.pattern}$"}
    assert proprietes["vague"]["enum"] == [*VAGUES, "", None]


@pytest.mark.parametrize(("encodage", "dit"), [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("cp1252", "cp1252")])
def test_the_encoding_is_found_and_told(tmp_path: Path, encodage: str, dit: str) -> None:
    lot = open_file(write_csv(tmp_path / "f.csv", row(logiciel="Été"), encodage=encodage))
    assert (lot.encodage, lot.nombre) == (dit, 1)
    assert next(lot.lines()).valeurs["logiciel"] == "Été"


def test_columns_in_any_order_blank_lines_and_compression(tmp_path: Path) -> None:
    texte = as_csv([row()], reversed(COLONNES)).replace("\r\n", f"\r\n{';' * 10}\r\n\r\n")
    chemin = tmp_path / "f.csv.gz"
    chemin.write_bytes(gzip.compress(texte.encode()))
    lot = open_file(chemin)
    assert [ligne.valeurs for ligne in lot.lines()] == [row()]


ABIMES = {
    "vide": (b"", "est vide"),
    "en-tete seul": (as_csv([]).encode(), "aucune commande"),
    "page web": (b"<!DOCTYPE html><html>", "page web"),
    "classeur": (b"PK\x03\x04rien", "classeur"),
    "pdf": (b"%PDF-1.7", "PDF"),
    "virgules": (as_csv([row()]).replace(";", ",").encode(), "points-virgules"),
    "colonne absente": (as_csv([row()], [c for c in COLONNES if c != "logiciel"]).encode(), "« logiciel »"),
    "colonne inconnue": (as_csv([row()], [*COLONNES, "siret"]).encode(), "« siret »"),
    "notation scientifique": (as_csv([row(), row(finess_et="3,1E+08")]).encode(), "ligne 3, colonne finess_et"),
    "guillemet ouvert": (as_csv([row()]).encode() + b'ASP-2;"310000010;', "guillemet"),
    "utf-16": (as_csv([row()]).encode("utf-16"), "n'est pas un texte"),
    "liste json": (b"[]", "liste JSON"),
    "json coupe": (b'{"version": 1, "commandes": [{', "JSON valable"),
    "json sans commandes": (b'{"version": 1}', "« commandes »"),
    "json vide": (b'{"version": 1, "commandes": []}', "aucune commande"),
    "json version 2": (b'{"version": 2, "commandes": [{}]}', "« version » vaut « 2 »"),
    "json version true": (b'{"version": true, "commandes": [{}]}', "« version » vaut"),
    "json cle": (b'{"version": 1, "commandes": [{}], "\\ud800": 1}', "Clé inconnue"),
}


@pytest.mark.parametrize("nom", ABIMES)
def test_a_damaged_file_is_refused_whole_with_a_sentence(tmp_path: Path, nom: str) -> None:
    contenu, attendu = ABIMES[nom]
    (tmp_path / "f").write_bytes(contenu)
    with pytest.raises(Refus) as refus:
        open_file(tmp_path / "f")
    assert attendu in " ".join(refus.value.message.split())


def test_fifty_megabytes_of_noise_are_refused(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_bytes(random.Random(1).randbytes(50 * 2**20))
    with pytest.raises(Refus, match="texte"):
        open_file(tmp_path / "f.csv")


def test_a_json_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "f.json").write_bytes(b'{"version": 1' + b" " * TAILLE_JSON)
    with pytest.raises(Refus, match="20 Mo"):
        open_file(tmp_path / "f.json")


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=12), st.integers(0, 400), st.booleans())
def test_a_spoilt_byte_is_a_refusal_or_a_fault_never_a_crash(octets: bytes, ou: int, json_: bool) -> None:
    with TemporaryDirectory() as dossier:
        chemin = Path(dossier, "f")
        (write_json if json_ else write_csv)(chemin, row(0), row(1))
        sain = chemin.read_bytes()
        chemin.write_bytes(sain[:ou] + octets + sain[ou + len(octets) :])
        with suppress(Refus):
            lot = open_file(chemin)
            for ligne in lot.lines():
                assert read(ligne, JOUR, iso=json_, americaine=lot.americaine).ligne is ligne


@pytest.mark.parametrize("colonne", DATES)
@pytest.mark.parametrize(
    ("texte", "attendu"),
    [
        ("44621", "sans doute le 2022-03-01"),
        ("44621,5", "numéro de tableur"),
        ("03/25/2022", "écrivez 2022-03-25"),
        ("31/02/2023", "n'existe pas au calendrier"),
        ("2023-02-31", "n'existe pas au calendrier"),
        ("01/03/22", "AAAA-MM-JJ ou JJ/MM/AAAA"),
        ("mars 2022", "AAAA-MM-JJ ou JJ/MM/AAAA"),
        ("2027-01-01", "dans le futur"),
        ("1922-03-01", "vérifiez l'année"),
    ],
)
def test_a_date_that_cannot_be_trusted_says_what_to_write(
    tmp_path: Path, colonne: str, texte: str, attendu: str
) -> None:
    [ligne] = open_file(write_csv(tmp_path / "f.csv", row(0, **{colonne: texte}))).lines()
    fautes = {faute.chemin: " ".join(faute.message.split()) for faute in read(ligne, JOUR, iso=False).fautes}
    assert attendu in fautes[colonne]


def test_one_american_date_makes_the_others_ambiguous(tmp_path: Path) -> None:
    lot = open_file(
        write_csv(
            tmp_path / "f.csv",
            row(0, commandee_le="03/04/2022"),
            row(1, commandee_le="03/25/2022"),
            row(2, commandee_le="25/03/2022"),
            row(3, commandee_le="03/03/2022"),
        )
    )
    lues = [read(ligne, JOUR, iso=False, americaine=lot.americaine) for ligne in lot.lines()]
    assert [[faute.chemin for faute in lue.fautes] for lue in lues] == [["commandee_le"], ["commandee_le"], [], []]
    assert "ligne 3, colonne commandee_le" in lues[0].fautes[0].message


def test_a_french_date_is_not_ambiguous_by_itself(tmp_path: Path) -> None:
    [ligne] = open_file(write_csv(tmp_path / "f.csv", row(commandee_le="3/4/2022"))).lines()
    assert read(ligne, JOUR, iso=False).dates["commandee_le"] == date(2022, 4, 3)
