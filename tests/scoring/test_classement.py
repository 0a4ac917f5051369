"""Ranking: explained, exact, and the same whatever the order of the candidates."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aap.regles import Critere, Grille, Valeur, charger, lire_fichier
from moteur.erreurs import Code, Refus
from scoring.classement import Candidat, classer, show_points, valider_notes

DEBUT = datetime(2022, 4, 1, 8, tzinfo=UTC)


def critere(code: str, poids: int) -> Critere:
    return Critere(
        code=code,
        libelle=code.upper(),
        poids=Valeur[Decimal](valeur=Decimal(poids), source="test", confiance="verifie"),
        source="test",
        confiance="verifie",
    )


GRILLE = Grille(criteres=(critere("a", 60), critere("b", 40)))


def candidat(ref: str, *notes: tuple[str, str], minutes: int = 0) -> Candidat:
    return Candidat(
        ref=ref,
        depose_le=DEBUT + timedelta(minutes=minutes),
        notes=tuple({"a": Decimal(a), "b": Decimal(b)} for a, b in notes),
    )


PARTS = st.decimals(0, 1, places=4)
CANDIDATS = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.lists(st.tuples(st.sampled_from(["0.5", "0.8", "1"]), PARTS.map(str)), min_size=1, max_size=3),
    ),
    min_size=1,
    max_size=6,
).map(lambda lignes: [candidat(f"D{rang}", *notes, minutes=minutes) for rang, (minutes, notes) in enumerate(lignes)])


def test_points_are_mean_times_weight_and_explained() -> None:
    (premier, second) = classer(GRILLE, [candidat("D1", ("0.8", "0.5"), ("0.7", "0.5")), candidat("D2", ("1", "1"))])
    assert (premier.ref, premier.rang, premier.total) == ("D2", 1, Fraction(100))
    assert second.points == {"a": Fraction(45), "b": Fraction(20)}
    assert second.as_dict() == {
        "rang": 2,
        "ref": "D1",
        "total": "65.0000",
        "points": {"a": "45.0000", "b": "20.0000"},
    }


def test_a_mean_over_three_evaluators_stays_exact() -> None:
    tiers = candidat("D1", ("0", "0"), ("0", "0"), ("0.1", "0"))
    (seul,) = classer(GRILLE, [tiers])
    assert seul.total == 2
    assert show_points(Fraction(2, 3)) == "0.6667"


def test_ties_go_to_the_earliest_filing_then_to_the_reference() -> None:
    egaux = [
        candidat("D3", ("1", "0"), minutes=5),
        candidat("D2", ("1", "0")),
        candidat("D1", ("1", "0"), minutes=5),
    ]
    assert [classe.ref for classe in classer(GRILLE, egaux)] == ["D2", "D1", "D3"]


@given(CANDIDATS, st.randoms())
def test_order_of_the_candidates_plays_no_part(candidats: list[Candidat], hasard: Any) -> None:
    melanges = list(candidats)
    hasard.shuffle(melanges)
    classement = classer(GRILLE, candidats)
    assert classer(GRILLE, melanges) == classement
    assert [classe.rang for classe in classement] == list(range(1, len(candidats) + 1))
    cles = [(-classe.total, classe.depose_le, classe.ref) for classe in classement]
    assert cles == sorted(cles)
    assert all(classe.total == sum(classe.points.values()) for classe in classement)


def test_no_weight_no_ranking() -> None:
    grille = charger(lire_fichier("esms-2022")).grille
    assert grille is not None
    with pytest.raises(Refus) as refus:
        classer(grille, [candidat("D1", ("1", "1"))])
    assert refus.value.code is Code.REGLE_NON_RENSEIGNEE
    assert refus.value.details["regle"] == "grille.criteres.equilibre_territorial.poids"


def test_candidate_without_evaluation_is_refused() -> None:
    with pytest.raises(Refus) as refus:
        classer(GRILLE, [candidat("D1")])
    assert refus.value.code is Code.EVALUATIONS_INCOMPLETES


def test_same_candidate_twice_is_refused() -> None:
    with pytest.raises(Refus) as refus:
        classer(GRILLE, [candidat("D1", ("1", "1")), candidat("D1", ("0", "0"))])
    assert refus.value.code is Code.DONNEES_INVALIDES


@pytest.mark.parametrize(
    ("notes", "attendu"),
    [
        ({"uniforme": "0.8"}, {"a": Decimal("0.8"), "b": Decimal("0.8")}),
        ({"a": "0", "b": Decimal("0.1234")}, {"a": Decimal(0), "b": Decimal("0.1234")}),
        ({"a": "1", "b": "0.50000"}, {"a": Decimal(1), "b": Decimal("0.5")}),
    ],
)
def test_marks_are_read(notes: dict[str, Any], attendu: dict[str, Decimal]) -> None:
    assert valider_notes(GRILLE, notes) == attendu


@pytest.mark.parametrize(
    ("notes", "critere"),
    [
        ({}, "a"),
        ({"a": "0.5"}, "b"),
        ({"a": "0.5", "b": "0.5", "c": "1"}, "c"),
        ({"uniforme": "0.5", "a": "1"}, "uniforme"),
        ({"a": "1.01", "b": "0"}, "a"),
        ({"a": "0", "b": "-0.1"}, "b"),
        ({"a": "0.12345", "b": "0"}, "a"),
        ({"a": "un", "b": "0"}, "a"),
        ({"a": "NaN", "b": "0"}, "a"),
        ({"a": "1e-999999", "b": "0"}, "a"),
        ({"uniforme": 0.8}, "uniforme"),
        ({"uniforme": True}, "uniforme"),
        ({"uniforme": None}, "uniforme"),
    ],
)
def test_bad_marks_name_their_criterion(notes: dict[str, Any], critere: str) -> None:
    with pytest.raises(Refus) as refus:
        valider_notes(GRILLE, notes)
    assert refus.value.code is Code.DONNEES_INVALIDES
    assert refus.value.details == {"critere": critere}
