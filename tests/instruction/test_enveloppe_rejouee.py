"""The envelope's five figures, after each event that moves money."""

from decimal import Decimal

import pytest

from aap.models import Enveloppe
from instruction.bilan import Bilan
from moteur.texte import INSECABLE
from tests.instruction.scenes import (
    CHIFFRES,
    Objet,
    campagne,
    codes,
    demande,
    evenement,
    jouer,
    montre,
    organisme,
    parcours,
)

pytestmark = pytest.mark.django_db

AIDE = Decimal("322500.00")
MOITIE = AIDE / 2
ECHEC = evenement("2024-04-22", "responsable", "constater_echec", motif="Cibles hors de portée.")


def followed(scenario: Objet) -> tuple[Bilan, list[tuple[str, ...]]]:
    """The play, and (reserve, engage, verse, disponible) after each event."""
    suite: list[tuple[str, ...]] = []

    def look(rang: int) -> None:
        position = Enveloppe.objects.get().position().as_dict()
        suite.append(tuple(position[nom] for nom in ("reserve", "engage", "verse", "disponible")))

    return jouer(scenario, observe=look), suite


def figures(
    reserve: Decimal | int, engage: Decimal | int, verse: Decimal | int, disponible: Decimal
) -> tuple[str, ...]:
    return tuple(f"{montant:.2f}" for montant in (reserve, engage, verse, disponible))


def test_full_path() -> None:
    scenario = campagne(parcours(), enveloppe="400000.00")
    bilan, suite = followed(scenario)
    dotation = Decimal("400000.00")
    attendu = {
        "inscrire_au_comite": figures(0, 0, 0, dotation),
        "selectionner": figures(AIDE, 0, 0, dotation - AIDE),
        "notifier": figures(AIDE, 0, 0, dotation - AIDE),
        "signer_convention": figures(0, AIDE, 0, dotation - AIDE),
        "ordonnancer_1": figures(0, AIDE, 0, dotation - AIDE),
        "executer_1": figures(0, AIDE, MOITIE, dotation - AIDE),
        "executer_2": figures(0, AIDE, AIDE, dotation - AIDE),
        "cloturer": figures(0, AIDE, AIDE, dotation - AIDE),
    }
    assert {etape: suite[len(parcours(etape)) - 1] for etape in attendu} == attendu
    assert bilan["enveloppe"]["dotation"] == "400000.00"


def test_waiting_list_then_selected_when_the_first_withdraws() -> None:
    og = [organisme(15, rang=2)]
    evenements = [
        *parcours("inscrire_au_comite", dossier="D1"),
        *[evt | {"le": "2022-04-15"} for evt in parcours("inscrire_au_comite", dossier="D2")],
        *parcours("selectionner", apres="inscrire_au_comite", dossier="D1"),
        *parcours("selectionner", apres="inscrire_au_comite", dossier="D2"),
        evenement("2022-10-05", "responsable", "mettre_en_attente", "D2", rang=1),
        evenement("2022-10-06", "responsable", "selectionner", "D2"),
        evenement("2022-10-07", "porteur", "abandonner", "D1", motif="L'éditeur s'est retiré."),
        evenement("2022-10-08", "responsable", "selectionner", "D2"),
    ]
    scenario = campagne(evenements, demande("D1"), demande("D2", og_liste=og), enveloppe="400000.00")
    bilan, suite = followed(scenario)
    n = len(evenements)
    assert codes(bilan) == [(n - 5, "ENVELOPPE_INSUFFISANTE"), (n - 3, "ENVELOPPE_INSUFFISANTE")]
    assert bilan["refus"][0]["details"] == {"demande": "322500.00", "disponible": "77500.00"}
    reste = Decimal("77500.00")
    pris, libre = figures(AIDE, 0, 0, reste), figures(0, 0, 0, reste + AIDE)
    assert suite[-6:] == [pris, pris, pris, pris, libre, pris]
    assert (montre(bilan, ref="D1"), montre(bilan, ref="D2")) == ("abandonne", "selectionne")


def test_exact_fit() -> None:
    bilan, suite = followed(campagne(parcours("selectionner"), enveloppe="322500.00"))
    assert (codes(bilan), suite[-1]) == ([], figures(AIDE, 0, 0, Decimal(0)))


