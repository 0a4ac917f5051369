"""The `bareme` command: its JSON, its exit codes, its teaching. It needs no database."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from aap.management.commands.bareme import Command

BASE = ["--reglement", "esms-2022", "--projet", "acquisition", "--segur", "oui"]


def run(*arguments: str) -> tuple[int, str, str]:
    sortie, erreur = StringIO(), StringIO()
    commande = Command(stdout=sortie, stderr=erreur)
    try:
        commande.run_from_argv(["manage.py", "bareme", *arguments])
    except SystemExit as fin:
        return int(fin.code or 0), sortie.getvalue(), erreur.getvalue()
    return 0, sortie.getvalue(), erreur.getvalue()


def run_json(*arguments: str) -> tuple[int, dict[str, Any]]:
    statut, sortie, erreur = run(*arguments, "--json")
    assert erreur == ""
    return statut, json.loads(sortie)


def test_published_example() -> None:
    statut, objet = run_json(*BASE, "--essms", "46")
    assert statut == 0
    assert (objet["usage"], objet["logiciel"], objet["total"]) == ("322000.00", "667000.00", "989000.00")


def test_all_the_extras() -> None:
    extras = ["--petits-og", "8", "--equipement", "--amoa-marche", "--amoa-projet"]
    assert run_json(*BASE, "--essms", "8", *extras)[1]["total"] == "447000.00"


@pytest.mark.parametrize(
    ("mode", "total"),
    [("rang_50_reduit", "1128500.00"), ("rang_50_plein", "1145000.00"), ("tel_qu_imprime", "1123500.00")],
)
def test_three_readings(mode: str, total: str) -> None:
    assert run_json(*BASE, "--essms", "64", "--mode-seuil", mode)[1]["total"] == total


def test_sons() -> None:
    assert run_json("--sons", "--essms-og", "8") == (
        0,
        {
            "tranche": "C",
            "unitaire": "2190.00",
            "total": "17520.00",
            "avance_30": "5256.00",
            "solde_70": "12264.00",
        },
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["--reglement", "esms-2024", "--projet", "acquisition", "--essms", "20", "--segur", "oui"],
        [*BASE, "--essms", "18", "--petits-og", "6", "--amoa-projet"],
    ],
)
def test_what_the_texts_do_not_say_is_refused_with_1(arguments: list[str]) -> None:
    statut, objet = run_json(*arguments)
    assert (statut, objet["code"]) == (1, "REGLE_NON_RENSEIGNEE")
    assert set(objet) == {"code", "message", "details"}


@pytest.mark.parametrize(
    ("arguments", "nomme"),
    [
        ([], "--projet"),
        (BASE, "--essms"),
        ([*BASE, "--essms", "0"], "--essms"),
        ([*BASE, "--essms", "-3"], "--essms"),
        ([*BASE, "--essms", "1e3"], "--essms"),
        ([*BASE, "--essms", "٤٦"], "--essms"),
        ([*BASE, "--essms", "999999999999999999999"], "--essms"),
        ([*BASE, "--essms", "15", "--petits-og", "16"], "16"),
        ([*BASE, "--essms", "15", "--mode-seuil", "x"], "--mode-seuil"),
        ([*BASE, "--essms", "15", "--inconnu"], "--inconnu"),
        ([*BASE, "--essms", "15", "--essms-og", "8"], "--essms-og"),
        (
            ["--reglement", "esms-2023", "--projet", "acquisition", "--essms", "15", "--segur", "oui"],
            "esms-2023",
        ),
        (["--reglement", "esms-2022", "--projet", "achat", "--essms", "15", "--segur", "oui"], "--projet"),
        (
            ["--reglement", "esms-2022", "--projet", "acquisition", "--essms", "15", "--segur", "yes"],
            "--segur",
        ),
        (["--reglement", "esms-2022", "--projet", "acquisition", "--essms", "15"], "--segur"),
        (["--projet", "acquisition", "--essms", "15", "--segur", "oui"], "--reglement"),
        (["--sons"], "--essms-og"),
        (["--sons", "--essms-og", "0"], "--essms-og"),
    ],
)
def test_bad_input_ends_with_2_and_names_the_argument(arguments: list[str], nomme: str) -> None:
    statut, objet = run_json(*arguments)
    assert (statut, objet["code"]) == (2, "DONNEES_INVALIDES")
    assert nomme in objet["message"]


def test_without_json_a_table_and_the_warnings() -> None:
    statut, sortie, _ = run(*BASE, "--essms", "50")
    assert statut == 0
    assert "345" not in sortie.split("total")[0]
    assert "Attention" in sortie


def test_without_json_a_refusal_goes_to_stderr() -> None:
    statut, sortie, erreur = run(*BASE, "--essms", "x")
    assert (statut, sortie) == (2, "")
    assert erreur.startswith("DONNEES_INVALIDES")


def test_help_teaches(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--help")[0] == 0
    aide = capsys.readouterr().out
    assert "python manage.py bareme --sons --essms-og 8" in aide
    assert "1 refusé" in aide


def test_callable_from_code() -> None:
    sortie = StringIO()
    call_command("bareme", "--sons", "--essms-og", "35", "--json", stdout=sortie)
    assert json.loads(sortie.getvalue())["total"] == "43120.00"
