"""What people paste, resolved against the register: each number is found, or comes back with its reason."""

from datetime import date
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from grappes.composition import Issue, Resolution, bring_all, resolve, split
from grappes.finess import is_well_formed, with_key
from grappes.models import Essms, OrganismeGestionnaire

JOUR = date(2024, 6, 1)
EJ = with_key("31000001")
ET = [with_key(f"310001{rang:02d}") for rang in range(8)]
ZERO = with_key("01000010")
FERME = with_key("31000200")
REJEU = UUID(int=1)


@pytest.fixture
def registre(db: None) -> OrganismeGestionnaire:
    """An OG with ten establishments, of which one is closed, and one of a play."""
    og = OrganismeGestionnaire.objects.create(finess=EJ, nom="Les Tilleuls")
    communs = {"og": og, "categorie": "500", "departement_id": "31"}
    Essms.objects.bulk_create(Essms(finess=finess, nom=f"EHPAD {finess}", **communs) for finess in [*ET, ZERO])
    Essms.objects.create(finess=FERME, nom="EHPAD FERMÉ", ferme_le=JOUR, **communs)
    autre = OrganismeGestionnaire.objects.create(finess=EJ, nom="Rejoué", rejeu=REJEU)
    Essms.objects.create(finess=with_key("31000300"), nom="Rejoué", rejeu=REJEU, **communs | {"og": autre})
    return og


def issues(resolution: Resolution) -> list[Issue]:
    return [lecture.issue for lecture in resolution.lectures]


@pytest.mark.parametrize(
    "texte",
    [
        f"{ET[0]} {ET[1]}", f"{ET[0]},{ET[1]}", f"{ET[0]};{ET[1]}\r\n", f"{ET[0]}\t{ET[1]}", f"{ET[0]}\n\n{ET[1]}",
        f"• {ET[0]} / {ET[1]}.", f"« {ET[0]} », « {ET[1]} »", f"FINESS : {ET[0]} EHPAD Les Lilas ; {ET[1]} (MAS)",
        f"'{ET[0]}|'{ET[1]}", f"{ET[0]},0;{ET[1]}.00", f"{ET[0][:3]} {ET[0][3:6]} {ET[0][6:]}\n{ET[1]}",
        f"{ET[0][:2]}\u00a0{ET[0][2:]};{ET[1]}",
    ],
)  # fmt: skip
def test_any_separator_will_do(registre: OrganismeGestionnaire, texte: str) -> None:
    resolution = resolve(texte, jour=JOUR)
    assert [essms.finess for essms in resolution.trouves] == ET[:2]
    assert not resolution.ecartees


@pytest.mark.parametrize(
    ("saisi", "issue", "mots"),
    [
        (with_key("31009999"), Issue.INCONNU, ["aucun ESSMS"]),
        ("310000019", Issue.INCONNU, ["clé est fausse"]),
        (FERME, Issue.FERME, ["EHPAD FERMÉ", "1er juin 2024"]),
        (EJ, Issue.JURIDIQUE, ["numéro juridique", ET[0], "4 autres"]),
        (ZERO[1:], Issue.MAL_FORME, ["zéro du début", ZERO]),
        ("31000010", Issue.MAL_FORME, ["9 caractères", "8"]),
        ("3,10E+08", Issue.MAL_FORME, ["notation scientifique"]),
        ("31000A028", Issue.MAL_FORME, ["Corse"]),
    ],
)
def test_each_one_set_aside_says_why(
    registre: OrganismeGestionnaire, saisi: str, issue: Issue, mots: list[str]
) -> None:
    (lecture,) = resolve(saisi, jour=JOUR).lectures
    assert lecture.issue is issue
    assert all(mot in lecture.motif.replace("\u00a0", " ") for mot in mots), lecture.motif
    assert lecture.motif.endswith(".")


def test_a_lost_zero_is_proposed_and_not_decided(registre: OrganismeGestionnaire) -> None:
    resolution = resolve([ZERO[1:]], jour=JOUR)
    assert resolution.trouves == []
    assert resolution.lectures[0].proposition == ZERO
    assert [essms.finess for essms in resolve([resolution.lectures[0].proposition], jour=JOUR).trouves] == [ZERO]


def test_a_legal_body_brings_its_open_establishments(registre: OrganismeGestionnaire) -> None:
    (lecture,) = resolve([EJ], jour=JOUR).lectures
    tous = sorted([*ET, ZERO])
    assert [essms.finess for essms in lecture.de_l_og] == tous
    assert [essms.finess for essms in bring_all(f" {EJ} ", jour=JOUR)] == tous
    assert bring_all(with_key("31009999"), jour=JOUR) == []


def test_the_second_mention_is_a_duplicate(registre: OrganismeGestionnaire) -> None:
    assert issues(resolve([ET[0], ET[1], ET[0].lower()], jour=JOUR)) == [Issue.TROUVE, Issue.TROUVE, Issue.DOUBLON]


def test_it_is_open_until_the_day_before_it_closes(registre: OrganismeGestionnaire) -> None:
    assert issues(resolve([FERME], jour=date(2024, 5, 31))) == [Issue.TROUVE]


def test_a_play_sees_its_own_register(registre: OrganismeGestionnaire) -> None:
    assert issues(resolve([ET[0], with_key("31000300")], jour=JOUR, rejeu=REJEU)) == [Issue.INCONNU, Issue.TROUVE]
    assert len(bring_all(EJ, jour=JOUR, rejeu=REJEU)) == 1


def test_ten_thousand_numbers_cost_as_many_queries_as_three(registre: OrganismeGestionnaire) -> None:
    comptes = []
    for nombre in (0, 10_000):
        numeros = [ET[0], EJ, "1", *(with_key(f"32{rang:06d}") for rang in range(nombre))]
        with CaptureQueriesContext(connection) as requetes:
            lectures = resolve(numeros, jour=JOUR).lectures
            assert [lecture.essms.og.nom for lecture in lectures if lecture.essms] == ["Les Tilleuls"]
        assert len(lectures) == len(numeros)
        comptes.append(len(requetes))
    assert comptes == [3, 3]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.from_regex(r"[0-9][0-9AB][0-9]{7}", fullmatch=True)),
    st.sampled_from([" ", ",", ";", ".", "/", "\n", "\t", " | ", " - "]),
)
def test_numbers_joined_by_a_separator_are_split_again(numeros: list[str], separateur: str) -> None:
    assert list(split(separateur.join(numeros))) == numeros


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.sampled_from("0123456789AB ,;.\n\tE+é'’-\u00a0"), max_size=60))
def test_whatever_is_pasted_is_read(texte: str) -> None:
    for numero in split(texte):
        assert any(lettre.isdigit() for lettre in numero)
        assert numero == numero.strip()


@pytest.mark.django_db
@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(max_size=12).filter(lambda texte: "\0" not in texte), max_size=6))
def test_every_number_comes_back_once_with_a_reason(numeros: list[str]) -> None:
    lectures = resolve(numeros, jour=JOUR).lectures
    assert len(lectures) == len(numeros)
    assert all(lecture.motif for lecture in lectures)
    malformes = [lecture.issue for lecture in lectures if not is_well_formed(lecture.saisi)]
    assert set(malformes) <= {Issue.MAL_FORME, Issue.DOUBLON}
