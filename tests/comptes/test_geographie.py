"""The regions and départements loaded by the migrations. Source: regles.md §11.4."""

import pytest

from comptes.models import Departement, Region
from grappes.finess import has_valid_key
from grappes.models import Essms, OrganismeGestionnaire
from instruction.peuplement import Numeros, departements
from moteur.erreurs import Refus
from tests.fabriques import campagne

pytestmark = pytest.mark.django_db


def test_eighteen_regions_and_101_departements() -> None:
    assert Region.objects.count() == 18
    assert Departement.objects.count() == 101
    assert set(Departement.objects.values_list("region", flat=True)) == set(
        Region.objects.values_list("code", flat=True)
    )


def test_every_code_is_there_once() -> None:
    metropole = {f"{numero:02d}" for numero in range(1, 96)} - {"20"} | {"2A", "2B"}
    outre_mer = {"971": "9A", "972": "9B", "973": "9C", "974": "9D", "976": "9F"}
    codes = dict(Departement.objects.values_list("code", "finess"))
    assert set(codes) == metropole | set(outre_mer)
    assert {code: codes[code] for code in outre_mer} == outre_mer
    assert all(codes[code] == code for code in metropole)


@pytest.mark.parametrize(
    ("departement", "region"), [("31", "76"), ("2A", "94"), ("2B", "94"), ("75", "11"), ("974", "04"), ("976", "06")]
)
def test_some_regions(departement: str, region: str) -> None:
    assert Departement.objects.get(code=departement).region_id == region


def test_known_by_both_codes() -> None:
    connus = departements()
    assert (connus["971"], connus["9A"], connus["31"]) == ("971", "971", "31")
    assert "20" not in connus


@pytest.mark.parametrize("departement", ["01", "2A", "31", "971", "974", "976"])
def test_invented_numbers_are_valid_and_distinct(departement: str) -> None:
    numeros = Numeros(None)
    donnes = [numeros.next_et(departement) for _ in range(300)] + [numeros.next_ej(departement) for _ in range(300)]
    assert len(set(donnes)) == 600
    assert all(has_valid_key(numero) for numero in donnes)


def test_invented_numbers_avoid_the_register() -> None:
    campagne(dossiers=2)
    pris = {
        *Essms.objects.values_list("finess", flat=True),
        *OrganismeGestionnaire.objects.values_list("finess", flat=True),
    }
    numeros = Numeros(None)
    assert {numeros.next_et("31") for _ in range(20)} & pris == set()
    assert {numeros.next_ej("31") for _ in range(20)} & pris == set()


def test_numbers_run_out_with_a_sentence() -> None:
    numeros = Numeros(None)
    numeros._suivants["97019"] = 998
    assert numeros.next_et("971").startswith("97019999")
    with pytest.raises(Refus, match="971"):
        numeros.next_et("971")
