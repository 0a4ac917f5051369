"""What a person may do on a day: her dated assignments, both ends included."""

from datetime import date

import pytest

from comptes.models import Affectation, Region, Utilisateur
from comptes.roles import Role
from moteur.erreurs import Code, Refus
from tests.fabriques import agir, amener, campagne, personne

pytestmark = pytest.mark.django_db

DU, AU = date(2022, 4, 1), date(2022, 6, 30)


def someone(**affectations: str | None) -> Utilisateur:
    utilisateur = Utilisateur.objects.create(username="marie", last_name="Durand")
    for role, region in affectations.items():
        Affectation.objects.create(utilisateur=utilisateur, role=role, region_id=region, du=DU, au=AU)
    return utilisateur


@pytest.mark.parametrize(
    ("jour", "tenu"),
    [(date(2022, 3, 31), False), (DU, True), (date(2022, 5, 1), True), (AU, True), (date(2022, 7, 1), False)],
)
def test_both_ends_are_included(jour: date, tenu: bool) -> None:
    assert someone(instructeur="76").roles_au(jour) == ({"instructeur": frozenset({"76"})} if tenu else {})


def test_without_end() -> None:
    utilisateur = someone()
    Affectation.objects.create(utilisateur=utilisateur, role=Role.COMPTABLE, region_id="76", du=DU)
    assert utilisateur.roles_au(date(2099, 1, 1)) == {"comptable": frozenset({"76"})}


def test_several_roles_and_regions() -> None:
    utilisateur = someone(instructeur="76", auditeur=None)
    Affectation.objects.create(utilisateur=utilisateur, role=Role.INSTRUCTEUR, region_id="84", du=DU)
    assert utilisateur.roles_au(DU) == {"instructeur": frozenset({"76", "84"}), "auditeur": frozenset({None})}
    assert utilisateur.regions_lues(DU) == {"76", "84"}


@pytest.mark.parametrize("role", Role.values)
def test_who_reads_everything(role: str) -> None:
    tout = role in {"pilote_national", "auditeur", "administrateur"}
    utilisateur = someone(**{role: None})
    assert utilisateur.lit_tout(DU) is tout
    assert utilisateur.regions_lues(DU) == set()
    assert utilisateur.lit_tout(date(2023, 1, 1)) is False


def test_name_shown() -> None:
    assert str(someone()) == "Durand"
    assert str(Utilisateur(username="paul")) == "paul"
    assert str(Region.objects.get(code="76")) == "Occitanie"


def test_a_role_that_ended_opens_no_door() -> None:
    """The day counted is the business day: the last one still opens it."""
    camp = campagne()
    agir(camp.dossier("D1"), "deposer", "porteur", jour="2022-04-01")
    parti = personne("instructeur:parti", du=DU, au=date(2022, 4, 4))
    with pytest.raises(Refus) as refus:
        agir(camp.dossier("D1"), "prendre_en_charge", parti, jour="2022-04-05")
    assert refus.value.code is Code.ROLE_INTERDIT
    encore = personne("instructeur:encore", du=DU, au=date(2022, 4, 5))
    agir(camp.dossier("D1"), "prendre_en_charge", encore, jour="2022-04-05")
    assert camp.dossier("D1").etat == "en_recevabilite"


def test_a_national_role_is_not_a_regional_one() -> None:
    """An instructeur of the national call does not instruct a regional dossier."""
    dossier = amener(campagne().dossier("D1"), "depose")
    with pytest.raises(Refus) as refus:
        agir(dossier, "prendre_en_charge", personne("instructeur", None), jour="2022-04-04")
    assert refus.value.code is Code.HORS_PERIMETRE
