"""`rejouer` as other programs call it: the contract to the letter, on the scenario they gave."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from django.core.management import call_command
from django.db import connection

from aap.models import Dossier
from instruction.management.commands.rejouer import Command
from instruction.rejeu import actions
from moteur import journal
from moteur.models import Entree
from tests.instruction.scenes import photograph

PROJET = Path(__file__).resolve().parents[2]
COPIE = PROJET / "fixtures" / "contrat"
ORIGINAL = PROJET.parent / "shared" / "contrat"
SUCCES = COPIE / "succes.json"
SCHEMA = json.loads((COPIE / "rejouer.schema.json").read_text("utf-8"))


def run(*arguments: str) -> tuple[int, str, str]:
    """The command in this process, its connection left open: exit status, standard output, standard error."""
    sortie, erreur = StringIO(), StringIO()
    try:
        call_command(Command(), *arguments, stdout=sortie, stderr=erreur)
    except SystemExit as fin:
        return int(fin.code or 0), sortie.getvalue(), erreur.getvalue()
    return 0, sortie.getvalue(), erreur.getvalue()


def adresse() -> str:
    base = connection.settings_dict
    qui = f"{base['USER']}:{base['PASSWORD']}" if base["PASSWORD"] else base["USER"]
    port = f"&port={base['PORT']}" if base["PORT"] else ""
    return f"postgresql://{qui}@/{base['NAME']}?host={base['HOST']}{port}"


@pytest.fixture
def manage(base_jetable: str) -> Callable[..., subprocess.CompletedProcess[str]]:
    """`python manage.py ...` as a process of its own, on a database of this test alone."""
    connection.ensure_connection()
    environnement = os.environ | {
        "DATABASE_URL": adresse(), "SECRET_KEY": "essai", "ALLOWED_HOSTS": "localhost",
        "DJANGO_SETTINGS_MODULE": "config.settings", "PYTHONWARNINGS": "default", "COLUMNS": "200",
    }  # fmt: skip

    def launch(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "manage.py", *arguments],
            cwd=PROJET, env=environnement, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    return launch


@pytest.fixture(scope="module")
def bilan_ecrit(django_db_setup: None, django_db_blocker: Any) -> dict[str, Any]:
    """The outcome of succes.json, as written by the command. Nothing is kept, so one play serves all."""
    with django_db_blocker.unblock():
        statut, sortie, erreur = run(str(SUCCES), "--json")
        connection.close()
    assert (statut, erreur) == (0, "")
    resultat: dict[str, Any] = json.loads(sortie)
    return resultat


@pytest.mark.parametrize("nom", ["rejouer.schema.json", "succes.json"])
def test_our_copy_of_the_contract_is_the_original(nom: str) -> None:
    if not (ORIGINAL / nom).exists():
        pytest.skip(f"l'original du contrat n'est pas sur cette machine : {nom} est vérifié seul")
    assert (COPIE / nom).read_bytes() == (ORIGINAL / nom).read_bytes()


def test_success_ends_closed_and_paid_in_two_halves(bilan_ecrit: dict[str, Any]) -> None:
    d1 = bilan_ecrit["dossiers"]["D1"]
    assert bilan_ecrit["refus"] == []
    assert d1["etat"] == "clos"
    assert {poste: montant for poste, montant in d1["financement"].items() if isinstance(montant, str)} == {
        "usage": "322000.00", "logiciel": "667000.00", "equipement": "0.00", "amoa_marche": "0.00",
        "amoa_projet": "0.00", "total": "989000.00",
    }  # fmt: skip
    assert d1["versements"] == [
        {"rang": 1, "montant": "494500.00", "etat": "execute", "le": "2022-11-04"},
        {"rang": 2, "montant": "494500.00", "etat": "execute", "le": "2023-07-13"},
    ]
    assert d1["taches"] == []
    assert bilan_ecrit["enveloppe"] == {
        "dotation": "5000000.00", "reserve": "0.00", "engage": "989000.00", "verse": "989000.00",
        "disponible": "4011000.00",
    }  # fmt: skip
    assert bilan_ecrit["journal_intact"] is True


def test_output_follows_the_schema(bilan_ecrit: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.Draft202012Validator(SCHEMA).validate(bilan_ecrit)


def test_eligibility_lists_the_ten_rules_in_order(bilan_ecrit: dict[str, Any]) -> None:
    verdicts = bilan_ecrit["dossiers"]["D1"]["eligibilite"]
    assert [verdict["regle"] for verdict in verdicts] == [
        "MIN_ESSMS", "ROUTAGE", "FINESS_GEOGRAPHIQUE", "L312_1", "UNICITE", "CUMUL_SONS", "CUMUL_UE",
        "CONCURRENCE", "LOGICIEL_REFERENCE", "PIECES",
    ]  # fmt: skip
    assert all(verdict["ok"] and verdict["reference"] for verdict in verdicts)
    assert (verdicts[0]["constat"], verdicts[0]["attendu"]) == (46, 15)


def test_targets_are_exact_ratios(bilan_ecrit: dict[str, Any]) -> None:
    cibles = {
        c["indicateur"]: (c["valeur"], c["cible"], c["atteinte"]) for c in bilan_ecrit["dossiers"]["D1"]["cibles"]
    }
    assert cibles == {
        "DUI1": ("95.00", "90", True),
        "DUI2": ("97.89", "90", True),
        "DUI3": ("96.84", "90", True),
        "MSS": ("80.00", "70", True),
        "DMP": ("25.00", "20", True),
    }


def test_aid_lines_add_up_and_name_their_source(bilan_ecrit: dict[str, Any]) -> None:
    lignes = bilan_ecrit["dossiers"]["D1"]["financement"]["lignes"]
    assert [(li["poste"], li["quantite"], li["montant"]) for li in lignes] == [
        ("usage", 46, "322000.00"),
        ("logiciel", 46, "667000.00"),
    ]
    assert all(li["reference"] and li["taux"] for li in lignes)


def test_journal_tells_the_path_in_order(bilan_ecrit: dict[str, Any]) -> None:
    lignes = bilan_ecrit["journal"]
    assert [ligne["n"] for ligne in lignes] == list(range(1, len(lignes) + 1))
    assert [ligne["le"] for ligne in lignes] == sorted(ligne["le"] for ligne in lignes)
    passages = [(li["de"], li["vers"]) for li in lignes if li["objet"] == "dossier:D1" and li["vers"]]
    assert passages[0] == ("brouillon", "depose")
    assert passages[-1] == ("solde", "clos")
    assert all(avant[1] == apres[0] for avant, apres in zip(passages, passages[1:], strict=False))
    depot = next(li for li in lignes if li["action"] == "deposer")
    assert depot["par"] == "porteur"
    assert depot["le"] == "2022-04-01T09:00:00+02:00"
    assert {li["par"] for li in lignes} >= {"instructeur:a", "instructeur:b", "comptable", "conseiller_grades"}


def test_process_gives_the_same_answer_and_leaves_nothing(manage: Any, bilan_ecrit: dict[str, Any]) -> None:
    avant = photograph()
    fini = manage("rejouer", str(SUCCES), "--json")
    assert (fini.returncode, fini.stderr) == (0, "")
    joue = json.loads(fini.stdout)
    assert joue["dossiers"] == bilan_ecrit["dossiers"]
    assert joue["enveloppe"] == bilan_ecrit["enveloppe"]
    assert photograph() == avant


def test_kept_play_stays_and_its_journal_holds(manage: Any) -> None:
    fini = manage("rejouer", str(SUCCES), "--json", "--garder")
    assert fini.returncode == 0, fini.stderr
    dossier = Dossier.objects.get(reference="D1")
    assert (dossier.etat, str(dossier.aide)) == ("clos", "989000.00")
    assert Entree.objects.filter(chaine=dossier.chaine).count() > 20
    assert [*journal.verify(), *journal.verify_seals(), *journal.verify_states()] == []
    constat = manage("verifier_journal", "--json")
    assert constat.returncode == 0
    assert json.loads(constat.stdout)["intact"] is True
    encore = manage("rejouer", str(SUCCES), "--json", "--garder")
    assert encore.returncode == 2
    assert "OCC-2022 existe déjà" in json.loads(encore.stdout)["message"]


def test_bad_file_is_one_sentence_and_status_2(manage: Any, tmp_path: Path) -> None:
    fini = manage("rejouer", str(tmp_path / "absent.json"))
    assert (fini.returncode, fini.stdout) == (2, "")
    assert fini.stderr.count("\n") == 1
    assert "absent.json" in fini.stderr


def test_wrong_arguments_are_status_2(manage: Any) -> None:
    assert manage("rejouer", str(SUCCES), "--inconnu").returncode == 2


def test_database_never_prepared_is_said(manage: Any) -> None:
    with connection.cursor() as curseur:
        curseur.execute("DELETE FROM django_migrations WHERE app = 'usages'")
    fini = manage("rejouer", str(SUCCES), "--json")
    assert fini.returncode in (1, 2)
    assert "migrate" in json.loads(fini.stdout)["message"]
    assert fini.stderr == ""


@pytest.mark.django_db
def test_refused_events_are_no_failure_of_the_command(tmp_path: Path) -> None:
    scenario = json.loads(SUCCES.read_text("utf-8")) | {"reglement": "esms-2024"}
    chemin = tmp_path / "s.json"
    chemin.write_text(json.dumps(scenario), "utf-8")
    statut, sortie, erreur = run(str(chemin), "--json")
    bilan = json.loads(sortie)
    assert (statut, erreur) == (0, "")
    assert "REGLE_NON_RENSEIGNEE" in {refus["code"] for refus in bilan["refus"]}
    jsonschema.Draft202012Validator(SCHEMA).validate(bilan)


@pytest.mark.django_db
def test_text_output_is_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("rejouer", str(SUCCES))
    ecrit = capsys.readouterr()
    for mot in ("D1", "clos", "989000.00", "2/2", "Enveloppe", "intact"):
        assert mot in ecrit.out
    assert "{" not in ecrit.out


@pytest.mark.django_db
def test_text_output_shows_refusals(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    scenario = json.loads(SUCCES.read_text("utf-8"))
    scenario["evenements"][0]["le"] = "2022-03-01"
    chemin = tmp_path / "s.json"
    chemin.write_text(json.dumps(scenario), "utf-8")
    call_command("rejouer", str(chemin))
    ecrit = capsys.readouterr().out
    assert "FENETRE_FERMEE" in ecrit
    assert "brouillon" in ecrit


def test_help_teaches(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as fin:
        Command().run_from_argv(["manage.py", "rejouer", "--help"])
    aide = capsys.readouterr().out
    assert fin.value.code == 0
    for mot in ("--json", "--garder", "Code de sortie", "python manage.py rejouer", "refusé"):
        assert mot in aide
    manquantes = [action for action in (*actions(), "passer") if action not in aide]
    assert manquantes == []
