"""One funding per ESSMS, in the whole country: who holds it, since when, until when (regles.md §12.7)."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import wait as futures_wait
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aap import examen
from aap.examen import check_eligibility, taken_elsewhere
from aap.models import Dossier, Recu
from aap.recus import deliver
from grappes.finess import with_key
from grappes.models import Membre
from moteur.erreurs import Code, Refus
from moteur.machine import Passage
from tests.fabriques import MOTIF, Campagne, agir, amener, campagne
from tests.invariants.ecluse import PATIENCE, apart

ET = [with_key(f"319700{rang:02d}") for rang in range(40)]


def grappe(premier: int, nombre: int = 15, ej: str = "31970099") -> dict[str, Any]:
    """A dossier of that many ESSMS of the register, from that rank on."""
    essms = [
        {"finess_et": numero, "categorie": "500", "departement": "31"} for numero in ET[premier : premier + nombre]
    ]
    return {"og": [{"finess_ej": with_key(ej), "nom": "Association", "porteur": True, "essms": essms}]}


def held(dossier: Dossier) -> list[dict[str, str]]:
    """What the rule of uniqueness finds."""
    (verdict,) = [un for un in check_eligibility(dossier) if un.regle == "UNICITE"]
    return verdict.constat  # type: ignore[return-value]


def holders(camp: Campagne, ref: str) -> dict[str, str]:
    """FINESS ET of a dossier to the other one that holds it."""
    return {constat["finess"]: constat["dossier"] for constat in held(camp.dossier(ref))}


def received(dossier: Dossier) -> Code | None:
    """Whether it passes `declarer_recevable`, else why not."""
    try:
        agir(dossier, "declarer_recevable", "instructeur", jour="2022-04-20")
    except Refus as refus:
        return refus.code
    return None


# Whoever was first.


@pytest.mark.django_db
def test_the_first_filed_holds_and_the_second_is_told_by_whom() -> None:
    camp = campagne(dossiers=[grappe(0), grappe(14)])
    amener(camp.dossier("D2"), "en_recevabilite")
    amener(camp.dossier("D1"), "en_recevabilite")
    assert held(camp.dossier("D2")) == []
    assert held(camp.dossier("D1")) == [
        {"finess": ET[14], "dossier": "D2", "aap": "OCC-2022", "region": "Occitanie", "etat": "en_recevabilite"}
    ]
    assert (received(camp.dossier("D2")), received(camp.dossier("D1"))) == (None, Code.REGLE_NON_SATISFAITE)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("ailleurs", "region"),
    [
        ({"code": "BFC-2022", "region": "27"}, "Bourgogne-Franche-Comté"),
        ({"code": "NAT-2022", "region": None}, "national"),
        ({"code": "OCC-2024", "reglement": "esms-2024"}, "Occitanie"),
        ({"code": "OCC-2022-bis", "fenetres": [{"code": "F2", "ouvre": "2022-01-01", "ferme": "2023-12-31"}]},
         "Occitanie"),
    ],
    ids=["autre région", "national", "autre règlement", "autre fenêtre"],
)  # fmt: skip
def test_the_country_is_one(ailleurs: dict[str, Any], region: str) -> None:
    la = campagne(dossiers=[grappe(0)], **ailleurs)
    amener(la.dossier("D1"), "depose")
    ici = campagne(dossiers=[grappe(10)])
    amener(ici.dossier("D1"), "en_recevabilite")
    pris = held(ici.dossier("D1"))
    assert [un["finess"] for un in pris] == ET[10:15]
    assert {(un["aap"], un["region"], un["etat"]) for un in pris} == {(ailleurs["code"], region, "depose")}


@pytest.mark.django_db
def test_a_draft_holds_nothing() -> None:
    camp = campagne(dossiers=[grappe(0), grappe(0)])
    amener(camp.dossier("D1"), "en_recevabilite")
    assert held(camp.dossier("D1")) == []
    assert set(holders(camp, "D2").values()) == {"D1"}, "the draft is warned before it is filed"


@pytest.mark.django_db
@pytest.mark.parametrize("fin", ["abandonne", "irrecevable", "reoriente", "non_retenu"])
def test_an_end_without_aid_frees(fin: str) -> None:
    camp = campagne(dossiers=[grappe(0), grappe(14)])
    premier = amener(camp.dossier("D1"), "depose" if fin == "abandonne" else fin)
    if fin == "abandonne":
        assert holders(camp, "D2") == {ET[14]: "D1"}
        agir(premier, "abandonner", "porteur", jour="2022-04-05", **MOTIF)
    amener(camp.dossier("D2"), "en_recevabilite")
    assert held(camp.dossier("D2")) == []


@pytest.mark.django_db
def test_a_funded_one_wins_over_the_first_filed() -> None:
    """It got there by a waiver; the first one is stopped at its selection, and is told."""
    camp = campagne(dossiers=[grappe(0), grappe(14)])
    amener(camp.dossier("D1"), "en_comite")
    amener(camp.dossier("D2"), "en_recevabilite")
    agir(camp.dossier("D2"), "deroger", "responsable", jour="2022-04-05", regle="UNICITE", **MOTIF)
    amener(camp.dossier("D2"), "conventionne")
    assert held(camp.dossier("D1"))[0]["etat"] == "conventionne"
    with pytest.raises(Refus) as refus:
        agir(camp.dossier("D1"), "selectionner", "responsable", jour="2022-10-25")
    assert refus.value.details["regles"] == ["UNICITE"]


@pytest.mark.django_db
def test_of_several_holders_the_funded_one_is_named() -> None:
    camp = campagne(dossiers=[grappe(0), grappe(14), grappe(14)])
    amener(camp.dossier("D1"), "depose")
    amener(camp.dossier("D2"), "en_recevabilite")
    agir(camp.dossier("D2"), "deroger", "responsable", jour="2022-04-05", regle="UNICITE", **MOTIF)
    amener(camp.dossier("D3"), "en_recevabilite")
    assert holders(camp, "D3")[ET[14]] == "D1"
    amener(camp.dossier("D2"), "conventionne")
    assert holders(camp, "D3")[ET[14]] == "D2"


@pytest.mark.django_db
def test_a_play_holds_nothing_in_the_real_register() -> None:
    camp = campagne(dossiers=[grappe(0), grappe(0)])
    amener(camp.dossier("D1"), "depose")
    dossier = camp.dossier("D2")
    dossier.aap.rejeu = "00000000-0000-0000-0000-000000000001"
    assert taken_elsewhere(dossier, examen.compose(dossier).essms) == {}


# Arrivals and departures.


def to_complete(camp: Campagne, ref: str) -> Dossier:
    return amener(camp.dossier(ref), "a_completer")


@pytest.mark.django_db
def test_an_essms_added_with_the_complements_is_held_from_their_receipt_only() -> None:
    camp = campagne(dossiers=[grappe(0), grappe(20)])
    dossier = to_complete(camp, "D1")
    agir(dossier, "composer", "porteur", jour="2022-04-10", ajouter=[ET[20]])
    amener(camp.dossier("D2"), "depose")
    agir(dossier, "completer", "porteur", jour="2022-04-12")
    assert holders(camp, "D1") == {ET[20]: "D2"}, "the other one filed while it was only being added"
    assert holders(camp, "D2") == {}


@pytest.mark.django_db
def test_added_and_received_first_it_is_held() -> None:
    camp = campagne(dossiers=[grappe(0), grappe(20)])
    dossier = to_complete(camp, "D1")
    agir(dossier, "composer", "porteur", jour="2022-04-10", ajouter=[ET[20]])
    agir(dossier, "completer", "porteur", jour="2022-04-12")
    amener(camp.dossier("D2"), "depose")
    assert holders(camp, "D2") == {ET[20]: "D1"}
    assert holders(camp, "D1") == {}


@pytest.mark.django_db
def test_a_departure_frees_nothing_until_a_snapshot_without_it() -> None:
    camp = campagne(dossiers=[grappe(0, 16), grappe(15)])
    amener(camp.dossier("D1"), "en_recevabilite")
    agir(camp.dossier("D1"), "signaler_depart", "porteur", jour="2022-04-05", finess=ET[15], motif="Change de grappe.")
    amener(camp.dossier("D2"), "en_recevabilite")
    assert holders(camp, "D2") == {ET[15]: "D1"}
    dossier = to_complete(camp, "D1")
    assert holders(camp, "D2") == {ET[15]: "D1"}
    agir(dossier, "completer", "porteur", jour="2022-04-12")
    assert holders(camp, "D2") == {}


@pytest.mark.django_db
def test_the_complements_leave_out_who_was_taken_out() -> None:
    camp = campagne(dossiers=[grappe(0, 16), grappe(15)])
    dossier = to_complete(camp, "D1")
    agir(dossier, "composer", "porteur", jour="2022-04-10", retirer=[ET[15]], **MOTIF)
    amener(camp.dossier("D2"), "en_recevabilite")
    assert holders(camp, "D2") == {ET[15]: "D1"}
    agir(dossier, "completer", "porteur", jour="2022-04-12")
    assert holders(camp, "D2") == {}


@pytest.mark.django_db
def test_who_left_and_came_back_kept_its_place() -> None:
    """Between the two snapshots another dossier was filed for it: it was never let go."""
    camp = campagne(dossiers=[grappe(0, 16), grappe(15)])
    dossier = to_complete(camp, "D1")
    agir(dossier, "composer", "porteur", jour="2022-04-10", retirer=[ET[15]], **MOTIF)
    amener(camp.dossier("D2"), "en_recevabilite")
    agir(dossier, "composer", "porteur", jour="2022-04-11", ajouter=[ET[15]])
    agir(dossier, "completer", "porteur", jour="2022-04-12")
    assert holders(camp, "D2") == {ET[15]: "D1"}
    assert holders(camp, "D1") == {}
    tenus = Membre.objects.filter(grappe=dossier.grappe, retenu_par__isnull=False)
    assert set(tenus.values_list("retenu_par__action", flat=True)) == {"deposer"}
    assert not tenus.exclude(parti_le=None).exists()


@pytest.mark.django_db
def test_the_question_costs_two_queries_however_many_dossiers() -> None:
    camp = campagne(dossiers=[grappe(0), grappe(14)])
    amener(camp.dossier("D1"), "depose")
    dossier = camp.dossier("D2")
    essms = examen.compose(dossier).essms
    with CaptureQueriesContext(connection) as requetes:
        assert taken_elsewhere(dossier, essms)
    assert len(requetes) == 2


# At the same instant, on two real connections.


def filing(camp: Campagne, ref: str) -> Callable[[], Any]:
    dossier, qui = camp.dossier(ref), camp.personne("porteur")
    return lambda: agir(dossier, "deposer", qui, jour="2022-04-01")


@pytest.mark.usefixtures("base_jetable")
def test_filed_in_the_same_instant_exactly_one_is_received(en_parallele: Callable[..., list[Any]]) -> None:
    camp = campagne(dossiers=[grappe(0), grappe(14)])
    deposes = en_parallele(filing(camp, "D1"), filing(camp, "D2"))
    assert [un.etat for un in deposes] == ["depose", "depose"], deposes
    issues = [checked(camp, ref)() for ref in ("D1", "D2")]
    assert Counter(issues) == {None: 1, Code.REGLE_NON_SATISFAITE: 1}


@pytest.mark.usefixtures("base_jetable")
def test_while_one_is_being_filed_the_other_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    camp = campagne(dossiers=[grappe(0), grappe(14)])
    assert overtaken(camp, monkeypatch) == [None, Code.REGLE_NON_SATISFAITE]


@pytest.mark.usefixtures("base_jetable")
def test_without_the_lock_of_the_essms_both_are_received(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second is checked while the first, numbered before it, is not there to be seen."""
    camp = campagne(dossiers=[grappe(0), grappe(14)])
    monkeypatch.setattr("aap.models.dossier.freeze", examen.compose)
    assert overtaken(camp, monkeypatch) == [None, None]


