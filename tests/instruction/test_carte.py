"""The map: every département once, nowhere twice, and what it shows is what it was given."""

import csv
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from instruction.carte import NIVEAUX, draw, places

DEPARTEMENTS = Path(__file__).parents[2] / "fixtures" / "departements.csv"
CODES = [ligne["code"] for ligne in csv.DictReader(DEPARTEMENTS.read_text(encoding="utf-8").splitlines())]


def test_each_departement_has_its_own_place():
    assert sorted(places()) == sorted(CODES)
    assert len(set(places().values())) == len(CODES) == 101


def test_neighbours_are_where_one_looks_for_them():
    """North above south, west before east: the map is read like a map."""
    for haut, bas in (("59", "75"), ("75", "18"), ("18", "63"), ("63", "34"), ("67", "68"), ("2B", "2A"), ("14", "33")):
        assert places()[haut][1] < places()[bas][1], (haut, bas)
    for gauche, droite in (("29", "35"), ("35", "75"), ("75", "67"), ("33", "69"), ("31", "13"), ("13", "06")):
        assert places()[gauche][0] < places()[droite][0], (gauche, droite)


@given(st.dictionaries(st.sampled_from(CODES), st.integers(1, 500), max_size=30))
def test_the_map_shows_all_and_only_what_it_is_given(nombres: dict[str, int]):
    carte = draw(nombres)
    assert {case.code: case.nombre for case in carte.cases if case.nombre} == nombres
    assert len(carte.cases) == len(CODES)
    for case in carte.cases:
        assert (case.niveau == 0) == (case.nombre == 0)
        assert case.niveau <= NIVEAUX
        assert 0 <= case.x <= carte.largeur - carte.cote
        assert 0 <= case.y <= carte.hauteur - carte.cote
    if nombres:
        assert max(carte.cases, key=lambda case: case.nombre).niveau == NIVEAUX
