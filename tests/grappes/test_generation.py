"""The generated register: the real format to the byte, the same for the same seed, and believable."""

import csv
import json
import tracemalloc
from collections import Counter, defaultdict
from datetime import date
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from grappes.categories import categorie
from grappes.finess import has_valid_key
from grappes.generation.fichiers import Bilan, write_stock
from grappes.generation.stock import Etablissement, Stock
from grappes.generation.tables import mots, rubriques
from grappes.generation.territoires import territoires
from grappes.generation.tirages import Urne, apportion, with_luhn

PROJET = Path(__file__).resolve().parents[2]
ECHANTILLON = PROJET / "fixtures" / "finess" / "etalab-cs1100502-echantillon.csv"
LE = date(2026, 5, 12)
COLONNES = {"finess": 4, "structureet": 32, "structureej": 24, "geolocalisation": 6}
JURIDIQUES, GEOGRAPHIQUES, GEOLOCALISES, QUOTIDIEN = range(4)
FRACTIONNES = {"97133", "97150"}


def generate(dossier: Path, essms: int = 200, graine: int = 1, **options: Any) -> Bilan:
    return write_stock(Stock(essms, graine, LE), dossier, suivi=lambda fait, total: None, **options)


def rows(fichier: Path, encodage: str = "utf-8") -> list[list[str]]:
    with fichier.open(encoding=encodage, newline="") as flux:
        return list(csv.reader(flux, delimiter=";", strict=True))


@pytest.fixture(scope="module")
def bilan(tmp_path_factory: pytest.TempPathFactory) -> Bilan:
    """A tenth of the national register, with its daily file."""
    return generate(tmp_path_factory.mktemp("finess"), 3500, as_json=True)


@pytest.fixture(scope="module")
def lignes(bilan: Bilan) -> list[list[str]]:
    return rows(bilan.fichiers[GEOGRAPHIQUES])[1:]


@pytest.fixture(scope="module")
def juridiques(bilan: Bilan) -> dict[str, list[str]]:
    return {ligne[1]: ligne for ligne in rows(bilan.fichiers[JURIDIQUES])[1:]}


@pytest.fixture(scope="module")
def essms(lignes: list[list[str]]) -> list[list[str]]:
    return [ligne for ligne in lignes if (une := categorie(ligne[18])) and une.statut != "exclue"]


# The format.


def test_the_files_bear_the_names_of_the_real_ones(bilan: Bilan) -> None:
    assert [fichier.name for fichier in bilan.fichiers] == [
        "etalab-cs1100501-stock-20260512-0339.csv",
        "etalab-cs1100502-stock-20260512-0339.csv",
        "etalab-cs1100507-stock-20260512-0339.csv",
        "finess-structures-journalier-20260512.json",
    ]
    assert sorted(f.name for f in bilan.fichiers[0].parent.iterdir()) == sorted(f.name for f in bilan.fichiers)


@pytest.mark.parametrize("rang", [JURIDIQUES, GEOGRAPHIQUES, GEOLOCALISES])
def test_every_row_has_the_columns_of_its_kind(bilan: Bilan, rang: int) -> None:
    lues = rows(bilan.fichiers[rang])
    assert lues[0][:2] == ["finess", "etalab"]
    assert lues[0][3] == "2026-05-12"
    assert [ligne for ligne in lues if len(ligne) != COLONNES[ligne[0]]] == []


def test_the_rows_are_written_as_in_the_real_sample(bilan: Bilan) -> None:
    """Same first line, same quoting, same ends of line, same form of each field that has one."""
    assert ECHANTILLON.read_bytes().splitlines()[0] == bilan.fichiers[GEOGRAPHIQUES].read_bytes().splitlines()[0]
    for fichier in (ECHANTILLON, bilan.fichiers[GEOGRAPHIQUES]):
        brut = fichier.read_bytes()
        assert b"\r" not in brut
        assert b';"' in brut
        assert all(ligne.endswith(b";") for ligne in brut.splitlines()[1:])
        refait = StringIO()
        csv.writer(refait, delimiter=";", lineterminator="\n").writerows(rows(fichier))
        assert refait.getvalue().encode() == brut
        for ligne in rows(fichier)[1:]:
            assert all(len(ligne[rang]) == longueur for rang, longueur in ((1, 9), (2, 9), (12, 3), (13, 2), (18, 3)))
            assert len(ligne[20]) == 4
            assert ligne[15][:5].isdecimal()
            assert ligne[31] == ""
            assert len(ligne[22]) in (0, 14)
            assert len(ligne[16]) in (0, 10)
            assert [date.fromisoformat(ligne[rang]) for rang in (28, 29, 30)]