@pytest.mark.usefixtures("base_jetable")
def test_others_do_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing in common: the second is received while the first is stopped half way."""
    camp = campagne(dossiers=[grappe(0), grappe(15)])
    assert overtaken(camp, monkeypatch, waits=False) == [None, None]


def checked(camp: Campagne, ref: str) -> Callable[[], Code | None]:
    """From wherever it is to the end of `declarer_recevable`."""
    dossier = camp.dossier(ref)
    for nom in ("porteur", "instructeur"):
        camp.personne(nom)
    return lambda: received(amener(camp.dossier(dossier.reference), "en_recevabilite"))


def overtaken(camp: Campagne, monkeypatch: pytest.MonkeyPatch, *, waits: bool | None = None) -> list[Code | None]:
    """D1 files and is stopped once the journal has numbered it; D2 goes on from its filing to its check, as far as
    it can; D1 is then let go, and checked. Who was received. `waits`: whether D2 must have been stopped, too."""
    numbered, go = threading.Event(), threading.Event()

    def stopped(dossier: Dossier, passage: Passage) -> Recu:
        if dossier.reference == "D1":
            numbered.set()
            assert go.wait(PATIENCE)
        return deliver(dossier, passage)

    monkeypatch.setattr("aap.effets.deliver", stopped)
    with ThreadPoolExecutor(2) as fils:
        premier = fils.submit(apart, filing(camp, "D1"))
        assert numbered.wait(PATIENCE)
        second = fils.submit(apart, checked(camp, "D2"))
        while not second.done() and not is_waiting():
            futures_wait([second], timeout=0.02)
        assert waits is None or waits is not second.done()
        go.set()
        assert premier.result(PATIENCE).etat == "depose"
        issue = second.result(PATIENCE)
    return [checked(camp, "D1")(), issue]


def is_waiting() -> bool:
    """Whether a session of this database waits for a lock."""
    with connection.cursor() as curseur:
        curseur.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
            " AND wait_event_type = 'Lock')"
        )
        (attend,) = curseur.fetchone()
    return bool(attend)
