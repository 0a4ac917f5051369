"""The agenda follows the law: its tasks are those the states call for, and it only goes where its process is drawn."""

from collections import deque
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import call_command
from viewflow.workflow.base import Node

from aap.models import Aap, Dossier
from comptes.models import Utilisateur
from conventions.models import Versement
from instruction import agenda
from instruction.etapes import Etape
from instruction.flows import InstructionFlow
from instruction.models import Parcours, TacheSuivie
from moteur import horloge
from moteur.porte import actes, aretes_par_nom, franchir

pytestmark = pytest.mark.django_db
#: Steps that open because a day has passed.
DATEES = {"declarer_irrecevable", "constater_echec"}


@pytest.fixture
def jouee(campagne_jouee, jour):
    agenda.catch_up(jour)
    return {dossier.pk: dossier for dossier in Dossier.objects.select_related("aap")}


@pytest.fixture
def instructeur(campagne_jouee, db):
    return Utilisateur.objects.filter(affectations__role="instructeur").order_by("pk")[0]


def open_tasks() -> dict[int, set[tuple[str, int]]]:
    """Dossier → the steps open on it."""
    ouvertes: dict[int, set[tuple[str, int]]] = {}
    for tache in TacheSuivie.objects.open().select_related("process"):
        ouvertes.setdefault(tache.process.dossier_id, set()).add((tache.flow_task.name, tache.tour))
    return ouvertes


def test_the_tasks_are_those_the_states_call_for_and_rebuilding_changes_nothing(jouee):
    attendues = {pk: {tache.cle for tache in agenda.awaited(dossier)} for pk, dossier in jouee.items()}
    assert open_tasks() == {pk: cles for pk, cles in attendues.items() if cles}
    assert [agenda.accorder(dossier) for dossier in jouee.values()] == [agenda.Ecart()] * len(jouee)


def test_what_was_lost_comes_back(jouee):
    avant = open_tasks()
    perdu = Parcours.objects.get(
        etat="en_instruction", taches__flow_task__endswith=".evaluer", taches__tour=0, taches__finished=None
    )
    perdu.taches.open().delete()
    Parcours.objects.exclude(pk=perdu.pk).delete()
    lignes = run_command()
    assert lignes[-1] == f"Dossiers remis d'accord avec leur état : {len(jouee)}."
    assert open_tasks() == avant
    assert run_command("--simuler") == ["Dossiers à remettre d'accord avec leur état : 0."]


def test_simulating_says_so_and_changes_nothing(jouee):
    Parcours.objects.filter(etat="depose").update(etat="clos")
    sortie = StringIO()
    with pytest.raises(SystemExit) as fin:
        call_command("reconstruire_taches", "--simuler", stdout=sortie)
    assert fin.value.code == 1
    assert "copie pour les listes refaite" in sortie.getvalue()
    assert Parcours.objects.filter(etat="clos", dossier__etat="depose").exists()


def test_the_agenda_only_goes_where_the_process_is_drawn(jouee):
    """Each task opens after one of its dossier that leads to it through forks and joins alone."""
    for parcours in Parcours.objects.prefetch_related("taches"):
        taches = sorted(parcours.taches.all(), key=lambda tache: (tache.created, tache.pk))
        avant = [InstructionFlow.instance.node("depart")]
        for tache in taches:
            finies = [une.flow_task for une in taches if une.finished and une.finished <= tache.created]
            assert any(tache.flow_task in leads_to(noeud) for noeud in (*avant, *finies)), (
                parcours,
                tache.flow_task.name,
            )


def leads_to(noeud: Node) -> set[Node]:
    """The human tasks that come next, whatever forks and joins are between; what a date opens may be done at once."""
    suivantes, file = set(), deque(edge.dst for edge in noeud._outgoing())
    while file:
        vu = file.popleft()
        if isinstance(vu, Etape):
            suivantes.add(vu)
        if not isinstance(vu, Etape) or vu.name in DATEES:
            file.extend(edge.dst for edge in vu._outgoing())
    return suivantes


def test_every_step_of_the_process_is_one_act_of_the_door_by_its_role():
    portes = {
        nom: {role for arete in aretes.values() for role in arete.roles}
        for nom, aretes in aretes_par_nom(Dossier).items()
    }
    portes |= {nom: set(un.roles) for nom, un in actes(Dossier).items()}
    portes |= {
        nom: {role for arete in aretes_par_nom(Versement)[nom].values() for role in arete.roles}
        for nom in ("certifier", "ordonnancer", "executer")
    }
    for noeud in InstructionFlow.instance.nodes():
        if isinstance(noeud, Etape):
            assert noeud.role in portes[noeud.action] or noeud.action == "viser", noeud.name
            assert (noeud.role is None) is (noeud.action == "viser"), "the rule set alone names who gives a visa"


def test_a_play_keeps_no_agenda(campagne_jouee, instructeur):
    dossier = Dossier.objects.get(pk=campagne_jouee["depose"])
    Aap.objects.filter(pk=dossier.aap_id).update(rejeu=uuid4())
    franchir(dossier, "prendre_en_charge", instructeur)
    assert Parcours.objects.get(dossier=dossier).etat == "depose"


def test_following_an_act_costs_six_queries(campagne_jouee, instructeur, django_assert_num_queries):
    """Beside the four of the door (one asks whether she keeps out of it): the process and its tasks, one closed, one
    opened with the days it is given, the copy for lists.
    """
    dossier = Dossier.objects.get(pk=campagne_jouee["depose"])
    instructeur.roles_au(horloge.aujourdhui())
    with django_assert_num_queries(4 + 6 + 2):  # and a savepoint, which is two
        franchir(dossier, "prendre_en_charge", instructeur)


def run_command(*options: str) -> list[str]:
    sortie = StringIO()
    call_command("reconstruire_taches", *options, stdout=sortie)
    return sortie.getvalue().splitlines()
