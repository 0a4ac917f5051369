"""FINESS numbers. Source: regles.md §11.1, real rows of the public register."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grappes.finess import has_valid_key, is_well_formed, with_key

REELS = [
    "010000024",
    "010780054",
    "970210126",
    "980501506",
    "970302287",
    "970216057",
    "590799730",
    "2A0000170",
]

PREFIXES = st.builds(
    lambda premier, second, reste: f"{premier}{second}{reste}",
    st.sampled_from(string.digits),
    st.sampled_from(string.digits + "AB"),
    st.text(string.digits, min_size=6, max_size=6),
)


@pytest.mark.parametrize("numero", REELS)
def test_real_numbers_are_valid(numero: str) -> None:
    assert is_well_formed(numero)
    assert has_valid_key(numero)


@pytest.mark.parametrize(
    "numero",
    [
        "",
        "01000002",
        "0100000240",
        "01000002A",
        "A10000024",
        "2a0000170",
        "01 000024",
        "010000024\n",
        "٠10000024",
    ],
)
def test_malformed_numbers_are_refused(numero: str) -> None:
    assert not is_well_formed(numero)
    assert not has_valid_key(numero)


@given(PREFIXES)
def test_key_completes_any_prefix(prefixe: str) -> None:
    numero = with_key(prefixe)
    assert numero.startswith(prefixe)
    assert is_well_formed(numero)
    assert has_valid_key(numero)


@given(PREFIXES, st.integers(0, 8), st.sampled_from(string.digits))
def test_one_altered_digit_is_detected(prefixe: str, rang: int, chiffre: str) -> None:
    numero = with_key(prefixe)
    altere = numero[:rang] + chiffre + numero[rang + 1 :]
    # A and B carry the values 1 and 2: those two exchanges are the only ones it cannot see.
    invisible = altere == numero or {numero[rang], chiffre} in ({"A", "1"}, {"B", "2"})
    assert has_valid_key(altere) is invisible


@pytest.mark.parametrize("prefixe", ["0100000", "010000024", "0A-00001", ""])
def test_key_needs_eight_characters(prefixe: str) -> None:
    with pytest.raises(ValueError, match="first 8 characters"):
        with_key(prefixe)
