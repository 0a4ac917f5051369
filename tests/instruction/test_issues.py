"""The other ways a dossier goes: reoriented, adjourned, set aside, waiting, withdrawn, closed."""

from datetime import date

import pytest

from aap.models import Dossier
from instruction.taches import tasks
from moteur import horloge
from tests.instruction.scenes import (
    ETAPES,
    ETATS,
    Objet,
    campagne,
    codes,
    demande,
    evenement,
    jouer,
    montre,
    parcours,
)

pytestmark = pytest.mark.django_db


def decision(action: str, **donnees: object) -> Objet:
    return evenement("2022-10-05", "responsable", action, **donnees)


def test_reoriented_to_the_national_call() -> None:
    reorienter = evenement("2022-04-12", "instructeur", "reorienter", aap="NAT-2022", motif="50 ESSMS et plus.")
    bilan = jouer(campagne([*parcours("declarer_recevable"), reorienter], demande(essms=50)))
    assert codes(bilan) == [(2, "REGLE_NON_SATISFAITE")]
    assert (montre(bilan), montre(bilan, "taches")) == ("reoriente", [])


def test_adjourned_then_presented_again() -> None:
    bilan = jouer(
        campagne([
            *parcours("inscrire_au_comite"),
            decision("ajourner", motif="Plan de financement à revoir."),
            evenement("2022-10-06", "instructeur", "inscrire_au_comite", seance="2022-11-09"),
            evenement("2022-11-09", "responsable", "selectionner"),
        ])
    )  # fmt: skip
    assert (codes(bilan), montre(bilan)) == ([], "selectionne")


def test_set_aside_from_the_committee_and_from_the_waiting_list() -> None:
    for attente in ([], [decision("mettre_en_attente", rang=4)]):
        bilan = jouer(
            campagne([
                *parcours("inscrire_au_comite"),
                *attente,
                decision("ecarter", motif="Projet insuffisamment mûr."),
                decision("selectionner"),
            ])
        )  # fmt: skip
        assert [code for _, code in codes(bilan)] == ["TRANSITION_INTERDITE"]
        assert (montre(bilan), montre(bilan, "taches")) == ("non_retenu", [])
        assert bilan["enveloppe"]["disponible"] == "5000000.00"


@pytest.mark.parametrize("rang", [0, -1, 10_001, "1.5", "premier", None])
def test_rank_on_the_waiting_list_is_a_rank(rang: object) -> None:
    bilan = jouer(campagne([*parcours("inscrire_au_comite"), decision("mettre_en_attente", rang=rang)]))
    assert [code for _, code in codes(bilan)] == ["DONNEES_INVALIDES"]
    assert "rang" in bilan["refus"][0]["message"]


@pytest.mark.parametrize(
    "etape",
    [
        "deposer",
        "declarer_recevable",
        "cloturer_instruction",
        "inscrire_au_comite",
        "selectionner",
        "notifier",
        "signer",
    ],
)
def test_porteur_withdraws_before_the_convention(etape: str) -> None:
    retrait = evenement("2022-12-01", "porteur", "abandonner", motif="Changement de direction.")
    bilan = jouer(campagne([*parcours(etape), retrait]))
    assert (codes(bilan), montre(bilan)) == ([], "abandonne")
    assert bilan["enveloppe"]["reserve"] == "0.00"


@pytest.mark.parametrize("etape", ["signer_convention", "verser_premiere_moitie", "constater_cibles", "cloturer"])
def test_porteur_does_not_withdraw_after_it(etape: str) -> None:
    retrait = evenement("2024-12-01", "porteur", "abandonner", motif="Trop tard.")
    bilan = jouer(campagne([*parcours(etape), retrait]))
    assert [code for _, code in codes(bilan)] == ["TRANSITION_INTERDITE"]
    assert montre(bilan) == ETATS[etape]


def test_each_step_awaits_a_task_until_the_end() -> None:
    """At every stop of the path something is awaited, and the next step is among what is."""
    attendues: list[set[str]] = []
    evenements = parcours()

    def look(rang: int) -> None:
        with horloge.figer(horloge.ouverture(date.fromisoformat(evenements[rang]["le"]))):
            attendues.append({tache.action for tache in tasks(Dossier.objects.get())})

    jouer(campagne(evenements), observe=look)
    for rang, suivante in enumerate(evenements[1:]):
        assert suivante["action"] in attendues[rang], f"après {ETAPES[rang]} : {attendues[rang]}"
    assert attendues[-1] == set()


def test_unknown_data_are_warned_about_not_refused() -> None:
    deposer = evenement("2022-04-01", "porteur", "deposer", urgence="haute")
    scenario = campagne([deposer]) | {"commentaire": "essai"}
    scenario["dossiers"][0]["couleur"] = "bleu"
    bilan = jouer(scenario)
    assert (codes(bilan), montre(bilan)) == ([], "depose")
    assert bilan["avertissements"] == [
        "commentaire : clé inconnue, ignorée",
        "dossiers[0].couleur : clé inconnue, ignorée",
        "evenements[0].donnees.urgence : clé inconnue, ignorée",
    ]


def test_two_dossiers_do_not_mix() -> None:
    bilan = jouer(campagne([*parcours("deposer", dossier="D2")], demande("D1"), demande("D2")))
    assert (montre(bilan, ref="D1"), montre(bilan, ref="D2")) == ("brouillon", "depose")


def test_scenario_without_events_or_dossiers() -> None:
    assert montre(jouer(campagne([]))) == "brouillon"
    vide = jouer(campagne([]) | {"dossiers": []})
    assert vide["dossiers"] == {}
    assert set(vide["enveloppe"]) == {"dotation", "reserve", "engage", "verse", "disponible"}
