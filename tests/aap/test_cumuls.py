"""SONS orders known to the payment agency, against what a dossier declares."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aap.cumuls import Confrontation, committed, confront
from aap.eligibilite import Verdict
from aap.examen import check_eligibility, context, facts
from aap.models import Dossier
from grappes.commandes import EtatCommande
from grappes.models import CommandeSons, Essms
from tests.fabriques import amener, campagne

pytestmark = pytest.mark.django_db


@pytest.fixture
def dossier() -> Dossier:
    """Filed for « Alpha », nothing declared about SONS."""
    depose = amener(campagne(dossiers=[{"logiciel": "Alpha"}]).dossier("D1"), "depose")
    assert depose.logiciel == "Alpha"
    return depose


def member(dossier: Dossier, rang: int = 0) -> Essms:
    essms: Essms = dossier.grappe.membres.select_related("essms__og")[rang].essms
    return essms


def order(essms: Essms, logiciel: str = "Beta", reference: str = "ASP-1", **dates: Any) -> CommandeSons:
    return CommandeSons.objects.create(
        reference=reference, og=essms.og, essms=essms, logiciel=logiciel, commandee_le=date(2022, 3, 1), **dates
    )


def declare(dossier: Dossier, logiciel: str, rang: int = 0) -> None:
    """As if the porteur had declared it in the snapshot."""
    assert dossier.instantane
    dossier.instantane["essms"][rang]["sons_logiciel"] = logiciel


def sons(dossier: Dossier) -> Verdict:
    return next(verdict for verdict in check_eligibility(dossier) if verdict.regle == "CUMUL_SONS")


def confronted(dossier: Dossier) -> list[Confrontation]:
    faits = facts(dossier)
    return confront(dossier, faits, context(dossier, faits))


def said(verdict: Verdict) -> list[str]:
    assert isinstance(verdict.constat, list)
    return [" ".join(" · ".join(un.values()).split()) for un in verdict.constat]


def test_an_order_kept_silent_is_found_even_after_filing(dossier: Dossier) -> None:
    assert sons(dossier).ok
    essms = member(dossier, 3)
    order(essms)
    verdict = sons(dossier)
    assert verdict.ok is False
    assert said(verdict) == [f"{essms.finess} · Beta · commande SONS ASP-1 du 1er mars 2022, non déclarée"]


def test_an_order_for_the_same_software_is_noted_and_bars_nothing(dossier: Dossier) -> None:
    order(member(dossier), "ALPHA")
    verdict = sons(dossier)
    assert verdict.ok
    assert [mot.endswith("non déclarée (non bloquant)") for mot in said(verdict)] == [True]


def test_a_cancelled_order_bars_nothing(dossier: Dossier) -> None:
    order(member(dossier), annulee_le=date(2022, 4, 1))
    assert (sons(dossier).ok, sons(dossier).constat) == (True, [])


def test_a_declared_order_that_the_agency_knows_is_said_once(dossier: Dossier) -> None:
    declare(dossier, " alpha ")
    order(member(dossier), "Alpha")
    assert (sons(dossier).ok, sons(dossier).constat) == (True, [])
    declare(dossier, "beta")
    order(member(dossier), "Beta", "ASP-2", vague="PDE")
    assert [mot.split(" · ")[2] for mot in said(sons(dossier))] == [
        "commande SONS ASP-2 du 1er mars 2022",
        "commande SONS ASP-1 du 1er mars 2022, non déclarée (non bloquant)",
    ]


def test_a_declared_order_that_the_agency_ignores_is_noted_once_a_file_was_read(dossier: Dossier) -> None:
    declare(dossier, "Alpha")
    assert (sons(dossier).ok, sons(dossier).constat) == (True, [])
    ailleurs = amener(
        campagne(code="OCC-B", dossiers=[{"generer": {"essms": 15, "departements": ["81"]}}]).dossier("D1"), "depose"
    )
    order(member(ailleurs), "Alpha")
    verdict = sons(dossier)
    assert verdict.ok
    assert [mot.split(" · ")[2] for mot in said(verdict)] == [
        "déclarée, sans commande active connue de l'agence de paiement (non bloquant)"
    ]


def test_an_unnamed_upgrade_takes_the_software_the_agency_knows() -> None:
    maj = amener(campagne(dossiers=[{"projet": "montee_de_version"}]).dossier("D1"), "depose")
    order(member(maj, 0), "Beta")
    order(member(maj, 1), "BETA", "ASP-2")
    assert sons(maj).ok
    order(member(maj, 2), "Gamma", "ASP-3")
    assert not sons(maj).ok


def test_a_play_and_the_real_register_ignore_each_other(dossier: Dossier) -> None:
    essms = member(dossier)
    order(essms)
    Essms.objects.filter(pk=essms.pk).update(rejeu="00000000-0000-4000-8000-000000000001")
    assert sons(dossier).ok


def test_a_dossier_is_confronted_with_each_order_of_its_essms(dossier: Dossier) -> None:
    assert confronted(dossier) == []
    order(member(dossier, 0), "alpha", soldee_le=date(2022, 5, 1))
    order(member(dossier, 1), "Beta", "ASP-2")
    meme, autre = confronted(dossier)
    assert (meme.finess, meme.declaree) == (member(dossier, 0).finess, False)
    assert meme.commande.situation is EtatCommande.SOLDEE
    assert [un.regle for un in meme.a_dire] == ["E11"]
    assert [un.regle for un in autre.a_dire] == ["E10", "E11"]


def test_an_upgrade_with_the_same_software_is_compatible() -> None:
    maj = amener(campagne(dossiers=[{"projet": "montee_de_version", "logiciel": "Alpha"}]).dossier("D1"), "depose")
    order(member(maj), "Alpha")
    [une] = confronted(maj)
    assert une.is_compatible
    assert [un.regle for un in une.a_dire] == ["E10"]


def test_committed_credits_are_those_of_another_dossier_from_the_signature_on(dossier: Dossier) -> None:
    finess = member(dossier).finess
    assert committed([finess]) == {}
    signe = amener(dossier, "conventionne")
    autre = committed([finess, "310000028"])[finess]
    assert (autre.dossier, autre.logiciel, autre.segur) == ("D1", "Alpha", True)
    assert committed([finess], sauf=signe) == {}


def test_queries_do_not_grow_with_the_orders(dossier: Dossier) -> None:
    comptes = []
    for rangs in (range(1), range(1, 12)):
        for rang in rangs:
            order(member(dossier, rang), reference=f"ASP-{rang}")
        frais = Dossier.objects.with_rules().get(pk=dossier.pk)
        with CaptureQueriesContext(connection) as requetes:
            confronted(frais)
        comptes.append(len(requetes))
    assert comptes == [5, 5]
