"""Usage indicators: unrounded comparison, exemptions on both sides. Source: regles.md §4."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aap.regles import charger, lire_fichier
from grappes.categories import Secteur
from moteur.erreurs import Code, Refus
from usages.calcul import Cible, Mesure, cibles_atteintes, evaluer, evaluer_par_essms

R2022 = charger(lire_fichier("esms-2022"))
DISPENSE = charger(
    "code = 'x'\nintitule = 'X'\ntexte = 'T'\nen_vigueur = 2025-09-05\n"
    "[[usages.indicateurs]]\ncode = 'MSS'\nlibelle = 'MSS'\n"
    "numerateur = { valeur = 'messages_mss', source = 's', confiance = 'verifie' }\n"
    "denominateur = { valeur = 'personnes', source = 's', confiance = 'verifie' }\n"
    "cible = { valeur = 70, source = 's', confiance = 'verifie' }\n"
    "[[usages.indicateurs.exemptions]]\n"
    "secteur = 'AHI'\nsi_non_eligible_sons = true\nsource = 's'\nconfiance = 'verifie'\n"
)


def mesure(**autres: Any) -> Mesure:
    donnees: dict[str, Any] = {
        "finess": "310000028",
        "secteur": Secteur.PA,
        "personnes": 100,
        "dossiers_actifs": 95,
        "dossiers_avec_projet": 93,
        "dossiers_avec_evenement": 92,
        "messages_mss": 80,
        "dmp_alimentes": 25,
    }
    return Mesure(**{**donnees, **autres})


def mss(*mesures: Mesure) -> Cible:
    return next(cible for cible in evaluer(R2022, mesures) if cible.indicateur == "MSS")


def test_indicators_in_order_and_contract_object() -> None:
    cibles = evaluer(R2022, [mesure()])
    assert [cible.indicateur for cible in cibles] == ["DUI1", "DUI2", "DUI3", "MSS", "DMP"]
    assert cibles[3].as_dict() == {"indicateur": "MSS", "valeur": "80.00", "cible": "70", "atteinte": True}
    assert cibles[0].confiance == "a_confirmer"
    assert cibles_atteintes(cibles)


@pytest.mark.parametrize(
    ("messages", "personnes", "valeur", "atteinte"),
    [
        (6999, 10000, "69.99", False),
        (7000, 10000, "70.00", True),
        (69999, 100000, "69.99", False),  # 69.999: half up would show 70.00
        (699999, 1000000, "69.99", False),
        (712, 1000, "71.20", True),
        (2, 3, "66.67", False),
        (180, 100, "180.00", True),
        (0, 10, "0.00", False),
    ],
)
def test_ratio_is_compared_unrounded(messages: int, personnes: int, valeur: str, atteinte: bool) -> None:
    cible = mss(mesure(messages_mss=messages, personnes=personnes))
    assert (str(cible.valeur), cible.atteinte) == (valeur, atteinte)


def test_zero_denominator_is_not_computable() -> None:
    cible = mss(mesure(personnes=0))
    assert (cible.valeur, cible.atteinte) == (None, None)
    assert cible.as_dict()["valeur"] is None
    assert not cibles_atteintes([cible])


@given(st.integers(0, 10**9), st.integers(1, 10**9))
def test_display_never_contradicts_the_verdict(messages: int, personnes: int) -> None:
    cible = mss(mesure(messages_mss=messages, personnes=personnes))
    assert cible.valeur is not None
    assert cible.atteinte is (Fraction(messages, personnes) >= Fraction(70, 100))
    assert (cible.valeur >= cible.cible) is cible.atteinte
    assert abs(Fraction(cible.valeur) - Fraction(messages * 100, personnes)) < Fraction(1, 100)


def test_aggregate_sums_before_dividing() -> None:
    cible = mss(mesure(messages_mss=0, personnes=10), mesure(finess="2", messages_mss=140, personnes=190))
    assert (cible.numerateur, cible.denominateur, cible.atteinte) == (140, 200, True)


def test_each_essms_alone() -> None:
    par_essms = evaluer_par_essms(R2022, [mesure(), mesure(finess="2", messages_mss=0)])
    assert {finess: cibles_atteintes(cibles) for finess, cibles in par_essms.items()} == {
        "310000028": True,
        "2": False,
    }


def test_exempt_essms_counts_on_neither_side() -> None:
    dispense = mesure(finess="2", secteur=Secteur.AHI, eligible_sons=False, messages_mss=0, personnes=1000)
    (cible,) = evaluer(DISPENSE, [mesure(), dispense])
    assert (cible.numerateur, cible.denominateur) == (80, 100)
    assert evaluer(DISPENSE, [dispense]) == []


def test_exemption_stops_with_sons() -> None:
    tenu = mesure(finess="2", secteur=Secteur.AHI, eligible_sons=True, messages_mss=0)
    assert [cible.atteinte for cible in evaluer(DISPENSE, [tenu])] == [False]


def test_nothing_measured_proves_nothing() -> None:
    assert evaluer(R2022, []) == []
    assert not cibles_atteintes([])


@pytest.mark.parametrize(("code", "regle"), [("esms-2024", "usages.indicateurs"), ("esms-2025-b", "numerateur")])
def test_unknown_targets_are_refused(code: str, regle: str) -> None:
    with pytest.raises(Refus) as refus:
        evaluer(charger(lire_fichier(code)), [mesure()])
    assert refus.value.code is Code.REGLE_NON_RENSEIGNEE
    assert regle in str(refus.value.details["regle"])


@pytest.mark.parametrize("nombre", [-1, 1.5, "3", True, None, Decimal(2)])
def test_counts_are_whole_and_positive(nombre: Any) -> None:
    with pytest.raises(Refus) as refus:
        mesure(personnes=nombre)
    assert refus.value.details == {"finess": "310000028", "champ": "personnes"}
