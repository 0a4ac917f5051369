from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moteur.argent import euros, moities


@pytest.mark.parametrize(
    ("montant", "arrondi"),
    [
        ("0.005", "0.01"), ("0.004999", "0.00"), ("1.015", "1.02"), ("1.025", "1.03"), ("-0.005", "-0.01"),
        ("7", "7.00"), ("304071.428571", "304071.43"),
    ],
)  # fmt: skip
def test_half_a_cent_goes_up(montant: str, arrondi: str) -> None:
    assert str(euros(montant)) == arrondi
    assert str(euros(Decimal(montant))) == arrondi


@pytest.mark.parametrize(
    ("total", "part", "premiere", "seconde"),
    [
        ("989000.00", "0.5", "494500.00", "494500.00"),
        ("304071.43", "0.5", "152035.72", "152035.71"),
        ("0.01", "0.5", "0.01", "0.00"),
        ("100.00", "0.3", "30.00", "70.00"),
        ("100.00", "1", "100.00", "0.00"),
    ],
)
def test_two_parts(total: str, part: str, premiere: str, seconde: str) -> None:
    assert moities(Decimal(total), Decimal(part)) == (Decimal(premiere), Decimal(seconde))


@given(
    total=st.decimals("0.00", "99999999.99", places=2),
    part=st.decimals("0", "1", places=4),
)
def test_no_cent_is_lost(total: Decimal, part: Decimal) -> None:
    premiere, seconde = moities(total, part)
    assert premiere + seconde == total
    assert premiere == euros(premiere) >= 0
    assert seconde == euros(seconde) >= 0
