"""The proof of usage of a dossier, recomputed from its declarations."""

from decimal import Decimal
from typing import Any

import pytest

from moteur.erreurs import Code, Refus
from tests.fabriques import ATTEINTES, MANQUEES, MOTIF, agir, amener, campagne
from usages.models import Declaration
from usages.verification import are_targets_met, funded, latest, missing_measures, targets

pytestmark = pytest.mark.django_db


@pytest.fixture
def dossier(db: None) -> Any:
    return amener(campagne().dossier("D1"), "en_deploiement")


def declare(dossier: Any, mois: str, jour: str, mesures: dict[str, int]) -> None:
    agir(dossier, "declarer_usages", "porteur", jour=jour, mois=mois, mesures={"uniforme": mesures})


def test_nothing_declared_proves_nothing(dossier: Any) -> None:
    assert (latest(dossier), targets(dossier), are_targets_met(dossier)) == (None, [], False)
    assert missing_measures(dossier) == [essms.finess for essms in funded(dossier)]


def test_a_draft_shows_the_ratios_but_proves_nothing(dossier: Any) -> None:
    declare(dossier, "2023-06", "2023-06-30", ATTEINTES)
    assert {cible.atteinte for cible in targets(dossier)} == {True}
    assert missing_measures(dossier) == []
    assert not are_targets_met(dossier)


def test_latest_month_counts_whatever_the_order_of_declaration(dossier: Any) -> None:
    declare(dossier, "2023-06", "2023-07-01", ATTEINTES)
    declare(dossier, "2023-05", "2023-07-02", MANQUEES)
    declaration = latest(dossier)
    assert declaration is not None
    assert declaration.mois.month == 6
    declare(dossier, "2023-07", "2023-07-31", MANQUEES)
    assert {c.indicateur: c.atteinte for c in targets(dossier)}["MSS"] is False


def test_refused_declaration_gives_way_to_the_next(dossier: Any) -> None:
    amener(dossier, "en_verification", mesures=MANQUEES)
    with pytest.raises(Refus) as refus:
        agir(dossier, "constater_cibles", "responsable", jour="2023-07-10")
    assert refus.value.code is Code.CIBLES_NON_ATTEINTES
    manquees: Any = refus.value.details["cibles"]
    assert [c["indicateur"] for c in manquees if not c["atteinte"]] == ["MSS"]
    agir(dossier, "refuser_usages", "instructeur", jour="2023-07-11", **MOTIF)
    assert latest(dossier).etat == "refusee"  # type: ignore[union-attr]
    assert len(missing_measures(dossier)) == 15
    declare(dossier, "2023-06", "2023-07-12", ATTEINTES)
    agir(dossier, "soumettre_usages", "porteur", jour="2023-07-13")
    assert are_targets_met(dossier)
    agir(dossier, "constater_cibles", "responsable", jour="2023-07-14")
    assert sorted(Declaration.objects.values_list("etat", flat=True)) == ["refusee", "validee"]


def test_zero_people_is_not_computable(dossier: Any) -> None:
    amener(dossier, "en_verification", mesures=dict.fromkeys(ATTEINTES, 0))
    assert {(cible.valeur, cible.atteinte) for cible in targets(dossier)} == {(None, None)}
    assert not are_targets_met(dossier)
    with pytest.raises(Refus) as refus:
        agir(dossier, "constater_cibles", "responsable", jour="2023-07-10")
    assert "non calculable" in refus.value.message


def test_one_missing_message_in_a_thousand_fails() -> None:
    """69.99 is shown as 69.99 and fails 70; compared as it is, never rounded."""
    mesures = ATTEINTES | {"personnes": 10_000, "dossiers_actifs": 9_500, "dossiers_avec_projet": 9_000,
                           "dossiers_avec_evenement": 9_000, "messages_mss": 6_999, "dmp_alimentes": 2_000}  # fmt: skip
    dossier = amener(campagne().dossier("D1"), "en_verification", mesures=mesures)
    mss = next(cible for cible in targets(dossier) if cible.indicateur == "MSS")
    assert (mss.valeur, mss.atteinte) == (Decimal("69.99"), False)
    assert not are_targets_met(dossier)


def test_essms_outside_the_aid_owe_no_figures() -> None:
    essms = [{"finess_et": f"3101{rang:04d}0", "categorie": "500", "departement": "31"} for rang in range(16)]
    essms[3]["categorie"] = "101"
    camp = campagne(dossiers=[{"og": [{"finess_ej": "310000010", "essms": essms}]}])
    finess = [un.finess for un in funded(camp.dossier("D1"))]
    assert len(finess) == 15
    assert essms[3]["finess_et"] not in finess
