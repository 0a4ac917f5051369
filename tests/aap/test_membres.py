"""Members come and go through the door: composed in a draft, dated afterwards, refused whole when one is wrong."""

from datetime import date
from typing import Any

import pytest

from aap.models import Dossier
from grappes.finess import with_key
from grappes.models import Essms, Membre
from moteur.erreurs import Code, Refus
from moteur.models import Entree
from tests.fabriques import MOTIF, Campagne, agir, amener, campagne

pytestmark = pytest.mark.django_db
JOUR = "2022-04-10"


@pytest.fixture
def camp() -> Campagne:
    """D1, and D2 whose ESSMS nobody else has."""
    return campagne(dossiers=2)


def finess(camp: Campagne, ref: str = "D1") -> list[str]:
    membres = camp.dossier(ref).grappe.membres.presents()
    return list(membres.values_list("essms__finess", flat=True))


def composer(dossier: Dossier, **donnees: Any) -> list[Membre]:
    membres: list[Membre] = agir(dossier, "composer", "porteur", jour=JOUR, **donnees)
    return membres


def refused(dossier: Dossier, **donnees: Any) -> Refus:
    avant = list(Membre.objects.values())
    with pytest.raises(Refus) as refus:
        composer(dossier, **donnees)
    assert list(Membre.objects.values()) == avant, "nothing is half done"
    return refus.value


def test_a_draft_takes_in_and_forgets(camp: Campagne) -> None:
    siens, autre = finess(camp), finess(camp, "D2")[0]
    membres = composer(camp.dossier("D1"), ajouter=[autre], retirer=siens[:2])
    assert [membre.essms.finess for membre in membres] == finess(camp) == sorted([*siens[2:], autre])
    assert not camp.dossier("D1").grappe.membres.exclude(parti_le=None).exists()
    assert Membre.objects.get(grappe=camp.dossier("D1").grappe, essms__finess=autre).arrive_le == date(2022, 4, 10)
    entree = Entree.objects.get(chaine=camp.dossier("D1").chaine, action="composer")
    assert entree.donnees["ajouter"] == [autre]


def test_hours_and_software_of_a_member(camp: Campagne) -> None:
    un, deux = finess(camp)[:2]
    dites = {"heures_eligibles": 1, "heures_totales": 7}
    composer(camp.dossier("D1"), precisions={un: dites, deux: {"sons_logiciel": "Osiris"}})
    composer(camp.dossier("D1"), precisions={deux: {"sons_logiciel": None}})
    membres = {membre.essms.finess: membre for membre in camp.dossier("D1").grappe.membres.select_related("essms")}
    assert (membres[un].heures_eligibles, membres[un].heures_totales) == (1, 7)
    assert membres[deux].sons_logiciel == ""


def test_one_wrong_number_refuses_all(camp: Campagne) -> None:
    bon = finess(camp, "D2")[0]
    refus = refused(camp.dossier("D1"), ajouter=[bon, with_key("31009999")])
    assert refus.code is Code.DONNEES_INVALIDES
    assert list(refus.details["motifs"]) == [with_key("31009999")]  # type: ignore[call-overload]


