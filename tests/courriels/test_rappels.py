"""Due dates are said a week before and the day before, once each, to whose turn it is."""

from datetime import date

import pytest

from courriels.models import Courriel, Nature
from courriels.rappels import remind
from courriels.releve import collect
from moteur import horloge
from moteur.models import Envoi
from tests.fabriques import Campagne, agir, amener, personne

pytestmark = pytest.mark.django_db


def on(jour: str) -> int:
    """A day's reminders, read at once; how many."""
    with horloge.figer(horloge.ouverture(date.fromisoformat(jour))):
        nouveaux = remind()
        collect()
    return nouveaux


def sujets() -> list[str]:
    return list(Courriel.objects.filter(evenement__in=rappels()).order_by("pk").values_list("sujet", flat=True))


def rappels() -> list[str]:
    cles = Envoi.objects.filter(cle__isnull=False).values_list("pk", flat=True)
    return [f"envoi:{cle}" for cle in cles]


@pytest.fixture
def a_completer(camp: Campagne) -> Campagne:
    """Asked on 5 April for 1 May."""
    amener(camp.dossier("D1"), "a_completer")
    return camp


def test_a_week_before_then_the_day_before_once_each(a_completer: Campagne) -> None:
    compte = {jour: on(jour) for jour in ("2022-04-23", "2022-04-24", "2022-04-25", "2022-04-29", "2022-04-30",
                                          "2022-05-01", "2022-05-02", "2022-05-03")}  # fmt: skip
    assert [jour for jour, nouveaux in compte.items() if nouveaux] == ["2022-04-24", "2022-04-30", "2022-05-02"]
    assert set(compte.values()) == {0, 1}
    cles = list(Envoi.objects.filter(cle__isnull=False).order_by("pk").values_list("cle", flat=True))
    dossier = a_completer.dossier("D1").cle
    assert cles == [
        f"rappel:{dossier}:completer:2022-05-01:7",
        f"rappel:{dossier}:completer:2022-05-01:1",
        f"echeance:{dossier}:completer:2022-05-01",
    ]


def test_it_is_asked_of_whose_turn_it_is(a_completer: Campagne) -> None:
    on("2022-04-24")
    [rappel] = Courriel.objects.filter(evenement__in=rappels())
    assert (rappel.destinataire, rappel.nature) == (personne("porteur"), Nature.ACTION)
    assert rappel.sujet == "Dossier D1 : compléter, au plus tard le 1er\u00a0mai\u00a02022"
    assert "UNE ÉCHÉANCE APPROCHE" in rappel.texte
    assert "(reste 7\u00a0jours)" in rappel.texte


def test_a_missed_week_is_one_reminder_not_two(a_completer: Campagne) -> None:
    assert on("2022-04-30") == 1
    assert on("2022-05-01") == 0
    assert len(sujets()) == 1


def test_what_was_just_asked_is_not_reminded_of(camp: Campagne) -> None:
    dossier = amener(camp.dossier("D1"), "en_recevabilite")
    agir(dossier, "demander_complements", "instructeur", jour="2022-04-05", motif="RIB.", echeance="2022-04-10")
    assert on("2022-04-06") == 0
    assert on("2022-04-09") == 1


def test_what_was_done_meanwhile_is_not_asked(a_completer: Campagne) -> None:
    with horloge.figer(horloge.ouverture(date(2022, 4, 24))):
        assert remind() == 1
    agir(a_completer.dossier("D1"), "completer", "porteur", jour="2022-04-24")
    on("2022-04-25")
    assert sujets() == []
    assert not Envoi.objects.filter(traite_le=None).exists()  # read, and nothing to say


def test_a_draft_hears_that_its_window_closes(camp: Campagne) -> None:
    assert on("2022-09-23") == 1
    assert sujets() == ["Dossier D1 : déposer, au plus tard le 30\u00a0septembre\u00a02022"]
