"""Manual review is asked in four cases, and in no other. Source: systemes.md §3."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fabriques import ATTEINTES
from usages.signalements import Motif, Releve, Signalement, flag

MAI, JUIN = date(2023, 5, 1), date(2023, 6, 1)
UN = "310000028"


def releve(mois: date = JUIN, duree: int = 1, corrections: dict[str, str] | None = None, **autres: int) -> Releve:
    return Releve(mois=mois, duree=duree, chiffres={UN: ATTEINTES | autres}, corrections=corrections or {})


def motifs(signalements: list[Signalement]) -> list[tuple[str, str]]:
    return [(un.motif.value, un.compte) for un in signalements]


def test_nothing_to_say() -> None:
    assert flag(releve(), releve(MAI), deja_declare=False) == []
    assert flag(releve(), None, deja_declare=False) == []


def test_a_declaration_exists() -> None:
    (un,) = flag(releve(), None, deja_declare=True)
    assert (un.motif, un.finess) == (Motif.DEJA_DECLARE, "")
    assert "juin 2023" in un.phrase


def test_a_correction_of_identification() -> None:
    (un,) = flag(releve(corrections={UN: " Renommé "}), None, deja_declare=False)
    assert (un.motif, un.finess) == (Motif.IDENTIFICATION, UN)
    assert flag(releve(corrections={UN: "  "}), None, deja_declare=False) == []


@pytest.mark.parametrize("personnes", [99, 101, 0])
def test_any_change_of_the_headcount(personnes: int) -> None:
    assert motifs(flag(releve(personnes=personnes), releve(MAI), deja_declare=False)) == [("effectif", "personnes")]


@pytest.mark.parametrize(
    ("avant", "apres", "signale"),
    [
        (100, 120, False),
        (100, 80, False),
        (100, 121, True),
        (100, 79, True),
        (0, 0, False),
        (0, 1, True),
        (5, 6, False),
    ],
)
def test_a_figure_beyond_twenty_percent(avant: int, apres: int, signale: bool) -> None:
    obtenu = flag(releve(messages_mss=apres), releve(MAI, messages_mss=avant), deja_declare=False)
    assert motifs(obtenu) == ([("variation", "messages_mss")] if signale else [])


def test_the_first_measure_is_compared_month_for_month() -> None:
    premiere = releve(MAI, duree=3, messages_mss=240, dmp_alimentes=75)
    assert flag(releve(messages_mss=80, dmp_alimentes=25), premiere, deja_declare=False) == []
    (un,) = flag(releve(messages_mss=60, dmp_alimentes=25), premiere, deja_declare=False)
    assert "−25\xa0% par rapport à mai 2023 en moyenne mensuelle (60 contre 240)" in un.phrase


def test_a_variation_says_how_much_and_since_when() -> None:
    (un,) = flag(releve(messages_mss=58), releve(MAI), deja_declare=False)
    assert un.phrase == "Messages MSSanté envoyés\xa0: −27,5\xa0% par rapport à mai 2023 (58 contre 80)."


def test_an_essms_never_declared_varies_from_nothing() -> None:
    avant = Releve(mois=MAI, duree=1, chiffres={"999999999": ATTEINTES})
    assert flag(releve(), avant, deja_declare=False) == []


@given(st.fixed_dictionaries({nom: st.integers(0, 10_000) for nom in ATTEINTES}))
def test_the_same_figures_are_never_flagged(chiffres: dict[str, Any]) -> None:
    assert flag(releve(**chiffres), releve(MAI, **chiffres), deja_declare=False) == []
