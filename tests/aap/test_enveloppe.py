"""The ledger: a sum of movements, judged by the database, journalised line by line."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from aap.grand_livre import record
from aap.models import Mouvement, Nature
from aap.models.enveloppe import Position
from moteur.erreurs import Code, Refus
from moteur.machine import Passage
from moteur.models import Entree
from tests.fabriques import AIDE, amener, campagne, personne

pytestmark = pytest.mark.django_db


def now(**donnees: object) -> Passage:
    return Passage(
        par=personne("responsable"), role="responsable", le=datetime(2022, 10, 5, tzinfo=UTC), donnees=donnees
    )


def test_totals() -> None:
    position = Position(
        dotation=Decimal("10.00"), reserve=Decimal("2.50"), engage=Decimal("3.00"), verse=Decimal("1.00")
    )
    assert position.as_dict() == {
        "dotation": "10.00", "reserve": "2.50", "engage": "3.00", "verse": "1.00", "disponible": "4.50",
    }  # fmt: skip


def test_every_line_is_journalised_on_the_chain_of_the_envelope() -> None:
    camp = campagne()
    amener(camp.dossier("D1"), "solde")
    lignes = Entree.objects.filter(chaine=camp.enveloppe.cle).order_by("rang")
    assert [ligne.action for ligne in lignes] == [
        "dotation", "reservation", "engagement", "versement", "versement",
    ]  # fmt: skip
    assert [ligne.donnees.get("montant") for ligne in lignes][1:] == [AIDE, AIDE, "161250.00", "161250.00"]
    assert [ligne.donnees.get("rang") for ligne in lignes][3:] == [1, 2]
    assert list(camp.enveloppe.mouvements.order_by("rang").values_list("nature", flat=True)) == [
        ligne.action for ligne in lignes
    ]


def test_two_envelopes_do_not_mix() -> None:
    un, deux = campagne(dotation="400000.00"), campagne(code="ARA-2022", region="84", dotation="500000.00")
    amener(un.dossier("D1"), "selectionne")
    assert un.enveloppe.position().reserve == Decimal(AIDE)
    assert deux.enveloppe.position() == Position(dotation=Decimal("500000.00"))


def test_too_much_says_what_is_left() -> None:
    dossier = campagne(dotation="100.00").dossier("D1")
    with pytest.raises(Refus) as refus:
        record(dossier, Nature.RESERVATION, Decimal("100.01"), now())
    assert refus.value.code is Code.ENVELOPPE_INSUFFISANTE
    assert refus.value.details == {"demande": "100.01", "disponible": "100.00"}
    assert "100,01" in refus.value.message
    assert Mouvement.objects.filter(dossier=dossier).count() == 0
    record(dossier, Nature.RESERVATION, Decimal("100.00"), now())


@pytest.mark.parametrize(
    ("nature", "montant"), [(Nature.ENGAGEMENT, "100.01"), (Nature.LIBERATION, "100.01"), (Nature.VERSEMENT, "0.01")]
)
def test_no_more_than_the_dossier_has(nature: Nature, montant: str) -> None:
    dossier = campagne().dossier("D1")
    record(dossier, Nature.RESERVATION, Decimal("100.00"), now())
    with pytest.raises(Refus) as refus:
        record(dossier, nature, Decimal(montant), now(), rang=1 if nature is Nature.VERSEMENT else None)
    assert refus.value.code is Code.ENVELOPPE_INSUFFISANTE


def test_liberation_takes_from_what_was_set_aside_then_from_what_was_committed() -> None:
    camp = campagne(dotation="1000.00")
    dossier = camp.dossier("D1")
    record(dossier, Nature.RESERVATION, Decimal("300.00"), now())
    record(dossier, Nature.LIBERATION, Decimal("100.00"), now())
    assert camp.enveloppe.position().reserve == Decimal("200.00")
    record(dossier, Nature.ENGAGEMENT, Decimal("200.00"), now())
    record(dossier, Nature.LIBERATION, Decimal("50.00"), now())
    position = camp.enveloppe.position()
    assert (position.reserve, position.engage, position.disponible) == (
        Decimal(0),
        Decimal("150.00"),
        Decimal("850.00"),
    )


def test_a_half_is_paid_once() -> None:
    dossier = campagne().dossier("D1")
    record(dossier, Nature.RESERVATION, Decimal("300.00"), now())
    record(dossier, Nature.ENGAGEMENT, Decimal("300.00"), now())
    record(dossier, Nature.VERSEMENT, Decimal("100.00"), now(), rang=1)
    with pytest.raises(Refus) as refus:
        record(dossier, Nature.VERSEMENT, Decimal("100.00"), now(), rang=1)
    assert refus.value.code is Code.VERSEMENT_DEJA_EFFECTUE
    record(dossier, Nature.VERSEMENT, Decimal("200.00"), now(), rang=2)