def test_the_combined_file_gives_the_establishments_then_their_coordinates(bilan: Bilan) -> None:
    seuls, combines = (rows(bilan.fichiers[rang])[1:] for rang in (GEOGRAPHIQUES, GEOLOCALISES))
    assert combines[: len(seuls)] == seuls
    assert [ligne[:2] for ligne in combines[len(seuls) :]] == [["geolocalisation", ligne[1]] for ligne in seuls]


def test_the_daily_file_holds_the_stock_and_the_closed_ones(bilan: Bilan, lignes: list[list[str]]) -> None:
    quotidien = json.loads(bilan.fichiers[QUOTIDIEN].read_bytes())
    assert quotidien["schemaVersion"].startswith("v1.")
    lus = [
        (pmej["informationsGeneralesPMEJ"]["numFinessPm"], ege["informationsGeneralesEGE"], ege)
        for pmej in quotidien["pmej"]
        for ege in pmej["ege"]
    ]
    ouverts = [
        [infos["numFinessEge"], og, infos["siret"] or "", ege["categorieentiteGeographiqueExercice"]]
        for og, infos, ege in lus
        if ege["etatObjet"] == "A" and infos["dateFermeture"] is None
    ]
    assert ouverts == [[ligne[1], ligne[2], ligne[22], ligne[18]] for ligne in lignes]
    fermes = [(infos, ege) for _, infos, ege in lus if ege["etatObjet"] == "I"]
    assert len(fermes) == len(lus) - len(lignes) == bilan.fermes > 0
    assert all(infos["dateOuverture"] <= infos["dateFermeture"] <= "2026-05-12" for infos, _ in fermes)
    assert all(ege["evenement"][-1]["dateEvenement"] == infos["dateFermeture"] for infos, ege in fermes)


def test_a_cp1252_stock_says_the_same(tmp_path: Path) -> None:
    un, deux = (generate(tmp_path / encodage, encodage=encodage) for encodage in ("utf-8", "cp1252"))
    for utf8, cp1252 in zip(un.fichiers, deux.fichiers, strict=True):
        assert utf8.read_bytes() != cp1252.read_bytes()
        assert utf8.read_text(encoding="utf-8") == cp1252.read_text(encoding="cp1252")


def test_every_word_can_be_written_in_cp1252() -> None:
    textes = [json.dumps(mots(), ensure_ascii=False)]
    textes += [f"{une.libelle}{une.libelle_agregat}{une.libelle_tarif}{une.sigle}" for une in rubriques().values()]
    textes += [f"{lieu.nom}{commune.acheminement}" for lieu in territoires().values() for commune in lieu.communes]
    assert "".join(textes).encode("cp1252")


# Numbers.


def test_numbers_are_unique_valid_and_those_of_their_departement(
    lignes: list[list[str]], juridiques: dict[str, list[str]]
) -> None:
    tous = [ligne[1] for ligne in lignes] + list(juridiques)
    assert len(tous) == len(set(tous))
    assert all(map(has_valid_key, tous))
    prefixes = {lieu.finess: lieu.numero for lieu in territoires().values()}
    assert {prefixes[code] for code in ("9A", "9B", "9C", "9D", "9F", "2A", "2B")} == {
        "9701", "9702", "9703", "9704", "9805", "2A", "2B",
    }  # fmt: skip
    assert all(ligne[1].startswith(prefixes[ligne[13]]) for ligne in lignes)


def test_every_establishment_has_its_body(lignes: list[list[str]], juridiques: dict[str, list[str]]) -> None:
    assert {ligne[2] for ligne in lignes} == set(juridiques)
    assert all(ligne[22][:9] == juridiques[ligne[2]][20] for ligne in lignes if ligne[22])


@pytest.mark.parametrize("siret", ["26010004500012", "50254756500015", "82967998400015"])
def test_luhn_gives_the_key_of_real_numbers(siret: str) -> None:
    assert with_luhn(siret[:13]) == siret
    assert with_luhn(siret[:8]) == siret[:9]


def test_siren_and_siret_bear_their_key(lignes: list[list[str]], juridiques: dict[str, list[str]]) -> None:
    assert all(with_luhn(numero[:-1]) == numero for ligne in lignes if (numero := ligne[22]))
    assert all(with_luhn(ligne[20][:-1]) == ligne[20] for ligne in juridiques.values())
    assert len({ligne[20] for ligne in juridiques.values()}) == len(juridiques)
    assert len({ligne[22] for ligne in lignes if ligne[22]}) == sum(bool(ligne[22]) for ligne in lignes)


# Places.


