"""A task of an agent is said before its day and on it, to who took it or to her team; late, to the responsables."""

from datetime import date

import pytest

from aap.models import Dossier
from aap.objectifs import fixer_objectifs
from comptes.roles import Role
from courriels.models import Courriel, Nature
from courriels.releve import collect
from instruction import relances
from instruction.corbeille import gestes, lecture
from instruction.models import TacheSuivie
from moteur import horloge
from moteur.models import Envoi
from tests.fabriques import Campagne, agir, amener, campagne, personne
from tests.instruction import campagne as gens

pytestmark = pytest.mark.django_db
#: Fixed on Friday 1 April 2022: filed on the same day, to be taken by Friday 8.
OBJECTIFS = {"prendre_en_charge": 5, "declarer_recevable": 10, "selectionner": 1}
LE = {jour: f"2022-04-{jour:02d}" for jour in range(1, 31)}


@pytest.fixture
def camp(db: None) -> Campagne:
    camp = campagne()
    with on(1):
        fixer_objectifs(camp.aap, OBJECTIFS, camp.personne("responsable"), du=date(2022, 4, 1))
    return camp


@pytest.fixture
def depose(camp: Campagne) -> Dossier:
    camp.personne("instructeur"), camp.personne("instructeur:b")
    return amener(camp.dossier("D1"), "depose")


def on(jour: int, mois: int = 4):
    return horloge.figer(horloge.ouverture(date(2022, mois, jour)))


def remind_on(jour: int, mois: int = 4) -> list[str]:
    """The reminders of a day, read at once: their subjects."""
    avant = set(Envoi.objects.values_list("pk", flat=True))
    with on(jour, mois):
        nouveaux = relances.remind()
        collect()
    sujets = list(Envoi.objects.exclude(pk__in=avant).order_by("pk").values_list("sujet", flat=True))
    assert len(sujets) == nouveaux
    return sujets


def said() -> list[tuple[str, str]]:
    lues = Courriel.objects.filter(
        evenement__in=[f"envoi:{pk}" for pk in Envoi.objects.exclude(cle=None).values_list("pk", flat=True)]
    )
    return [(un.destinataire.last_name, un.nature) for un in lues.order_by("pk").select_related("destinataire")]


def task(dossier: Dossier) -> TacheSuivie:
    return TacheSuivie.objects.open().select_related("process").get(process__dossier=dossier)


def test_two_working_days_before_then_on_the_day_then_late_once_each(depose: Dossier) -> None:
    dits = {jour: remind_on(jour) for jour in (4, 5, 6, 7, 8, 9, 11, 12, 13, 14)}
    assert {jour: sujets for jour, sujets in dits.items() if sujets} == {
        6: ["dossier.relancer_equipe"],
        8: ["dossier.relancer_equipe"],
        13: ["dossier.signaler_retard"],
    }


def test_nobody_took_it_so_its_team_reads_it_in_the_digest(depose: Dossier) -> None:
    remind_on(6)
    assert said() == [
        (personne("instructeur").last_name, Nature.INFORMATION),
        (personne("instructeur:b").last_name, Nature.INFORMATION),
    ]
    [premier, _] = Courriel.objects.filter(sujet__contains="à faire au plus tard le")
    assert "« Prendre en charge » (Instructeur ARS) : à faire au plus tard le 8 avril 2022." in gens.text(premier.sujet)


def test_who_took_it_is_told_at_once_and_alone(depose: Dossier) -> None:
    b = personne("instructeur:b")
    with on(4):
        gestes.prendre(task(depose), b)
    assert remind_on(6) == ["dossier.relancer"]
    assert said() == [(b.last_name, Nature.ACTION)]


def test_a_late_task_is_told_to_the_responsables_of_the_region_and_nobody_else(depose: Dossier) -> None:
    personne("responsable", "11")
    assert remind_on(13) == ["dossier.relancer_equipe", "dossier.signaler_retard"]
    signale = Courriel.objects.get(evenement=f"envoi:{Envoi.objects.get(sujet='dossier.signaler_retard').pk}")
    assert (signale.destinataire, signale.nature) == (personne("responsable"), Nature.INFORMATION)
    assert "devait être fait le 8 avril 2022, 3 jours ouvrés de retard" in gens.text(signale.sujet)


def test_what_was_done_before_the_row_was_read_is_not_asked(depose: Dossier) -> None:
    with on(6):
        assert relances.remind() == 1
    agir(depose, "prendre_en_charge", "instructeur", jour=LE[6])
    with on(7):
        collect()
    assert said() == []
    assert not Envoi.objects.filter(traite_le=None).exists()


def test_a_suspended_task_is_not_late(camp: Campagne) -> None:
    dossier = amener(camp.dossier("D1"), "en_recevabilite")
    agir(dossier, "demander_complements", "instructeur", jour=LE[5], motif="RIB.", echeance="2022-06-01")
    assert remind_on(25) == []
    agir(dossier, "completer", "porteur", jour=LE[25])
    assert remind_on(26) == []
    assert task(dossier).pour_le == date(2022, 5, 6)


def test_what_was_already_near_when_it_opened_is_not_said_twice(camp: Campagne) -> None:
    """One working day to do it: nothing to say two days before."""
    with on(1):
        fixer_objectifs(camp.aap, {"prendre_en_charge": 1}, camp.personne("responsable"), du=date(2022, 4, 1))
    amener(camp.dossier("D1"), "depose")
    assert remind_on(1) == []
    assert remind_on(4) == ["dossier.relancer_equipe"]


def test_what_the_law_dates_is_reminded_elsewhere_and_reported_here(camp: Campagne) -> None:
    """Committee on 5 October: its reminders are those of `courriels.rappels`."""
    amener(camp.dossier("D1"), "en_comite")
    assert remind_on(3, 10) == remind_on(5, 10) == []
    assert remind_on(10, 10) == ["dossier.signaler_retard"]


def test_a_porteur_is_never_reminded_here(camp: Campagne) -> None:
    assert TacheSuivie.objects.open().filter(role=Role.PORTEUR).exists()
    assert remind_on(30, 9) == []


def test_the_inbox_says_when_and_to_whom(depose: Dossier) -> None:
    remind_on(8)
    remind_on(13)
    with on(14):
        [groupe] = lecture.read(personne("instructeur"), "libres", date(2022, 4, 14)).groupes
    [ligne] = groupe.lignes
    assert groupe.titre == "En retard"
    assert ligne.suivi == relances.Suivi(
        relancee_le=date(2022, 4, 8), signalee_le=date(2022, 4, 13), a=str(personne("responsable"))
    )


def test_the_intervals_say_that_they_are_a_choice() -> None:
    seuils = relances.thresholds()
    assert (seuils.rappels, seuils.signalement) == ((2, 0), 3)
    assert seuils.source.startswith("Choix du service")
