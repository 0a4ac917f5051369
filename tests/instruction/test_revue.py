"""What a hostile reader tried: each was once accepted, or once crashed the play."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from instruction.rejeu import play
from instruction.scenario import read
from moteur.erreurs import Code

pytestmark = pytest.mark.django_db

SUCCES: dict[str, Any] = json.loads(Path("fixtures/scenarios/succes.json").read_text(encoding="utf-8"))


def scenario(jusqu_a: str | None = None) -> dict[str, Any]:
    """The success, up to and including the first event of that action."""
    brut = copy.deepcopy(SUCCES)
    if jusqu_a:
        fin = next(i for i, e in enumerate(brut["evenements"]) if e["action"] == jusqu_a)
        del brut["evenements"][fin + 1 :]
    return brut


def codes(bilan: dict[str, Any]) -> list[str]:
    return [refus["code"] for refus in bilan["refus"]]


def shared(ordre: list[str]) -> dict[str, Any]:
    """Two dossiers of the same 15 ESSMS, filed and judged the same day in that order."""
    essms = [{"finess_et": f"3100{rang:04d}0", "categorie": "500", "departement": "31"} for rang in range(1000, 1015)]
    og = [{"finess_ej": "310000010", "nom": "OG A", "porteur": True, "essms": essms}]
    brut = scenario()
    brut["dossiers"] = [{"ref": ref, "projet": "acquisition", "segur": True, "og": og} for ref in ("D1", "D2")]
    brut["evenements"] = [
        {"le": "2022-04-01", "par": par, "dossier": ref, "action": action}
        for ref in ordre
        for par, action in (
            ("porteur", "deposer"), ("instructeur", "prendre_en_charge"), ("instructeur", "declarer_recevable"),
        )
    ]  # fmt: skip
    return brut


@pytest.mark.parametrize("ordre", [["D1", "D2"], ["D2", "D1"]])
def test_of_two_filed_the_same_day_the_first_filed_holds(ordre: list[str]) -> None:
    bilan = play(read(shared(ordre)))
    premier, second = ordre
    assert bilan["dossiers"][premier]["etat"] == "en_instruction"
    assert bilan["dossiers"][second]["etat"] == "en_recevabilite"
    assert [(r["evenement"], r["code"], r["details"]["regles"]) for r in bilan["refus"]] == [
        (5, Code.REGLE_NON_SATISFAITE, ["UNICITE"])
    ]


def test_usage_from_before_the_convention_proves_nothing() -> None:
    brut = scenario("declarer_usages")
    brut["evenements"][-1]["donnees"]["mois"] = "2022-09"
    vsr = brut["evenements"][-1] | {"action": "prononcer_vsr", "donnees": {"le": "2022-10-20"}}
    assert codes(play(read({**brut, "evenements": [*brut["evenements"], vsr]}))) == [Code.DONNEES_INVALIDES] * 2


def test_a_declaration_without_figures_is_none() -> None:
    brut = scenario("declarer_usages")
    brut["evenements"][-1]["donnees"]["mesures"] = {}
    assert codes(play(read(brut))) == [Code.DONNEES_INVALIDES]


@pytest.mark.parametrize("donnees", [{"code": "rib", "nom": "n" * 500}, {"code": "rib", "taille": 10**20}])
def test_a_value_too_large_refuses_one_event(donnees: dict[str, Any]) -> None:
    brut = scenario("deposer")
    brut["evenements"].insert(0, brut["evenements"][0] | {"action": "fournir_piece", "donnees": donnees})
    bilan = play(read(brut))
    assert codes(bilan) == [Code.DONNEES_INVALIDES]
    assert bilan["dossiers"]["D1"]["etat"] == "depose"


def test_an_unknown_document_is_reported_and_the_filing_misses_the_others() -> None:
    brut = scenario("deposer")
    brut["dossiers"][0]["pieces"] = ["photo"]
    bilan = play(read(brut))
    assert codes(bilan) == [Code.PIECE_MANQUANTE]
    assert bilan["avertissements"] == ["dossiers[0].pieces[0] : « photo » n'est pas prévue par le règlement, ignorée"]


def test_a_stranger_who_acts_first_owns_nothing() -> None:
    brut = scenario("deposer")
    intrus = brut["evenements"][0] | {"par": "porteur:intrus", "action": "abandonner", "donnees": {"motif": "non"}}
    brut["evenements"].insert(0, intrus)
    bilan = play(read(brut))
    assert codes(bilan) == [Code.HORS_PERIMETRE]
    assert bilan["dossiers"]["D1"]["etat"] == "depose"
