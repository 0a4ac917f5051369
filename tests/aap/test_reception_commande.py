"""`importer_dossiers`: the command as people run it, simulated, killed, run twice, at the same instant."""

import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aap.models import Dossier, Reception
from aap.reception import accueil
from moteur import horloge
from tests.aap.envois import AUTRE_OG, JOUR, OG, attacher, dossier, envoi, importer, issues, ouvrir
from tests.fabriques import personne
from tests.invariants.ecluse import course

PROJET = Path(__file__).resolve().parents[2]


@pytest.fixture
def campagne_ouverte(db: None) -> Iterator[None]:
    with horloge.figer(JOUR):
        ouvrir()
        personne("instructeur")
        yield


def run(*arguments: object) -> tuple[int, str, str]:
    """Exit status, standard output, standard error."""
    sortie, erreur = StringIO(), StringIO()
    try:
        call_command("importer_dossiers", *map(str, arguments), stdout=sortie, stderr=erreur)
    except SystemExit as fin:
        return int(fin.code or 0), sortie.getvalue(), erreur.getvalue()
    return 0, sortie.getvalue(), erreur.getvalue()


def write(chemin: Path, *dossiers: Any) -> Path:
    chemin.write_text(json.dumps(envoi(*dossiers)), encoding="utf-8")
    return chemin


def every_count() -> dict[str, int]:
    """Rows of every table."""
    return {modele._meta.db_table: modele._base_manager.count() for modele in apps.get_models()}


PAR = ("--par", "76.instructeur")

# What is refused goes back, is corrected, goes in.


def test_the_right_ones_go_in_and_the_others_come_back_to_be_sent_again(campagne_ouverte: None, tmp_path: Path) -> None:
    faux = dossier("A-2", aide_demandee="1.00", recu_le="20/03/2022")
    fichier = write(tmp_path / "envoi.json", dossier("A-1"), faux, "pas un dossier", dossier("A-3"))
    statut, sortie, _ = run(fichier, *PAR)
    assert statut == 1
    assert "envoi.rejets.json" in sortie.replace("\n", "")
    assert set(Dossier.objects.values_list("reference", flat=True)) == {"A-1", "A-3"}
    rejets = json.loads((tmp_path / "envoi.rejets.json").read_text("utf-8"))
    assert [un.get("identifiant") for un in rejets["dossiers"]] == ["A-2", None]
    assert rejets["dossiers"][1]["valeur"] == "pas un dossier"
    assert [motif["chemin"] for motif in rejets["dossiers"][0]["motifs"]] == ["recu_le"]
    assert {**rejets["dossiers"][0], "motifs": None} == {**faux, "motifs": None}
    rejets["dossiers"].pop()
    rejets["dossiers"][0] |= {"recu_le": "2022-03-20", "aide_demandee": "322500.00"}
    corrige = tmp_path / "envoi.rejets.json"
    corrige.write_text(json.dumps(rejets), encoding="utf-8")
    assert run(corrige, *PAR)[0] == 0
    assert Dossier.objects.count() == 3
    assert not (tmp_path / "envoi.rejets.rejets.json").exists()


def test_twice_changes_nothing(campagne_ouverte: None, tmp_path: Path) -> None:
    fichier = write(tmp_path / "envoi.json", dossier("A-1"), dossier("A-2"))
    assert run(fichier, *PAR)[0] == 0
    avant = every_count()
    statut, sortie, _ = run(fichier, *PAR, "--json")
    assert (statut, json.loads(sortie)["inchange"]) == (0, 2)
    assert every_count() == avant


def test_a_file_of_refused_ones_is_never_overwritten(campagne_ouverte: None, tmp_path: Path) -> None:
    fichier = write(tmp_path / "envoi.json", dossier("A-1"), dossier("A-2", segur="oui"))
    (tmp_path / "envoi.rejets.json").write_text("à garder", encoding="utf-8")
    statut, _, erreur = run(fichier, *PAR)
    assert (statut, Dossier.objects.count()) == (2, 0)
    assert "existe déjà" in erreur
    assert (tmp_path / "envoi.rejets.json").read_text("utf-8") == "à garder"
    assert run(fichier, *PAR, "--rejets", tmp_path / "autre.json")[0] == 1
    assert len(json.loads((tmp_path / "autre.json").read_text("utf-8"))["dossiers"]) == 1
    (tmp_path / "envoi.rejets.json").write_bytes(b"")
    assert run(fichier, *PAR)[0] == 1


