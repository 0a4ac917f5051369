"""What money does when a dossier moves: in its convention, its payments, its recovery and its envelope."""

from decimal import Decimal

import pytest

from aap.models import Dossier
from conventions.models import Reversement
from moteur.erreurs import Code, Refus
from moteur.porte import franchir
from tests.fabriques import AIDE, agir, amener, campagne, personne

pytestmark = pytest.mark.django_db


def states(dossier: Dossier) -> tuple[str, list[str]]:
    convention = Dossier.objects.get(pk=dossier.pk).convention
    return convention.etat, [versement.etat for versement in convention.versements.order_by("rang", "pk")]


@pytest.mark.parametrize(
    ("etat", "convention", "versements"),
    [
        ("notifie", "en_signature", []),
        ("conventionne", "signee", ["propose", "propose"]),
        ("en_deploiement", "signee", ["execute", "propose"]),
        ("cibles_atteintes", "signee", ["execute", "propose"]),
        ("solde", "signee", ["execute", "execute"]),
        ("clos", "echue", ["execute", "execute"]),
        ("en_reversement", "resiliee", ["execute", "annule"]),
    ],
)
def test_convention_and_payments_follow(etat: str, convention: str, versements: list[str]) -> None:
    assert states(amener(campagne().dossier("D1"), etat)) == (convention, versements)


def test_amount_of_the_convention_is_the_aid_granted() -> None:
    dossier = amener(campagne().dossier("D1"), "conventionne")
    assert dossier.convention.montant == dossier.aide == Decimal(AIDE)
    assert sum(versement.montant for versement in dossier.convention.versements.all()) == Decimal(AIDE)


def test_recovery_is_ordered_for_what_was_paid() -> None:
    camp = campagne()
    amener(camp.dossier("D1"), "en_reversement")
    reversement = Reversement.objects.get()
    assert (reversement.etat, reversement.montant) == ("emis", Decimal("161250.00"))
    agir(camp.dossier("D1"), "cloturer", "comptable", jour="2024-07-01")
    assert Reversement.objects.get().etat == "recouvre"
    assert camp.enveloppe.position().verse == 0


def test_recovered_then_closed_is_taken_back_once() -> None:
    camp = campagne()
    amener(camp.dossier("D1"), "en_reversement")
    franchir(Reversement.objects.get(), "recouvrer", personne("comptable"))
    agir(camp.dossier("D1"), "cloturer", "comptable", jour="2024-07-01")
    position = camp.enveloppe.position()
    assert position.engage == position.verse == 0


def test_failure_before_the_deadline_writes_nothing() -> None:
    camp = campagne()
    dossier = amener(camp.dossier("D1"), "en_deploiement")
    avant = camp.enveloppe.position()
    with pytest.raises(Refus) as refus:
        agir(dossier, "constater_echec", "responsable", jour="2024-04-21", motif="Trop tôt.")
    assert refus.value.code is Code.DELAI_NON_ECHU
    assert states(dossier) == ("signee", ["execute", "propose"])
    assert camp.enveloppe.position() == avant
    assert not Reversement.objects.exists()


def test_a_refused_signature_commits_nothing() -> None:
    camp = campagne()
    dossier = amener(camp.dossier("D1"), "notifie")
    with pytest.raises(Refus) as refus:
        agir(dossier, "signer_convention", "responsable", jour="2022-10-21")
    assert refus.value.code is Code.SIGNATURE_MANQUANTE
    assert states(dossier) == ("en_signature", [])
    assert camp.enveloppe.position().engage == 0


def test_porteur_who_withdraws_ends_the_convention() -> None:
    camp = campagne()
    dossier = amener(camp.dossier("D1"), "notifie")
    agir(dossier, "abandonner", "porteur", jour="2022-10-10", motif="Retrait.")
    assert states(dossier) == ("resiliee", [])
    assert camp.enveloppe.position().disponible == Decimal("5000000.00")
