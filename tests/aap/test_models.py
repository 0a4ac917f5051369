"""Windows as predicates, the last day to commit, who may read a dossier, what filing freezes."""

from datetime import date

import pytest

from aap.models import Aap, Dossier, Fenetre
from comptes.models import Affectation
from comptes.roles import Role
from grappes.categories import Secteur
from grappes.projets import Projet
from tests.fabriques import amener, campagne, personne

JOUR = date(2022, 5, 1)


def fenetre(**cles: object) -> Fenetre:
    return Fenetre(**({"code": "F", "ouvre": date(2022, 3, 15), "ferme": date(2022, 9, 30)} | cles))


@pytest.mark.parametrize(
    ("jour", "ouverte"),
    [(date(2022, 3, 14), False), (date(2022, 3, 15), True), (date(2022, 9, 30), True), (date(2022, 10, 1), False)],
)
def test_window_days_are_included(jour: date, ouverte: bool) -> None:
    assert fenetre().is_open(jour) is ouverte


def test_window_closed_early() -> None:
    close = fenetre(close_le=date(2022, 6, 1))
    assert close.is_open(date(2022, 6, 1))
    assert not close.is_open(date(2022, 6, 2))
    assert fenetre(close_le=date(2023, 1, 1)).dernier_jour == date(2022, 9, 30)


@pytest.mark.parametrize(
    ("cles", "prend"),
    [
        ({}, True),
        ({"projets": ["acquisition"]}, True),
        ({"projets": ["montee_de_version"]}, False),
        ({"secteurs": ["PA", "PH"]}, True),
        ({"secteurs": ["PA"]}, False),
        ({"multi_region": False}, True),
        ({"multi_region": True}, False),
    ],
)
def test_window_takes(cles: dict[str, object], prend: bool) -> None:
    secteurs = [Secteur.PA, Secteur.PH]
    assert fenetre(**cles).takes(Projet.ACQUISITION, secteurs, multi_region=False) is prend


@pytest.mark.django_db
def test_last_day_to_commit() -> None:
    aap = campagne().aap
    assert aap.limite_engagement == date(2022, 12, 30)
    aap.dernier_engagement = date(2023, 3, 31)
    assert aap.limite_engagement == date(2023, 3, 31)
    assert campagne(code="X", reglement="esms-2024").aap.limite_engagement is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("qui", "region", "voit"),
    [
        ("porteur", None, {"OCC-2022"}),
        ("porteur:autre", None, set()),
        ("instructeur", "76", {"OCC-2022"}),
        ("conseiller_grades", "84", {"ARA-2022"}),
        ("comptable", "84", {"ARA-2022"}),
        ("auditeur", None, {"OCC-2022", "ARA-2022"}),
        ("pilote_national", None, {"OCC-2022", "ARA-2022"}),
        ("administrateur", None, {"OCC-2022", "ARA-2022"}),
        ("instructeur", "11", set()),
    ],
)
def test_who_reads_what(qui: str, region: str | None, voit: set[str]) -> None:
    campagne(dossiers=[{"porteur": "porteur"}])
    campagne(code="ARA-2022", region="84", dossiers=[{"porteur": "porteur:ara"}])
    lecteur = personne(qui, "76" if qui.startswith("porteur") else region)
    vus = Dossier.objects.visible_to(lecteur, JOUR)
    assert {dossier.aap.code for dossier in vus} == voit


@pytest.mark.django_db
def test_reading_ends_with_the_assignment() -> None:
    campagne()
    lecteur = personne("instructeur:parti", du=date(2022, 1, 1), au=JOUR)
    assert Dossier.objects.visible_to(lecteur, JOUR).count() == 1
    assert Dossier.objects.visible_to(lecteur, date(2022, 5, 2)).count() == 0


@pytest.mark.django_db
def test_a_dossier_is_read_once_even_by_two_titles() -> None:
    camp = campagne()
    porteur = camp.personne("porteur")
    Affectation.objects.create(utilisateur=porteur, role=Role.INSTRUCTEUR, region_id="76", du=date(2022, 1, 1))
    assert Dossier.objects.visible_to(porteur, JOUR).count() == 1


@pytest.mark.django_db
def test_filing_freezes_what_the_grappe_states() -> None:
    camp = campagne()
    dossier = amener(camp.dossier("D1"), "depose")
    parti = dossier.grappe.membres.presents().order_by("pk")[0]
    parti.parti_le = parti.arrive_le
    parti.save()
    faits = camp.dossier("D1").faits_deposes
    assert faits is not None
    assert len(faits.essms) == 15
    assert faits.og_porteur == dossier.grappe.og_porteur.finess


@pytest.mark.django_db
def test_filing_delivers_a_receipt() -> None:
    dossier = amener(campagne().dossier("D1"), "depose")
    recu = dossier.recus.get()
    assert recu.delivre_le == dossier.depose_le
    assert (recu.entree.action, recu.entree.chaine) == ("deposer", dossier.chaine)
    assert len(recu.empreinte) == 64


def test_names_shown() -> None:
    assert str(Dossier(reference="D1")) == "D1"
    assert str(Aap(code="OCC-2022")) == "OCC-2022"
    assert str(fenetre()) == "F"