def test_withdrawal_under_signature_frees_the_reservation() -> None:
    bilan, suite = followed(
        campagne([*parcours("signer"), evenement("2022-10-20", "porteur", "abandonner", motif="Renoncement.")])
    )
    assert suite[-1] == figures(0, 0, 0, Decimal("5000000.00"))
    assert montre(bilan) == "abandonne"
    assert [ligne["vers"] for ligne in bilan["journal"] if ligne["objet"] == "convention:D1"][-1] == "resiliee"


@pytest.mark.parametrize("depuis", ["verser_premiere_moitie", "soumettre_usages"])
def test_failure_then_recovery(depuis: str) -> None:
    dotation = Decimal("5000000.00")
    bilan, suite = followed(campagne([*parcours(depuis), ECHEC, evenement("2024-06-03", "comptable", "cloturer")]))
    assert codes(bilan) == []
    assert suite[-3:] == [
        figures(0, AIDE, MOITIE, dotation - AIDE),
        figures(0, MOITIE, MOITIE, dotation - MOITIE),
        figures(0, 0, 0, dotation),
    ]
    assert montre(bilan) == "clos"
    assert [v["etat"] for v in montre(bilan, "versements")] == ["execute", "annule"]


def test_waiver_of_the_debt_leaves_the_money_spent() -> None:
    dotation = Decimal("5000000.00")
    bilan, suite = followed(
        campagne([
            *parcours("verser_premiere_moitie"),
            ECHEC,
            evenement("2024-05-02", "comptable", "remettre", motif="Pas mon rôle."),
            evenement("2024-05-02", "responsable", "remettre"),
            evenement("2024-05-02", "responsable", "remettre", motif="Liquidation judiciaire."),
            evenement("2024-05-02", "responsable", "remettre", motif="Encore."),
            evenement("2024-06-03", "instructeur", "cloturer"),
            evenement("2024-06-03", "comptable", "cloturer"),
        ])
    )  # fmt: skip
    debut = len(parcours("verser_premiere_moitie")) + 1
    assert codes(bilan) == [
        (debut, "ROLE_INTERDIT"), (debut + 1, "MOTIF_REQUIS"), (debut + 3, "TRANSITION_INTERDITE"),
        (debut + 4, "ROLE_INTERDIT"),
    ]  # fmt: skip
    assert suite[-1] == figures(0, MOITIE, MOITIE, dotation - MOITIE)
    assert montre(bilan) == "clos"


def test_refused_usages_cost_nothing_and_a_new_month_proves() -> None:
    bas = {"uniforme": CHIFFRES | {"dmp_alimentes": 19}}
    bilan, suite = followed(
        campagne([
            *parcours("verser_premiere_moitie"),
            evenement("2023-06-30", "porteur", "declarer_usages", mois="2023-06", mesures=bas),
            evenement("2023-07-01", "porteur", "prononcer_vsr", le="2023-07-01"),
            evenement("2023-07-02", "porteur", "soumettre_usages"),
            evenement("2023-07-03", "responsable", "constater_cibles"),
            evenement("2023-07-03", "responsable", "certifier", rang=2),
            evenement("2023-07-04", "instructeur", "refuser_usages", motif="DMP : 19 pour 20."),
            evenement("2023-07-05", "porteur", "soumettre_usages"),
            evenement("2023-07-31", "porteur", "declarer_usages", mois="2023-07", mesures={"uniforme": CHIFFRES}),
            evenement("2023-08-01", "porteur", "soumettre_usages"),
            evenement("2023-08-02", "responsable", "constater_cibles"),
            evenement("2023-08-03", "responsable", "certifier", rang=2),
            evenement("2023-08-04", "responsable", "ordonnancer", rang=2),
            evenement("2023-08-05", "comptable", "executer", rang=2),
            evenement("2023-08-06", "comptable", "verser_seconde_moitie"),
        ])
    )  # fmt: skip
    debut = len(parcours("verser_premiere_moitie"))
    assert codes(bilan) == [
        (debut + 3, "CIBLES_NON_ATTEINTES"), (debut + 4, "CIBLES_NON_ATTEINTES"), (debut + 6, "USAGES_INCOMPLETS"),
    ]  # fmt: skip
    assert "DMP 19,00 % pour 20 %" in bilan["refus"][0]["message"].replace(INSECABLE, " ")
    assert montre(bilan) == "solde"
    assert suite[-1] == figures(0, AIDE, AIDE, Decimal("5000000.00") - AIDE)
