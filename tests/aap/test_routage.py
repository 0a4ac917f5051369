"""Routing. Source: regles.md §1 and §6."""

from datetime import date

import pytest

from aap.regles import Regles, charger, lire_fichier
from aap.routage import router
from moteur.erreurs import Code, Refus


@pytest.fixture(scope="module")
def r2022() -> Regles:
    return charger(lire_fichier("esms-2022"))


@pytest.fixture(scope="module")
def r2024() -> Regles:
    return charger(lire_fichier("esms-2024"))


@pytest.mark.parametrize(("essms", "guichet"), [(49, "regional"), (50, "national"), (51, "national")])
@pytest.mark.parametrize("regions", [1, 2])
def test_2022_looks_at_the_number_only(r2022: Regles, essms: int, regions: int, guichet: str) -> None:
    assert router(r2022, essms=essms, regions=regions, territoire="metropole").guichet == guichet


def test_2024_keeps_a_large_one_region_grappe_regional(r2024: Regles) -> None:
    orientation = router(r2024, essms=200, regions=1, territoire="metropole")
    assert orientation.guichet == "regional"
    assert orientation.echeance == date(2024, 9, 15)


def test_2024_national_window_has_no_printed_limit(r2024: Regles) -> None:
    orientation = router(r2024, essms=50, regions=2, territoire="metropole")
    assert (orientation.guichet, orientation.echeance) == ("national", None)


@pytest.mark.parametrize(
    ("territoire", "essms", "recevable"),
    [
        ("metropole", 14, False),
        ("metropole", 15, True),
        ("corse", 7, False),
        ("corse", 8, True),
        ("outre-mer", 7, False),
        ("outre-mer", 8, True),
    ],
)
def test_minimum_by_territory(r2022: Regles, territoire: str, essms: int, recevable: bool) -> None:
    assert router(r2022, essms=essms, regions=1, territoire=territoire).recevable is recevable


def test_missing_threshold_is_refused() -> None:
    with pytest.raises(Refus) as refus:
        router(charger(lire_fichier("esms-2025-b")), essms=15, regions=1, territoire="metropole")
    assert refus.value.code is Code.REGLE_NON_RENSEIGNEE
    assert refus.value.details["regle"] == "routage.national_a_partir_de"