def test_the_place_of_the_refused_ones_is_tried_before_anything_is_imported(
    campagne_ouverte: None, tmp_path: Path
) -> None:
    fichier = write(tmp_path / "envoi.json", dossier("A-1"))
    statut, _, erreur = run(fichier, *PAR, "--rejets", tmp_path / "nulle" / "part.json")
    assert (statut, Dossier.objects.count()) == (2, 0)
    assert "ne peut être écrit" in erreur


@pytest.mark.parametrize("par", [(), ("--par", "personne")])
def test_an_import_has_an_author(campagne_ouverte: None, tmp_path: Path, par: tuple[str, ...]) -> None:
    fichier = write(tmp_path / "envoi.json", dossier())
    statut, _, erreur = run(fichier, *par)
    assert (statut, Dossier.objects.count()) == (2, 0)
    assert "--par" in erreur


def test_an_unreadable_file_says_where(campagne_ouverte: None, tmp_path: Path) -> None:
    fichier = tmp_path / "envoi.json"
    fichier.write_text('{"version": 1,\n "source": "x"\n "dossiers": []}', encoding="utf-8")
    statut, sortie, _ = run(fichier, *PAR, "--json")
    assert (statut, json.loads(sortie)["code"]) == (2, "DONNEES_INVALIDES")
    assert "ligne 3, colonne 2" in json.loads(sortie)["message"]
    assert list(tmp_path.iterdir()) == [fichier]


# Simulated and real.


def test_a_simulation_writes_nothing_even_when_nobody_is_named(campagne_ouverte: None, tmp_path: Path) -> None:
    fichier = write(tmp_path / "envoi.json", dossier("A-1"), dossier("A-2", segur="oui"))
    avant = every_count()
    for par in ((), PAR):
        statut, sortie, _ = run(fichier, "--simuler", "--json", *par)
        bilan = json.loads(sortie)
        assert (statut, bilan["simule"], bilan["importe"], bilan["rejete"]) == (1, True, 1, 1)
        assert every_count() == avant
    assert list(tmp_path.iterdir()) == [fichier]


DEGATS: dict[str, dict[str, Any]] = {
    "montant": {"aide_demandee": "387000.00"},
    "forme": {"segur": "oui"},
    "inconnu": {"grappe": {"essms": [{"finess_et": "310001999"}]}},
    "nom": {"porteur": {"finess_ej": OG, "nom": "Croix-Rouge"}},
    "double": {"identifiant": "A-0"},
    "og": {"porteur": {"finess_ej": AUTRE_OG}},
    "version": {"logiciel": "Netvie"},
    "intact": {},
}


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from([*DEGATS, "pas un objet"]), max_size=6), st.booleans(), st.integers(0, 3))
def test_simulated_then_real_give_the_same_verdicts(
    campagne_ouverte: None, degats: list[str], porteur: bool, deja: int
) -> None:
    """Whatever the mixture, whoever imports, whatever was there before."""
    lot = [dossier(f"A-{rang}") | DEGATS[nom] if nom in DEGATS else nom for rang, nom in enumerate(degats)]
    with transaction.atomic():
        par = attacher(personne("porteur")) if porteur else personne("instructeur")
        importer(*(dossier(f"A-{rang}") for rang in range(deja)))
        avant = every_count()
        simule = importer(*lot, par=par, simuler=True)
        assert every_count() == avant
        reel = importer(*lot, par=par)
        assert simule.as_dict() | {"simule": False} == reel.as_dict()
        assert [un.issue for un in reel.jugements if un.issue != "rejete"] == [
            un.issue for un in reel.jugements if un.resultat
        ]
        transaction.set_rollback(True)


# Real processes and connections.

