from datetime import date
from decimal import Decimal

import pytest

from moteur.texte import FINE, INSECABLE, cite, en_euros, en_liste, en_toutes_lettres


@pytest.mark.parametrize(
    ("jour", "texte"),
    [(date(2022, 3, 1), "1er mars 2022"), (date(2022, 8, 2), "2 août 2022"), (date(2023, 12, 31), "31 décembre 2023")],
)
def test_dates(jour: date, texte: str) -> None:
    assert en_toutes_lettres(jour).replace(INSECABLE, " ") == texte
    assert " " not in en_toutes_lettres(jour)


@pytest.mark.parametrize(
    ("elements", "texte"), [([], ""), (["a"], "a"), (["a", "b"], "a et b"), (["a", "b", "c"], "a, b et c")]
)
def test_lists(elements: list[str], texte: str) -> None:
    assert en_liste(elements) == texte


@pytest.mark.parametrize(
    ("montant", "texte"),
    [
        ("0", f"0,00{INSECABLE}€"),
        ("1234.5", f"1{FINE}234,50{INSECABLE}€"),
        ("1145000.00", f"1{FINE}145{FINE}000,00{INSECABLE}€"),
        ("-12.34", f"-12,34{INSECABLE}€"),
    ],
)
def test_amounts(montant: str, texte: str) -> None:
    assert en_euros(Decimal(montant)) == texte


def test_quotations_are_cut_short() -> None:
    assert cite("abc") == f"«{INSECABLE}abc{INSECABLE}»"
    assert len(cite("x" * 10_000)) < 80
