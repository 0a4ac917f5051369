"""The register: who manages what, the sector of an ESSMS, its share of eligible hours."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from grappes.categories import Secteur
from grappes.models import Essms, Membre, OrganismeGestionnaire
from tests.fabriques import campagne

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("categorie", "secteur"), [("500", Secteur.PA), ("354", Secteur.DOM), ("101", None), ("999", None)]
)
def test_sector_comes_from_the_category(categorie: str, secteur: Secteur | None) -> None:
    assert Essms(categorie=categorie).secteur is secteur


@pytest.mark.parametrize(
    ("eligibles", "totales", "part"),
    [(None, None, Decimal(1)), (0, 10, Decimal(0)), (1, 4, Decimal("0.25")), (10, 10, Decimal(1))],
)
def test_share_of_eligible_hours(eligibles: int | None, totales: int | None, part: Decimal) -> None:
    assert Membre(heures_eligibles=eligibles, heures_totales=totales).part_eligible == part


def test_share_keeps_all_its_digits() -> None:
    assert Membre(heures_eligibles=1, heures_totales=3).part_eligible * 3 == Decimal("0.9999999999999999999999999999")


@pytest.mark.parametrize("finess", ["", "31000002", "3100000281", "31000002A", "AB0000010", "31 000 028"])
def test_form_refuses_a_bad_number(finess: str) -> None:
    with pytest.raises(ValidationError) as refus:
        OrganismeGestionnaire(finess=finess, nom="Association").full_clean()
    assert "finess" in refus.value.message_dict


@pytest.mark.parametrize("finess", ["310000028", "2A0000014", "2B0000012", "970100012"])
def test_form_takes_a_good_number(finess: str) -> None:
    OrganismeGestionnaire(finess=finess, nom="Association").full_clean()


def test_form_says_what_is_wrong_with_a_member() -> None:
    membre = Membre.objects.none().model(
        grappe=campagne().dossier("D1").grappe, essms=Essms.objects.latest("pk"), arrive_le=date(2022, 4, 1)
    )
    with pytest.raises(ValidationError, match="déjà dans la grappe"):
        membre.full_clean()
    membre.parti_le = date(2022, 3, 31)
    with pytest.raises(ValidationError, match="précède l'arrivée"):
        membre.full_clean()


def test_who_left_is_no_longer_present() -> None:
    grappe = campagne().dossier("D1").grappe
    assert grappe.membres.presents().count() == 15
    parti = grappe.membres.presents().order_by("pk")[0]
    parti.parti_le = parti.arrive_le
    parti.save()
    assert grappe.membres.presents().count() == 14
    Membre.objects.create(grappe=grappe, essms=parti.essms, arrive_le=date(2022, 6, 1))
    assert grappe.membres.presents().count() == 15


def test_names_shown() -> None:
    grappe = campagne().dossier("D1").grappe
    og = grappe.og_porteur
    assert str(og) == f"{og.nom} ({og.finess})"
    assert str(grappe.membres.presents().order_by("pk")[0].essms).split()[0].isdigit()