#: Imports, says when the third grappe is being written, and then waits for ever in the middle of it.
IMPORT = """
import pathlib, sys, django
django.setup()
from datetime import date
from django.db import connection
from aap.reception.importation import import_file
from aap.reception.lecture import read_file
from comptes.models import Utilisateur
from moteur import horloge
connection.settings_dict["NAME"] = sys.argv[1]
grappes = []
def guette(execute, sql, *reste):
    resultat = execute(sql, *reste)
    if 'INSERT INTO "grappes_membre"' in sql:
        grappes.append(sql)
    if len(grappes) == 3:
        print("milieu", flush=True)
        sys.stdin.read()
    return resultat
with horloge.figer(horloge.ouverture(date(2022, 4, 1))), connection.execute_wrapper(guette):
    import_file(read_file(pathlib.Path(sys.argv[2])), Utilisateur.objects.get(username="76.instructeur"))
"""


def test_killed_in_the_middle_leaves_whole_dossiers_only(base_jetable: str, tmp_path: Path) -> None:
    with horloge.figer(JOUR):
        ouvrir()
        personne("instructeur")
        lot = [dossier(f"A-{rang}") for rang in range(4)]
        fichier = write(tmp_path / "envoi.json", *lot)
        commande = [sys.executable, "-c", IMPORT, base_jetable, str(fichier)]
        with subprocess.Popen(commande, cwd=PROJET, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as fils:
            assert fils.stdout is not None
            assert fils.stdout.readline() == "milieu\n"
            fils.kill()
        entiers = [
            (d.reference, d.grappe.membres.count(), d.receptions.count()) for d in Dossier.objects.order_by("pk")
        ]
        assert entiers == [("A-0", 15, 1), ("A-1", 15, 1)]
        assert issues(importer(*lot)) == ["inchange", "inchange", "importe", "importe"]


def racing(ordre: list[dict[str, Any]]) -> Callable[[], list[str]]:
    def run_one() -> list[str]:
        with horloge.figer(JOUR):
            return issues(importer(*ordre))

    return run_one


def test_two_imports_of_one_file_at_the_same_instant_make_one_dossier_each(
    base_jetable: str, en_parallele: Callable[..., list[Any]]
) -> None:
    with horloge.figer(JOUR):
        ouvrir()
        personne("instructeur")
    lot = [dossier(f"A-{rang}") for rang in range(6)]
    autre = random.Random(1).sample(lot, len(lot))  # noqa: S311 - an order, not a secret
    resultats = en_parallele(racing(lot), racing(autre))
    assert sorted(issue for verdicts in resultats for issue in verdicts) == ["importe"] * 6 + ["inchange"] * 6
    assert sorted(Dossier.objects.values_list("reference", flat=True)) == [f"A-{rang}" for rang in range(6)]
    assert Reception.objects.count() == 6


@pytest.mark.parametrize("contrainte", [True, False], ids=["constraint alone", "neither"])
def test_without_the_lock_the_constraint_still_refuses_the_second(
    base_jetable: str, monkeypatch: pytest.MonkeyPatch, contrainte: bool
) -> None:
    """That is what proves them both: the lock makes the second one wait, the constraint stops it if it did not."""
    with horloge.figer(JOUR):
        ouvrir()
        personne("instructeur")
    monkeypatch.setattr(accueil, "_lock", lambda source: None)
    with connection.cursor() as curseur:
        curseur.execute("ALTER TABLE aap_dossier DROP CONSTRAINT dossier_reference_unique")
        if not contrainte:
            curseur.execute("ALTER TABLE aap_reception DROP CONSTRAINT reception_rang_unique")
    verdicts = course("aap_dossier", "INSERT", racing([dossier()]), racing([dossier()]))
    if contrainte:
        assert sorted(verdicts) == [["importe"], ["rejete"]]
        assert Dossier.objects.count() == 1
    else:
        assert verdicts == [["importe"], ["importe"]]
        assert Dossier.objects.count() == 2


def test_with_the_lock_the_second_waits_and_sees_the_first(base_jetable: str) -> None:
    with horloge.figer(JOUR):
        ouvrir()
        personne("instructeur")
    assert course("aap_dossier", "INSERT", racing([dossier()]), racing([dossier()])) == [["importe"], ["inchange"]]
    assert Dossier.objects.count() == 1