def test_coordinates_are_in_the_departement_and_in_its_projection(bilan: Bilan, lignes: list[list[str]]) -> None:
    ou = {ligne[1]: ligne[13] for ligne in lignes}
    lieux = {lieu.finess: lieu for lieu in territoires().values()}
    for _, finess, x, y, source, _ in rows(bilan.fichiers[GEOLOCALISES])[len(lignes) + 1 :]:
        lieu = lieux[ou[finess]]
        assert max(abs(float(x) - lieu.x), abs(float(y) - lieu.y)) <= lieu.demi_cote
        assert source.endswith(lieu.systeme)
    assert {lieu.systeme[:9] for lieu in lieux.values() if lieu.finess < "96" and lieu.finess[0] != "9"} == {
        "EPSG:2154"
    }


def test_postcodes_are_those_of_the_departement() -> None:
    for lieu in territoires().values():
        codes = {commune.acheminement[:5] for commune in lieu.communes}
        assert {code[: len(lieu.code)] for code in codes} == {lieu.code.replace("A", "0").replace("B", "0")}
        assert not codes & FRACTIONNES
        assert len({commune.code for commune in lieu.communes}) == len(lieu.communes)


# What it is like.


def test_every_region_departement_and_category_is_there(lignes: list[list[str]], essms: list[list[str]]) -> None:
    lieux = {lieu.finess: lieu for lieu in territoires().values()}
    assert {ligne[13] for ligne in essms} == set(lieux)
    assert len(lieux) == 101
    assert len({lieu.region for lieu in lieux.values()}) == 18
    with (PROJET / "fixtures" / "categories.csv").open(encoding="utf-8", newline="") as flux:
        assert {ligne["code"] for ligne in csv.DictReader(flux)} <= {ligne[18] for ligne in lignes}


def test_aggregates_agree_with_the_table_of_categories() -> None:
    for code, une in rubriques().items():
        if connue := categorie(code):
            assert une.agregat.startswith(connue.agregat), code


def test_the_kinds_are_met_as_in_reality(bilan: Bilan, lignes: list[list[str]], essms: list[list[str]]) -> None:
    assert (bilan.essms, bilan.autres) == (len(essms), len(lignes) - len(essms)) == (3500, 6500)
    categories = Counter(ligne[18] for ligne in lignes)
    assert categories.most_common(1)[0][0] == "620"
    assert {"355", "611", "124", "223"} <= set(categories)
    assert {"11", "12", "22", "31", "32"} <= {ligne[20][:2] for ligne in lignes}
    ehpad = sum(ligne[18] == "500" for ligne in essms)
    assert 0.12 < ehpad / len(essms) < 0.25


def test_departements_weigh_what_their_people_do(essms: list[list[str]]) -> None:
    lieux = territoires().values()
    nombre = Counter(ligne[13] for ligne in essms)
    somme = sum(lieu.population for lieu in lieux)
    parts = {lieu.finess: len(essms) * lieu.population / somme for lieu in lieux}
    assert all(abs(nombre[code] - part) <= 2 + part / 30 for code, part in parts.items())


def test_most_bodies_are_small_and_a_few_are_huge(essms: list[list[str]]) -> None:
    tailles = sorted(Counter(ligne[2] for ligne in essms).values(), reverse=True)
    assert 0.65 < sum(taille <= 3 for taille in tailles) / len(tailles) < 0.85
    assert sum(taille >= 15 for taille in tailles) > 20
    assert 42 in tailles[:8]  # 1,2 % of all: 420 for 35 000


def test_some_bodies_reach_beyond_their_departement(essms: list[list[str]], juridiques: dict[str, list[str]]) -> None:
    region = {lieu.finess: lieu.region for lieu in territoires().values()}
    ailleurs = [ligne for ligne in essms if juridiques[ligne[2]][13] != ligne[13]]
    assert 0.08 < len(ailleurs) / len(essms) < 0.25
    voisins = sum(region[juridiques[ligne[2]][13]] == region[ligne[13]] for ligne in ailleurs)
    assert 0.4 < voisins / len(ailleurs) < 0.8


def test_a_body_mostly_works_in_one_sector(essms: list[list[str]]) -> None:
    secteurs: dict[str, Counter[object]] = defaultdict(Counter)
    for ligne in essms:
        secteurs[ligne[2]][une.secteur if (une := categorie(ligne[18])) else None] += 1
    grands = [nombre for nombre in secteurs.values() if nombre.total() >= 6]
    principal = sum(max(nombre.values()) for nombre in grands) / sum(nombre.total() for nombre in grands)
    assert 0.6 < principal < 0.95


def test_dates_follow_one_another(lignes: list[list[str]], juridiques: dict[str, list[str]]) -> None:
    for ligne in lignes:
        creation = juridiques[ligne[2]][22]
        assert creation <= ligne[28] <= ligne[30] <= "2026-05-12"
        assert creation <= ligne[29]


