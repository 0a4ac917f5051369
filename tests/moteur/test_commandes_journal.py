"""`verifier_journal` and `sceller_journal` as an auditor runs them."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from aap.models import Dossier
from moteur.management.commands import sceller_journal, verifier_journal
from moteur.models import Entree, Sceau
from tests.fabriques import agir
from tests.moteur.sql import sql, tampering


def run(commande: Any, *arguments: str) -> tuple[int, str]:
    sortie = StringIO()
    try:
        call_command(commande, *arguments, stdout=sortie, stderr=sortie)
    except SystemExit as fin:
        return int(fin.code or 0), sortie.getvalue()
    return 0, sortie.getvalue()


def test_intact(monde: dict[str, Dossier]) -> None:
    entrees = Entree.objects.count()
    statut, sortie = run(verifier_journal.Command())
    assert (statut, str(entrees) in sortie, "intact" in sortie) == (0, True, True)
    statut, sortie = run(verifier_journal.Command(), "--json")
    assert (statut, json.loads(sortie)) == (0, {"intact": True, "entrees": entrees, "anomalies": []})


def test_broken_says_where(monde: dict[str, Dossier]) -> None:
    chaine = monde["D1"].chaine
    with tampering(Entree):
        sql("UPDATE moteur_entree SET role = 'x' WHERE chaine = %s AND rang = 5", [chaine])
    statut, sortie = run(verifier_journal.Command())
    assert statut == 1
    assert f"{chaine}, entrée n° 5" in sortie
    statut, sortie = run(verifier_journal.Command(), "--json")
    constat = json.loads(sortie)
    assert (statut, constat["intact"]) == (1, False)
    assert [(a["chaine"], a["rang"]) for a in constat["anomalies"]] == [(chaine, 5)]
    assert constat["anomalies"][0]["raison"]


def test_seal_then_removal(monde: dict[str, Dossier]) -> None:
    agir(monde["D3"], "abandonner", "porteur", jour="2022-04-01", motif="Essai.")
    statut, sortie = run(sceller_journal.Command())
    assert (statut, Sceau.objects.latest("pk").empreinte in sortie) == (0, True)
    assert run(sceller_journal.Command()) == (0, "Rien de nouveau à sceller.\n")
    with tampering(Entree, Dossier):
        sql("DELETE FROM moteur_entree WHERE chaine = %s AND action = 'abandonner'", [monde["D3"].chaine])
        sql("UPDATE aap_dossier SET etat = 'brouillon' WHERE id = %s", [monde["D3"].pk])
    statut, sortie = run(verifier_journal.Command())
    assert statut == 1
    assert "scellée" in sortie


@pytest.mark.parametrize("commande", [verifier_journal, sceller_journal])
def test_help_teaches(commande: Any, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as fin:
        commande.Command().run_from_argv(["manage.py", "x", "--help"])
    assert fin.value.code == 0
    assert "chaîne" in capsys.readouterr().out or commande is verifier_journal
