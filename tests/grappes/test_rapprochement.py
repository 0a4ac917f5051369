"""Suggestions: who completes the grappe first, in an order nobody can dispute."""

from collections.abc import Collection

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grappes.rapprochement import Candidat, Suggestion, suggest

OUTRE_MER = {"94", "04"}


def minimum(regions: Collection[str]) -> int:
    return 8 if set(regions) <= OUTRE_MER else 15


def candidat(cle: str, nombre: int = 6, *, og: str = "", projet: str = "acquisition", secteur: str = "PA",
             departement: str = "31", region: str = "76") -> Candidat:  # fmt: skip
    return Candidat(
        cle=cle, nom=cle, ogs=frozenset({og or cle}), projet=projet, nombre=nombre, secteurs=frozenset({secteur}),
        departements=frozenset({departement}), regions=frozenset({region}),
    )  # fmt: skip


MOI = candidat("moi", 9)


def order(*candidats: Candidat) -> list[str]:
    return [une.candidat.cle for une in suggest(MOI, candidats, minimum)]


def test_who_completes_comes_first_then_who_leaves_least_missing() -> None:
    assert order(candidat("un", 1), candidat("six", 6, secteur="AHI", region="11"), candidat("cinq", 5)) == [
        "six", "cinq", "un",
    ]  # fmt: skip


def test_then_sector_département_region() -> None:
    loin = candidat("a", secteur="AHI", departement="75", region="11")
    region = candidat("b", secteur="AHI", departement="81")
    departement = candidat("c", secteur="AHI")
    secteur = candidat("d", departement="75", region="11")
    assert order(loin, region, departement, secteur) == ["d", "c", "b", "a"]


@pytest.mark.parametrize("autre", [MOI, candidat("x", projet="montee_de_version"), candidat("y", og="moi")])
def test_neither_itself_nor_its_own_og_nor_another_project(autre: Candidat) -> None:
    assert order(autre) == []


def test_the_reasons_are_told() -> None:
    (une,) = suggest(MOI, [candidat("b", 7)], minimum)
    assert [raison.replace("\u00a0", " ") for raison in une.raisons] == [
        "À vous deux : 16 ESSMS, le minimum de 15 est atteint.", "Même secteur : PA.", "Même département : 31.",
    ]  # fmt: skip
    (une,) = suggest(MOI, [candidat("b", 2, secteur="PH", departement="81")], minimum)
    assert [raison.replace("\u00a0", " ") for raison in une.raisons] == [
        "À vous deux : 11 ESSMS, il en manquerait encore 4 pour atteindre le minimum de 15.", "Même région.",
    ]  # fmt: skip


def test_the_minimum_is_that_of_where_both_are() -> None:
    corse = candidat("corse", 5, departement="2A", region="94")
    assert [une.manque for une in suggest(corse, [candidat("b", 3, region="04"), candidat("c", 3)], minimum)] == [0, 7]


CANDIDATS = st.builds(
    candidat,
    st.integers(0, 30).map(str), st.integers(1, 30), og=st.sampled_from("abcdef"),
    projet=st.sampled_from(["acquisition", "montee_de_version"]), secteur=st.sampled_from(["PA", "PH"]),
    departement=st.sampled_from(["31", "81", "2A"]), region=st.sampled_from(["76", "94"]),
)  # fmt: skip


@given(CANDIDATS, st.lists(CANDIDATS, unique_by=lambda un: un.cle), st.randoms())
def test_the_order_is_total_and_useful(moi: Candidat, autres: list[Candidat], hasard: object) -> None:
    suggestions = suggest(moi, autres, minimum)
    melange = list(autres)
    hasard.shuffle(melange)  # type: ignore[attr-defined]
    assert suggest(moi, melange, minimum) == suggestions
    manques = [une.manque for une in suggestions]
    assert manques == sorted(manques), "who completes never comes after who does not"
    assert all(lawful(moi, une) for une in suggestions)
    assert len(suggestions) == sum(
        un.cle != moi.cle and un.projet == moi.projet and un.ogs.isdisjoint(moi.ogs) for un in autres
    )


def lawful(moi: Candidat, une: Suggestion) -> bool:
    return (
        une.candidat.cle != moi.cle
        and une.total == moi.nombre + une.candidat.nombre
        and une.complete is (une.total >= minimum(moi.regions | une.candidat.regions))
        and bool(une.raisons)
    )
