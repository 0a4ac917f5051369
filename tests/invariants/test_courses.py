"""Two people at the same instant, on two real connections: one wins, the other is told why, nothing is counted twice.

The same races without the lock go wrong: that is what proves the lock.
"""

import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection

from aap.models import Mouvement
from conventions.models import Convention, Signature
from moteur import porte
from moteur.erreurs import Code, Refus
from moteur.machine import Machine
from tests.fabriques import AIDE, Campagne, agir, amener, campagne
from tests.invariants.ecluse import course
from tests.invariants.lois import tout_tient

pytestmark = pytest.mark.usefixtures("base_jetable")
UNE = Decimal(AIDE)
JOUR = "2022-11-04"


def doing(camp: Campagne, ref: str, action: str, par: str, **donnees: Any) -> Callable[[], Any]:
    """That action, by that person, to be run in a thread (whose clock is its own)."""
    dossier, qui = camp.dossier(ref), camp.personne(par)
    return lambda: agir(dossier, action, qui, jour=JOUR, **donnees)


def attempt(acte: Callable[[], Any]) -> Any:
    """What it returns, or its refusal; nothing else is an answer."""
    try:
        return acte()
    except Refus as refus:
        return refus


def plain(ordre: str) -> Callable[[], int]:
    """That SQL, in a transaction of its own; how many rows it wrote."""

    def run() -> int:
        with connection.cursor() as curseur:
            curseur.execute(ordre)
            return int(curseur.rowcount)

    return run


def refusal(resultat: Any) -> Code | None:
    if isinstance(resultat, Refus):
        return resultat.code
    assert not isinstance(resultat, Exception), resultat
    return None


def in_committee(dotation: str, nombre: int = 2) -> Campagne:
    camp = campagne(dotation=dotation, dossiers=nombre)
    for rang in range(1, nombre + 1):
        amener(camp.dossier(f"D{rang}"), "en_comite")
    return camp


def ready_to_pay() -> Campagne:
    """A first half ordered, waiting for a comptable."""
    camp = campagne()
    dossier = amener(camp.dossier("D1"), "conventionne")
    agir(dossier, "certifier", "responsable", jour=JOUR, rang=1)
    agir(dossier, "ordonnancer", "responsable", jour=JOUR, rang=1)
    return camp


def assert_one_wins(resultats: list[Any], contrainte: str) -> None:
    """Both were stopped before the row existed: either may be first."""
    gagne, perdu = sorted(resultats, key=lambda resultat: isinstance(resultat, Exception))
    assert gagne == 1
    assert isinstance(perdu, IntegrityError)
    assert contrainte in str(perdu)


# With the locks.


def test_one_selection_wins_what_the_envelope_holds() -> None:
    camp = in_committee("400000.00")
    premier, second = course(
        "aap_mouvement",
        "INSERT",
        doing(camp, "D1", "selectionner", "responsable"),
        doing(camp, "D2", "selectionner", "responsable:b"),
    )
    assert refusal(premier) is None
    assert refusal(second) is Code.ENVELOPPE_INSUFFISANTE
    assert [camp.dossier(ref).etat for ref in ("D1", "D2")] == ["selectionne", "en_comite"]
    tout_tient(camp.aap)


@pytest.mark.parametrize("seul", [False, True], ids=["verrou et contrainte", "verrou seul"])
def test_one_execution_pays(*, seul: bool) -> None:
    camp = ready_to_pay()
    if seul:
        without("aap_mouvement", "mouvement_versement_unique")
    premier, second = course(
        "conventions_versement",
        "UPDATE",
        doing(camp, "D1", "executer", "comptable", rang=1),
        doing(camp, "D1", "executer", "comptable:b", rang=1),
    )
    assert refusal(premier) is None
    assert refusal(second) is Code.VERSEMENT_DEJA_EFFECTUE
    assert camp.enveloppe.position().verse == UNE / 2
    tout_tient(camp.aap)


