"""SONS scale and conditions. Source: regles.md §3. The total may fall when n grows: never assume growth."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aap.regles import charger, lire_fichier
from aap.sons import bareme, tranche, verifier_commande
from moteur.erreurs import Code, Refus

SONS = charger(lire_fichier("sons-ms1-v1"))
PUBLICATION = date(2022, 2, 12)


@pytest.mark.parametrize(
    ("n", "total"),
    [
        (1, "4000.00"),
        (4, "11680.00"),
        (5, "10950.00"),
        (8, "17520.00"),
        (10, "21900.00"),
        (11, "18073.00"),
        (19, "31217.00"),
        (20, "24640.00"),
        (35, "43120.00"),
        (72, "88704.00"),
        (99, "121968.00"),
        (100, "113300.00"),
    ],
)
def test_totals_checked_on_the_slides(n: int, total: str) -> None:
    assert str(bareme(SONS, n).total) == total


@given(st.integers(1, 100_000))
def test_flat_rate_and_exact_split(n: int) -> None:
    aide = bareme(SONS, n)
    assert aide.total == aide.unitaire * n
    assert aide.avance_30 + aide.solde_70 == aide.total


@pytest.mark.parametrize("n", [0, -1])
def test_no_essms_is_bad_input(n: int) -> None:
    with pytest.raises(Refus) as refus:
        tranche(SONS, n)
    assert refus.value.code is Code.DONNEES_INVALIDES


def test_a_rule_set_without_tranches_refuses() -> None:
    with pytest.raises(Refus) as refus:
        bareme(charger(lire_fichier("esms-2022")), 8)
    assert refus.value.code is Code.REGLE_NON_RENSEIGNEE


@pytest.mark.parametrize(("jours", "eligible"), [(0, True), (120, True), (121, False)])
def test_order_may_precede_the_file_by_120_days(jours: int, eligible: bool) -> None:
    commande = verifier_commande(
        SONS, commande=date(2022, 3, 1), dossier_complet=date(2022, 3, 1) + timedelta(days=jours)
    )
    assert (commande.eligible, commande.jours) == (eligible, jours)


@pytest.mark.parametrize(("decalage", "motif"), [(-1, "COMMANDE_AVANT_PUBLICATION"), (0, "")])
def test_order_from_the_publication_on(decalage: int, motif: str) -> None:
    assert verifier_commande(SONS, commande=PUBLICATION + timedelta(days=decalage)).motif == motif
