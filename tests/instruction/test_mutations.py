"""succes.json changed at random: whatever it becomes, the command answers, in JSON, with a status it documents."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.instruction.test_contrat import SUCCES, run

Chemin = tuple[str | int, ...]

ORIGINE = SUCCES.read_text("utf-8")
VALEURS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([0, -1, 1, 10**12, 10**30, 1.5, 1e308]),
    st.sampled_from(["", " ", "D1", "é" * 300, "\x00", "\ud800", "2022-04-01", "0001-01-01", "9999-12-31", "1e999"]),
    st.sampled_from(["porteur", "comptable", "responsable:b", "31", "2A", "9A", "montee_de_version", "AHI", "tous"]),
    st.text(max_size=10),
    st.just([]),
    st.just({}),
)


def paths(noeud: Any, ici: Chemin = ()) -> Iterator[Chemin]:
    """Every place of a JSON value below its root."""
    fils = noeud.items() if isinstance(noeud, dict) else enumerate(noeud) if isinstance(noeud, list) else []
    for cle, valeur in fils:
        yield (*ici, cle)
        yield from paths(valeur, (*ici, cle))


def parent(scenario: Any, chemin: Chemin) -> Any:
    for cle in chemin[:-1]:
        scenario = scenario[cle]
    return scenario


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """The scenario after one to three changes: a key removed, a value replaced, or two values swapped."""
    scenario = json.loads(ORIGINE)
    scenario["dossiers"][0]["generer"]["essms"] = 15
    for _ in range(draw(st.integers(1, 3))):
        places = list(paths(scenario))
        if not places:
            break
        ici = draw(st.sampled_from(places))
        geste = draw(st.sampled_from(["remove", "replace", "swap"]))
        if geste == "remove":
            del parent(scenario, ici)[ici[-1]]
        elif geste == "replace":
            parent(scenario, ici)[ici[-1]] = draw(VALEURS)
        else:
            autre = draw(st.sampled_from(places))
            un, deux = parent(scenario, ici), parent(scenario, autre)
            un[ici[-1]], deux[autre[-1]] = json.loads(json.dumps([deux[autre[-1]], un[ici[-1]]]))
    return scenario


@pytest.mark.django_db
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(scenario=mutated())
def test_never_a_traceback_always_json(tmp_path: Path, scenario: Any) -> None:
    chemin = tmp_path / "scenario.json"
    chemin.write_text(json.dumps(scenario), "utf-8")
    statut, sortie, erreur = run(str(chemin), "--json")
    assert statut in (0, 1, 2)
    assert erreur == ""
    ecrit = json.loads(sortie)
    if statut == 0:
        assert ecrit["journal_intact"] is True
        assert all(refus["message"] for refus in ecrit["refus"])
    else:
        assert ecrit["code"] == "DONNEES_INVALIDES" or statut == 1
        assert "Traceback" not in ecrit["message"]


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    contenu=st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda t: t.encode("utf-8", "surrogatepass")))
)
def test_any_bytes_are_answered(tmp_path: Path, contenu: bytes) -> None:
    chemin = tmp_path / "scenario.json"
    chemin.write_bytes(contenu)
    statut, sortie, erreur = run(str(chemin), "--json")
    assert (statut, erreur) == (2, "")
    assert json.loads(sortie)["code"] == "DONNEES_INVALIDES"