def test_one_selection_of_a_dossier_reserves() -> None:
    camp = in_committee("5000000.00", 1)
    premier, second = course(
        "aap_mouvement",
        "INSERT",
        doing(camp, "D1", "selectionner", "responsable"),
        doing(camp, "D1", "selectionner", "responsable:b"),
    )
    assert refusal(premier) is None
    assert refusal(second) is Code.TRANSITION_INTERDITE
    assert camp.enveloppe.position().reserve == UNE
    tout_tient(camp.aap)


def test_a_notification_then_a_withdrawal_both_hold() -> None:
    camp = campagne()
    amener(camp.dossier("D1"), "selectionne")
    resultats = course(
        "aap_dossier",
        "UPDATE",
        doing(camp, "D1", "notifier", "responsable"),
        doing(camp, "D1", "abandonner", "porteur", motif="Le porteur renonce."),
    )
    assert [refusal(resultat) for resultat in resultats] == [None, None]
    assert camp.dossier("D1").etat == "abandonne"
    assert camp.enveloppe.position().reserve == 0
    tout_tient(camp.aap)


def test_a_withdrawal_stops_the_notification() -> None:
    camp = campagne()
    amener(camp.dossier("D1"), "selectionne")
    resultats = course(
        "aap_dossier",
        "UPDATE",
        doing(camp, "D1", "abandonner", "porteur", motif="Le porteur renonce."),
        doing(camp, "D1", "notifier", "responsable"),
    )
    assert [refusal(resultat) for resultat in resultats] == [None, Code.TRANSITION_INTERDITE]
    assert not Convention.objects.exists()
    tout_tient(camp.aap)


def test_a_party_signs_once() -> None:
    camp = campagne()
    amener(camp.dossier("D1"), "notifie")
    resultats = course(
        "conventions_signature",
        "INSERT",
        doing(camp, "D1", "signer", "responsable", signataire="ars"),
        doing(camp, "D1", "signer", "responsable:b", signataire="ars"),
    )
    assert [refusal(resultat) for resultat in resultats] == [None, Code.DONNEES_INVALIDES]
    assert Signature.objects.count() == 1


def test_plain_sql_opens_a_first_payment_once() -> None:
    dossier = amener(campagne().dossier("D1"), "notifie")
    ordre = f"""INSERT INTO conventions_versement (convention_id, rang, montant, etat, motif, version)
        VALUES ({dossier.convention.pk}, 1, 161250, 'propose', '', 0)"""
    assert_one_wins(course("conventions_versement", "INSERT", plain(ordre), plain(ordre)), "versement_un_par_rang")


def test_plain_sql_pays_a_first_half_once() -> None:
    """Even without the trigger that asks each movement for its journal row."""
    camp = campagne()
    dossier = amener(camp.dossier("D1"), "conventionne")
    ordre = f"""INSERT INTO aap_mouvement (enveloppe_id, dossier_id, nature, montant, versement_rang, le)
        VALUES ({camp.enveloppe.pk}, {dossier.pk}, 'versement', 161250, 1, now())"""
    without_trigger("aap_mouvement", "mouvement_journalise")
    assert_one_wins(course("aap_mouvement", "INSERT", plain(ordre), plain(ordre)), "mouvement_versement_unique")


def test_many_people_on_one_envelope_never_deadlock(en_parallele: Callable[..., list[Any]]) -> None:
    """Each one goes round all the dossiers, in her own order, selecting, withdrawing, putting off."""
    camp = in_committee("700000.00", 4)
    refs = ["D1", "D2", "D3", "D4"]

    def round_of(depart: int) -> Callable[[], list[Code | None]]:
        ordre = refs[depart:] + refs[:depart]
        if depart % 2:
            ordre.reverse()
        actes = [
            geste
            for ref in ordre
            for geste in (
                doing(camp, ref, "selectionner", f"responsable:{depart}"),
                doing(camp, ref, "mettre_en_attente", f"responsable:{depart}", rang=1),
                doing(camp, ref, "notifier", f"responsable:{depart}"),
                doing(camp, ref, "signer", f"responsable:{depart}", signataire="tous"),
                doing(camp, ref, "signer_convention", f"responsable:{depart}"),
            )
        ]
        return lambda: [refusal(attempt(acte)) for acte in actes]

    resultats = en_parallele(*(round_of(depart % 4) for depart in range(8)))
    for codes in resultats:
        assert not isinstance(codes, Exception), codes
    assert any(None in codes for codes in resultats)
    tout_tient(camp.aap)


