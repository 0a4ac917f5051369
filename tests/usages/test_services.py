"""Monthly figures and VSR, as the porteur states them."""

from datetime import date
from typing import Any

import pytest

from moteur.erreurs import Code, Refus
from tests.fabriques import ATTEINTES, MOTIF, agir, amener, campagne
from usages.models import Declaration, Mesure, Vsr

pytestmark = pytest.mark.django_db

COMPTES = list(ATTEINTES)


@pytest.fixture
def dossier(db: None) -> Any:
    return amener(campagne().dossier("D1"), "en_deploiement")


def declare(
    dossier: Any, mois: str = "2023-06", jour: str = "2023-06-30", mesures: dict[str, Any] | None = None
) -> Declaration:
    declaration: Declaration = agir(
        dossier, "declarer_usages", "porteur", jour=jour, mois=mois, mesures=mesures or {"uniforme": ATTEINTES}
    )
    return declaration


def refused(dossier: Any, **donnees: Any) -> Refus:
    with pytest.raises(Refus) as refus:
        agir(dossier, "declarer_usages", "porteur", jour="2023-06-30", **donnees)
    assert not Mesure.objects.exists()
    return refus.value


def test_uniform_figures_go_to_every_essms(dossier: Any) -> None:
    declare(dossier)
    assert Mesure.objects.count() == 15
    assert {tuple(getattr(m, compte) for compte in COMPTES) for m in Mesure.objects.all()} == {
        tuple(ATTEINTES.values())
    }


def test_a_draft_is_completed_then_corrected(dossier: Any) -> None:
    un, deux = [membre.essms.finess for membre in dossier.grappe.membres.presents()][:2]
    premiere = declare(dossier, mesures={un: ATTEINTES})
    seconde = declare(dossier, mesures={deux: ATTEINTES, un: ATTEINTES | {"personnes": 120}})
    assert premiere.pk == seconde.pk
    assert dict(Mesure.objects.values_list("finess", "personnes")) == {un: 120, deux: 100}


@pytest.mark.parametrize("mois", ["2023-13", "2023-00", "2023", "juin 2023", "2023-6", "2023-06-01", "", None, 202306])
def test_month_that_is_not_one(dossier: Any, mois: object) -> None:
    assert refused(dossier, mois=mois, mesures={"uniforme": ATTEINTES}).code is Code.DONNEES_INVALIDES


def test_month_to_come(dossier: Any) -> None:
    assert refused(dossier, mois="2023-07", mesures={"uniforme": ATTEINTES}).code is Code.DONNEES_INVALIDES
    assert declare(dossier, "2023-07", "2023-07-01").mois == date(2023, 7, 1)


@pytest.mark.parametrize("compte", COMPTES)
@pytest.mark.parametrize("valeur", [-1, 1.5, "100", True, None, 10**9])
def test_a_count_is_a_whole_number(dossier: Any, compte: str, valeur: object) -> None:
    refus = refused(dossier, mois="2023-06", mesures={"uniforme": ATTEINTES | {compte: valeur}})
    assert refus.code is Code.DONNEES_INVALIDES
    assert compte in refus.message


def test_missing_or_unknown_count(dossier: Any) -> None:
    sans = {nom: valeur for nom, valeur in ATTEINTES.items() if nom != "messages_mss"}
    assert "messages_mss" in refused(dossier, mois="2023-06", mesures={"uniforme": sans}).message
    assert "fax" in refused(dossier, mois="2023-06", mesures={"uniforme": ATTEINTES | {"fax": 3}}).message


def test_more_files_with_a_plan_than_files(dossier: Any) -> None:
    trop = ATTEINTES | {"dossiers_actifs": 92}
    assert refused(dossier, mois="2023-06", mesures={"uniforme": trop}).code is Code.DONNEES_INVALIDES


def test_essms_of_another_grappe(dossier: Any) -> None:
    refus = refused(dossier, mois="2023-06", mesures={"310000028": ATTEINTES})
    assert refus.details == {"essms": ["310000028"]}


def test_submitted_month_is_closed_until_refused(dossier: Any) -> None:
    amener(dossier, "en_verification")
    with pytest.raises(Refus) as refus:
        declare(dossier)
    assert refus.value.code is Code.TRANSITION_INTERDITE
    agir(dossier, "refuser_usages", "instructeur", jour="2023-07-05", **MOTIF)
    assert declare(dossier, jour="2023-07-06").etat == "brouillon"
    assert sorted(Declaration.objects.values_list("etat", flat=True)) == ["brouillon", "refusee"]


def test_vsr_once_and_never_ahead(dossier: Any) -> None:
    for le, jour in (("2023-07-02", "2023-07-01"), ("2023-02-30", "2023-07-01")):
        with pytest.raises(Refus) as refus:
            agir(dossier, "prononcer_vsr", "porteur", jour=jour, le=le)
        assert refus.value.code is Code.DONNEES_INVALIDES
    agir(dossier, "prononcer_vsr", "porteur", jour="2023-07-01", le="2023-06-15")
    assert Vsr.objects.get().prononcee_le == date(2023, 6, 15)
    with pytest.raises(Refus) as refus:
        agir(dossier, "prononcer_vsr", "porteur", jour="2023-07-02", le="2023-07-02")
    assert refus.value.code is Code.DONNEES_INVALIDES


@pytest.mark.parametrize("action", ["declarer_usages", "prononcer_vsr"])
def test_only_while_deploying(action: str) -> None:
    dossier = amener(campagne().dossier("D1"), "conventionne")
    donnees = (
        {"mois": "2022-10", "mesures": {"uniforme": ATTEINTES}} if action == "declarer_usages" else {"le": "2022-10-01"}
    )
    with pytest.raises(Refus) as refus:
        agir(dossier, action, "porteur", jour="2022-11-01", **donnees)
    assert refus.value.code is Code.TRANSITION_INTERDITE