@pytest.mark.parametrize(
    "donnees",
    [
        {}, {"ajouter": ["12"]}, {"ajouter": "310000028"}, {"retirer": [with_key("31009999")]},
        {"precisions": {with_key("31009999"): {"sons_logiciel": "X"}}}, {"precisions": {"x": {}}},
        {"ajouter": [with_key("31009999")] * 3}, {"inconnue": 1},
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(camp: Campagne, donnees: dict[str, Any]) -> None:
    assert refused(camp.dossier("D1"), **donnees).code is Code.DONNEES_INVALIDES


def test_hours_that_do_not_add_up_are_refused(camp: Campagne) -> None:
    for heures in ({"heures_eligibles": 8, "heures_totales": 7}, {"heures_eligibles": 1}):
        assert refused(camp.dossier("D1"), precisions={finess(camp)[0]: heures}).code is Code.DONNEES_INVALIDES


def test_a_member_is_not_added_twice_nor_added_and_taken_out(camp: Campagne) -> None:
    un = finess(camp)[0]
    for donnees in ({"ajouter": [un]}, {"ajouter": [un], "retirer": [un]}):
        assert "déjà dans la grappe" in refused(camp.dossier("D1"), **donnees).message


def test_a_closed_establishment_does_not_join(camp: Campagne) -> None:
    autre = finess(camp, "D2")[0]
    Essms.objects.filter(finess=autre).update(ferme_le="2022-04-01")
    assert "fermé depuis le 1er" in refused(camp.dossier("D1"), ajouter=[autre]).message


def test_a_closed_establishment_is_not_filed(camp: Campagne) -> None:
    un = finess(camp)[0]
    Essms.objects.filter(finess=un).update(ferme_le="2022-03-31")
    with pytest.raises(Refus) as refus:
        agir(camp.dossier("D1"), "deposer", "porteur", jour="2022-04-01")
    assert refus.value.details["finess"] == [un]


def test_with_the_complements_a_departure_keeps_day_and_reason(camp: Campagne) -> None:
    dossier = amener(camp.dossier("D1"), "a_completer")
    un = finess(camp)[0]
    assert refused(dossier, retirer=[un]).code is Code.MOTIF_REQUIS
    composer(dossier, retirer=[un], **MOTIF)
    membre = Membre.objects.get(grappe=dossier.grappe, essms__finess=un)
    assert (membre.parti_le, membre.motif_depart) == (date(2022, 4, 10), MOTIF["motif"])
    composer(dossier, ajouter=[un])
    assert Membre.objects.filter(grappe=dossier.grappe, essms__finess=un).count() == 2


@pytest.mark.parametrize("etat", ["depose", "en_instruction", "notifie", "clos"])
def test_a_grappe_is_composed_before_filing_or_with_the_complements(camp: Campagne, etat: str) -> None:
    dossier = amener(camp.dossier("D1"), etat)
    with pytest.raises(Refus) as refus:
        agir(dossier, "composer", "porteur", jour="2023-12-01", retirer=finess(camp)[:1], **MOTIF)
    assert refus.value.code is Code.TRANSITION_INTERDITE


@pytest.mark.parametrize("etat", ["depose", "a_completer", "notifie", "en_deploiement"])
def test_a_departure_is_dated_and_moves_no_snapshot(camp: Campagne, etat: str) -> None:
    dossier = amener(camp.dossier("D1"), etat)
    un = finess(camp)[0]
    agir(dossier, "signaler_depart", "porteur", jour="2022-12-05", finess=un, motif="Reprise.", le="2022-12-01")
    membre = Membre.objects.get(grappe=dossier.grappe, essms__finess=un)
    assert (membre.parti_le, membre.motif_depart) == (date(2022, 12, 1), "Reprise.")
    assert membre.retenu_par is not None
    assert camp.dossier("D1").instantane == dossier.instantane


@pytest.mark.parametrize(
    ("donnees", "code"),
    [
        ({"motif": "Reprise."}, Code.DONNEES_INVALIDES),
        ({"finess": with_key("31009999"), "motif": "Reprise."}, Code.DONNEES_INVALIDES),
        ({"un": True}, Code.MOTIF_REQUIS),
        ({"un": True, "motif": "Reprise.", "le": "2022-04-11"}, Code.DONNEES_INVALIDES),
        ({"un": True, "motif": "Reprise.", "le": "2019-01-01"}, Code.DONNEES_INVALIDES),
    ],
    ids=["sans numéro", "inconnu", "sans motif", "à venir", "avant son arrivée"],
)
def test_a_departure_that_is_not_one(camp: Campagne, donnees: dict[str, Any], code: Code) -> None:
    dossier = amener(camp.dossier("D1"), "depose")
    if donnees.pop("un", False):
        donnees["finess"] = finess(camp)[0]
    with pytest.raises(Refus) as refus:
        agir(dossier, "signaler_depart", "porteur", jour=JOUR, **donnees)
    assert refus.value.code is code