# The same without them.


def test_without_the_lock_of_the_envelope_it_is_overspent() -> None:
    camp = in_committee("400000.00")
    unlock_the_ledger()
    resultats = course(
        "aap_mouvement",
        "INSERT",
        doing(camp, "D1", "selectionner", "responsable"),
        doing(camp, "D2", "selectionner", "responsable:b"),
    )
    assert [refusal(resultat) for resultat in resultats] == [None, None]
    assert sum(Mouvement.objects.filter(nature="reservation").values_list("montant", flat=True)) == 2 * UNE > 400_000


def test_without_the_lock_of_the_dossier_a_half_is_paid_twice(
    monkeypatch: pytest.MonkeyPatch, en_parallele: Callable[..., list[Any]]
) -> None:
    camp = ready_to_pay()
    without("aap_mouvement", "mouvement_versement_unique")
    read_without_locking(monkeypatch)
    resultats = en_parallele(
        doing(camp, "D1", "executer", "comptable", rang=1), doing(camp, "D1", "executer", "comptable:b", rang=1)
    )
    assert [refusal(resultat) for resultat in resultats] == [None, None]
    assert Mouvement.objects.filter(nature="versement", versement_rang=1).count() == 2
    assert camp.enveloppe.position().verse == UNE


def test_without_the_lock_of_the_dossier_it_is_reserved_twice(
    monkeypatch: pytest.MonkeyPatch, en_parallele: Callable[..., list[Any]]
) -> None:
    camp = in_committee("5000000.00", 1)
    read_without_locking(monkeypatch)
    resultats = en_parallele(
        doing(camp, "D1", "selectionner", "responsable"), doing(camp, "D1", "selectionner", "responsable:b")
    )
    assert [refusal(resultat) for resultat in resultats] == [None, None]
    assert camp.enveloppe.position().reserve == 2 * UNE


def unlock_the_ledger() -> None:
    """The trigger of the ledger without its lock; without what would then refuse the fork it makes."""
    with connection.cursor() as curseur:
        curseur.execute("SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname LIKE 'pgtrigger_cumul_%'")
        (definition,) = curseur.fetchone()
        assert definition.count(" FOR NO KEY UPDATE") == 1
        curseur.execute(definition.replace(" FOR NO KEY UPDATE", ""))
    without("aap_mouvement", "mouvement_rang_unique")
    without("moteur_entree", "entree_rang_unique")


def without(table: str, contrainte: str) -> None:
    with connection.cursor() as curseur:
        curseur.execute("SELECT count(*) FROM pg_constraint WHERE conname = %s", [contrainte])
        if curseur.fetchone() == (1,):
            curseur.execute(f"ALTER TABLE {table} DROP CONSTRAINT {contrainte}")
        else:
            curseur.execute(f"DROP INDEX {contrainte}")


def without_trigger(table: str, nom: str) -> None:
    with connection.cursor() as curseur:
        curseur.execute("SELECT tgname FROM pg_trigger WHERE tgname LIKE %s", [f"pgtrigger_{nom}_%"])
        (complet,) = curseur.fetchone()
        curseur.execute(f"ALTER TABLE {table} DISABLE TRIGGER {complet}")


def read_without_locking(monkeypatch: pytest.MonkeyPatch) -> None:
    """A door that reads, waits until the other one has read too, and locks nothing."""
    tous_ont_lu = threading.Barrier(2, timeout=20)
    deja = threading.local()

    def read(objet: Machine) -> Machine:
        frais = type(objet)._base_manager.select_related(*objet.AVEC).get(pk=objet.pk)
        if not hasattr(deja, "lu"):
            deja.lu = True
            tous_ont_lu.wait()
        return frais

    monkeypatch.setattr(porte, "lock", read)
