"""The guards of the call, one by one, as a page asks for them: what blocks, said before anybody tries."""

from datetime import date

import pytest

from moteur import horloge
from moteur.erreurs import Code, Refus
from moteur.porte import obstacles
from tests.fabriques import agir, amener, campagne, personne

pytestmark = pytest.mark.django_db


def blocked(ref: str, action: str, jour: str, camp: object, qui: str = "instructeur") -> list[Code]:
    dossier = camp.dossier(ref)  # type: ignore[attr-defined]
    with horloge.figer(horloge.ouverture(date.fromisoformat(jour))):
        return [refus.code for refus in obstacles(dossier, action, personne(qui))]


def test_window_and_documents_are_both_told() -> None:
    camp = campagne(dossiers=[{"pieces": []}])
    assert blocked("D1", "deposer", "2022-03-01", camp) == [Code.FENETRE_FERMEE, Code.PIECE_MANQUANTE]
    assert blocked("D1", "deposer", "2022-04-01", camp) == [Code.PIECE_MANQUANTE]
    assert blocked("D1", "deposer", "2022-04-01", campagne(code="X")) == []


def test_any_open_window_will_do() -> None:
    camp = campagne(
        fenetres=[
            {"code": "F1", "ouvre": "2022-03-15", "ferme": "2022-04-30"},
            {"code": "F2", "ouvre": "2022-09-01", "ferme": "2022-09-30", "secteurs": ["PA"]},
        ]
    )
    assert blocked("D1", "deposer", "2022-06-01", camp) == [Code.FENETRE_FERMEE]
    assert blocked("D1", "deposer", "2022-09-15", camp) == []


def test_closed_window_names_the_ones_to_come() -> None:
    with pytest.raises(Refus) as refus:
        agir(campagne().dossier("D1"), "deposer", "porteur", jour="2022-01-10")
    message = refus.value.message.replace("\u00a0", " ")
    for jour in ("10 janvier 2022", "15 mars 2022", "30 septembre 2022"):
        assert jour in message


def test_complements_are_due_until_the_evening() -> None:
    camp = campagne()
    amener(camp.dossier("D1"), "a_completer")
    assert blocked("D1", "completer", "2022-05-01", camp) == []
    assert blocked("D1", "completer", "2022-05-02", camp) == [Code.DELAI_DEPASSE]
    assert blocked("D1", "declarer_irrecevable", "2022-05-01", camp) == [Code.DELAI_NON_ECHU]
    assert blocked("D1", "declarer_irrecevable", "2022-05-02", camp) == []


def test_no_aid_no_selection() -> None:
    """Every ESSMS outside the eligible hours: the rule set gives nothing to grant."""
    essms = [
        {
            "finess_et": f"3101{rang:04d}0",
            "categorie": "354",
            "departement": "31",
            "heures_eligibles": 0,
            "heures_totales": 9,
        }
        for rang in range(15)
    ]
    camp = campagne(dossiers=[{"og": [{"finess_ej": "310000010", "essms": essms}]}])
    dossier = amener(camp.dossier("D1"), "en_comite")
    with pytest.raises(Refus) as refus:
        agir(dossier, "selectionner", "responsable", jour="2022-10-05")
    assert refus.value.code is Code.DONNEES_INVALIDES
    assert camp.enveloppe.position().reserve == 0


def test_last_day_to_commit_is_included() -> None:
    camp = campagne()
    amener(camp.dossier("D1"), "selectionne")
    assert blocked("D1", "notifier", "2022-12-30", camp, "responsable") == []
    assert blocked("D1", "notifier", "2022-12-31", camp, "responsable") == [Code.DELAI_DEPASSE]