def test_a_public_hospital_runs_beds_and_essms(essms: list[list[str]], lignes: list[list[str]]) -> None:
    lits = {ligne[2] for ligne in lignes if ligne[18] == "355"}
    assert lits & {ligne[2] for ligne in essms if ligne[18] == "500"}


# The same, or not.


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    un, deux, autre = (generate(tmp_path / nom, graine=graine, as_json=True)
                       for nom, graine in (("un", 7), ("deux", 7), ("autre", 8)))  # fmt: skip
    for a, b, c in zip(un.fichiers, deux.fichiers, autre.fichiers, strict=True):
        assert a.read_bytes() == b.read_bytes() != c.read_bytes()


def test_the_daily_file_changes_nothing_to_the_others(tmp_path: Path) -> None:
    sans, avec = generate(tmp_path / "sans"), generate(tmp_path / "avec", as_json=True)
    assert [f.read_bytes() for f in sans.fichiers] == [f.read_bytes() for f in avec.fichiers[:3]]


@pytest.mark.parametrize("essms", [1, 34, 35, 200, 1000])
def test_sizes_are_exact(tmp_path: Path, essms: int) -> None:
    bilan = generate(tmp_path, essms)
    assert (bilan.essms, bilan.autres) == (essms, essms * 65 // 35)
    assert len(rows(bilan.fichiers[GEOGRAPHIQUES])) == 1 + bilan.essms + bilan.autres


def peak(essms: int) -> int:
    """The most memory that reading such a register holds, in bytes."""
    stock = Stock(essms, 1, LE)
    tracemalloc.start()
    try:
        assert sum(isinstance(un, Etablissement) and un.rubrique.essms and un.ferme_le is None for un in stock) == essms
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_register() -> None:
    peak(50)
    assert peak(2400) < 1.3 * peak(300)


# Draws.


def test_shares_add_up_and_leave_nobody_out() -> None:
    assert apportion(10, {"a": 700, "b": 299, "c": 1}) == {"a": 6, "b": 3, "c": 1}
    assert apportion(2, {"a": 700, "b": 299, "c": 1}) == {"a": 1, "b": 1, "c": 0}
    assert apportion(0, {"a": 1}) == {"a": 0}


def test_an_urn_gives_exactly_what_it_holds() -> None:
    rng = Random(1)
    urne = Urne({"a": 3, "b": 2, "c": 0})
    assert Counter(urne.draw(rng) for _ in range(5)) == {"a": 3, "b": 2}
    assert not urne.take("a")
    with pytest.raises(ValueError, match="empty"):
        urne.draw(rng)


# The command.


def run(*arguments: str) -> str:
    sortie = StringIO()
    call_command("generer_finess", *arguments, stdout=sortie, stderr=sortie)
    return sortie.getvalue()


def test_the_command_says_what_it_wrote(tmp_path: Path) -> None:
    texte = run("--essms", "50", "--vers", str(tmp_path / "a" / "b"), "--json")
    assert "50 ESSMS, 92 autres établissements" in texte
    assert "fermés (JSON seulement)" in texte
    assert all(str(fichier) in texte for fichier in (tmp_path / "a" / "b").iterdir())


def test_nothing_is_overwritten_unless_asked(tmp_path: Path) -> None:
    present = tmp_path / "etalab-cs1100507-stock-20260512-0339.csv"
    present.write_text("à moi", encoding="utf-8")
    sortie = StringIO()
    with pytest.raises(SystemExit) as arret:
        call_command("generer_finess", "--essms", "10", "--vers", str(tmp_path), stderr=sortie)
    assert arret.value.code == 2
    assert "--force" in sortie.getvalue()
    assert [f.name for f in tmp_path.iterdir()] == [present.name]
    assert present.read_text(encoding="utf-8") == "à moi"
    run("--essms", "10", "--vers", str(tmp_path), "--force")
    assert present.read_text(encoding="utf-8").startswith("finess;etalab;")


def test_a_failure_leaves_nothing(tmp_path: Path) -> None:
    def fail(fait: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_stock(Stock(1000, 1, LE), tmp_path, suivi=fail, as_json=True)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "fichier").touch()
    sortie = StringIO()
    with pytest.raises(SystemExit) as arret:
        call_command("generer_finess", "--vers", str(tmp_path / "fichier" / "ici"), stderr=sortie)
    assert arret.value.code == 2
    assert "impossible d'écrire" in sortie.getvalue()


@pytest.mark.parametrize("options", [("--essms", "0"), ("--essms", "mille"), ("--date", "12/05/2026")])
def test_bad_options_are_refused(tmp_path: Path, options: tuple[str, str]) -> None:
    with pytest.raises(CommandError, match=options[1]):
        run("--vers", str(tmp_path), *options)
    assert list(tmp_path.iterdir()) == []
