"""Days that count: the deadline of the targets, its clamp to the end of a month, its prorogation, complements."""

import pytest

from moteur.models import Envoi
from tests.instruction.scenes import (
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


def signed_on(jour: str) -> list[Objet]:
    """Up to the first half paid, with everything from the committee to the payment on that day."""
    avant = parcours("inscrire_au_comite")
    apres = parcours("verser_premiere_moitie", apres="inscrire_au_comite")
    return [*avant, *[evt | {"le": jour} for evt in apres]]


def failure(le: str) -> Objet:
    return evenement(le, "responsable", "constater_echec", motif="Usage insuffisant.")


@pytest.mark.parametrize(
    ("projet", "signature", "echeance", "lendemain"),
    [
        ("acquisition", "2022-10-21", "2024-04-21", "2024-04-22"),
        ("acquisition", "2022-08-31", "2024-02-29", "2024-03-01"),
        ("acquisition", "2022-08-30", "2024-02-29", "2024-03-01"),
        ("montee_de_version", "2022-05-31", "2023-02-28", "2023-03-01"),
        ("montee_de_version", "2022-12-30", "2023-09-30", "2023-10-01"),
    ],
)
def test_deadline_of_the_targets(projet: str, signature: str, echeance: str, lendemain: str) -> None:
    scenario = campagne([*signed_on(signature), failure(echeance), failure(lendemain)], demande(projet=projet))
    bilan = jouer(scenario)
    assert codes(bilan) == [(len(scenario["evenements"]) - 2, "DELAI_NON_ECHU")]
    assert bilan["refus"][0]["details"] == {"echeance": echeance}
    assert montre(bilan) == "en_reversement"


def test_deadline_is_the_one_of_the_tasks() -> None:
    bilan = jouer(campagne(signed_on("2022-08-31")))
    assert {tache["echeance"] for tache in montre(bilan, "taches")} == {"2024-02-29"}


def test_prorogation_moves_it() -> None:
    proroger = ("responsable", "proroger")
    scenario = campagne([
        *signed_on("2022-10-21"),
        evenement("2024-04-01", "instructeur", "proroger", jusqu_au="2024-12-31", motif="Éditeur en retard."),
        evenement("2024-04-01", *proroger, jusqu_au="2024-12-31"),
        evenement("2024-04-01", *proroger, jusqu_au="2024-04-21", motif="Même jour."),
        evenement("2024-04-01", *proroger, jusqu_au="2024-12-31", motif="Éditeur en retard."),
        failure("2024-12-31"),
        evenement("2024-12-31", *proroger, jusqu_au="2025-01-31", motif="Un mois encore."),
        failure("2025-01-31"),
        failure("2025-02-01"),
    ])  # fmt: skip
    bilan = jouer(scenario)
    debut = len(signed_on("2022-10-21"))
    assert codes(bilan) == [
        (debut, "ROLE_INTERDIT"), (debut + 1, "MOTIF_REQUIS"), (debut + 2, "DONNEES_INVALIDES"),
        (debut + 4, "DELAI_NON_ECHU"), (debut + 6, "DELAI_NON_ECHU"),
    ]  # fmt: skip
    assert bilan["refus"][-1]["details"] == {"echeance": "2025-01-31"}
    assert montre(bilan) == "en_reversement"


def test_complements_up_to_the_last_minute_of_the_due_day() -> None:
    demander = evenement("2022-04-05", "instructeur", "demander_complements", motif="RIB ?", echeance="2022-05-02")
    scenario = campagne([
        *parcours("prendre_en_charge"),
        demander,
        evenement("2022-04-20", "porteur", "fournir_piece", code="rib"),
        evenement("2022-05-02T23:59:59+02:00", "porteur", "completer"),
    ])  # fmt: skip
    bilan = jouer(scenario)
    assert (codes(bilan), montre(bilan)) == ([], "en_recevabilite")


def test_complements_may_be_asked_for_today_not_for_yesterday() -> None:
    for echeance, refus in (("2022-04-05", []), ("2022-04-04", ["DONNEES_INVALIDES"])):
        demander = evenement("2022-04-05", "instructeur", "demander_complements", motif="RIB ?", echeance=echeance)
        bilan = jouer(campagne([*parcours("prendre_en_charge"), demander]))
        assert [code for _, code in codes(bilan)] == refus


def test_last_day_to_commit_belongs_to_the_call_when_it_gives_one() -> None:
    tard = [evt | {"le": "2023-02-28"} for evt in parcours("signer_convention", apres="selectionner")]
    bilan = jouer(campagne([*parcours("selectionner"), *tard], dernier_engagement="2023-02-28"))
    assert (codes(bilan), montre(bilan)) == ([], "conventionne")
    bilan = jouer(campagne([*parcours("selectionner"), *tard], dernier_engagement="2023-02-27"))
    assert codes(bilan)[0] == (len(parcours("selectionner")), "DELAI_DEPASSE")


def test_passing_time_tells_each_missed_deadline_once() -> None:
    """`passer` needs nobody and no dossier; it moves the clock and tells the outbox, once."""
    compte: list[int] = []
    evenements: list[Objet] = [
        *signed_on("2022-10-21"),
        {"le": "2024-04-21", "action": "passer"},
        {"le": "2024-04-22", "action": "passer"},
        {"le": "2024-05-22", "action": "passer"},
    ]
    bilan = jouer(
        campagne(evenements),
        observe=lambda rang: compte.append(Envoi.objects.filter(sujet="dossier.echeance_depassee").count()),
    )
    assert codes(bilan) == []
    assert {tache["action"] for tache in montre(bilan, "taches")} >= {"declarer_usages", "constater_echec"}
    assert (compte[-3], compte[-2]) == (0, compte[-1])
    assert compte[-1] > 0


def test_window_days_are_those_of_paris() -> None:
    """22:30 UTC on 29 September is still the 30th in Paris; 22:30 UTC on the 30th is October there."""
    for instant, refus in (("2022-09-29T22:30:00+00:00", []), ("2022-09-30T22:30:00+00:00", ["FENETRE_FERMEE"])):
        bilan = jouer(campagne([evenement(instant, "porteur", "deposer")]))
        assert [code for _, code in codes(bilan)] == refus
