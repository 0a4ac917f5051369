"""Plays that run at the same time, each in its own process: none waits for another, none sees another."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from aap.models import Aap, Dossier
from grappes.models import Membre
from moteur import journal
from tests.invariants.ecluse import Ecluse, ecluse
from tests.invariants.monde import compter

PROJET = Path(__file__).resolve().parents[2]
SUCCES = PROJET / "fixtures" / "scenarios" / "succes.json"
#: The command, on the throwaway database of the test.
PROGRAMME = """
import sys, django
django.setup()
from django.core.management import call_command
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[1]
call_command("rejouer", *sys.argv[2:])
"""


def start(base: str, *arguments: object) -> "subprocess.Popen[str]":
    ordre = [sys.executable, "-c", PROGRAMME, base, *map(str, arguments), "--json"]
    environnement = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings_test"}
    return subprocess.Popen(
        ordre, cwd=PROJET, env=environnement, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def outcome(rejeu: "subprocess.Popen[str]") -> dict[str, Any]:
    sortie, erreurs = rejeu.communicate(timeout=60)
    assert rejeu.returncode == 0, sortie + erreurs
    bilan: dict[str, Any] = json.loads(sortie)
    return bilan


def both(porte: Ecluse, un: "subprocess.Popen[str]", autre: "subprocess.Popen[str]") -> list[dict[str, Any]]:
    """Their outcomes, once both were seen stopped half-way: neither had ended when the other began."""
    try:
        porte.attendre(2)
        assert un.poll() is None
        assert autre.poll() is None
    finally:
        porte.ouvrir()
    return [outcome(un), outcome(autre)]


def nameless(bilan: dict[str, Any]) -> dict[str, Any]:
    """An outcome without the numbers that the database gave."""
    lignes = [ligne | {"objet": ligne["objet"].partition(":")[0]} for ligne in bilan["journal"]]
    return bilan | {"journal": lignes}


def scenario(dossier: Path, code: str) -> Path:
    """The success scenario, on a call of that code and with fewer establishments."""
    contenu = json.loads(SUCCES.read_text())
    contenu["aap"]["code"] = code
    contenu["dossiers"][0]["generer"]["essms"] = 15
    chemin = dossier / f"{code}.json"
    chemin.write_text(json.dumps(contenu))
    return chemin


def test_two_plays_at_once_say_the_same_and_leave_nothing(base_jetable: str) -> None:
    avant = compter()
    with ecluse("aap_dossier", "INSERT") as porte:
        un, autre = both(porte, start(base_jetable, SUCCES), start(base_jetable, SUCCES))
    assert nameless(un) == nameless(autre)
    assert un["dossiers"]["D1"]["etat"] == "clos"
    assert compter() == avant


def test_a_play_beside_the_one_that_is_kept(base_jetable: str) -> None:
    garde = outcome(start(base_jetable, SUCCES, "--garder"))
    avant = compter()
    perdu = outcome(start(base_jetable, SUCCES))
    assert nameless(garde) == nameless(perdu)
    assert compter() == avant
    assert Dossier.objects.get().etat == "clos"
    assert [*journal.verify(), *journal.verify_states()] == []


def test_two_kept_plays_of_different_calls_both_stay(base_jetable: str, tmp_path: Path) -> None:
    with ecluse("aap_dossier", "INSERT") as porte:
        un, autre = both(
            porte,
            start(base_jetable, scenario(tmp_path, "OCC-A"), "--garder"),
            start(base_jetable, scenario(tmp_path, "OCC-B"), "--garder"),
        )
    assert [bilan["refus"] for bilan in (un, autre)] == [[], []]
    assert [bilan["dossiers"]["D1"]["etat"] for bilan in (un, autre)] == ["clos", "clos"]
    assert set(Aap.objects.values_list("code", flat=True)) == {"OCC-A", "OCC-B"}
    essms = list(Membre.objects.values_list("essms", flat=True))
    assert len(essms) == len(set(essms)) == 30, "les deux campagnes ont inventé les mêmes établissements"
    assert [*journal.verify(), *journal.verify_states()] == []


def test_a_play_is_not_kept_waiting_by_one_that_is_kept(base_jetable: str, tmp_path: Path) -> None:
    """The kept one is stopped in the middle of its writes; the other ends all the same."""
    with ecluse("aap_mouvement", "INSERT") as porte:
        garde = start(base_jetable, scenario(tmp_path, "OCC-A"), "--garder")
        try:
            porte.attendre(1)
            libre = start(base_jetable, vide(tmp_path))
            assert outcome(libre)["dossiers"]["D1"]["etat"] == "depose"
            assert garde.poll() is None
        finally:
            porte.ouvrir()
        assert outcome(garde)["dossiers"]["D1"]["etat"] == "clos"


def vide(dossier: Path) -> Path:
    """A play that writes no movement: an empty envelope, a filing."""
    contenu = json.loads(scenario(dossier, "OCC-C").read_text())
    contenu["aap"]["enveloppe"] = "0.00"
    contenu["evenements"] = contenu["evenements"][:1]
    chemin = dossier / "vide.json"
    chemin.write_text(json.dumps(contenu))
    return chemin
