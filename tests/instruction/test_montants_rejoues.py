"""The aid and its two halves as a play tells them: shares of hours, odd cents, small OGs, sectors."""

from decimal import Decimal

import pytest

from instruction.bilan import Bilan
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

EQUIPES = {"equipement": True, "amoa_marche": False, "amoa_projet": False}


def halves(bilan: Bilan) -> list[str]:
    return [versement["montant"] for versement in montre(bilan, "versements")]


@pytest.mark.parametrize(
    ("eligibles", "totales", "total", "moities"),
    [
        (1, 2, "311750.00", ["155875.00", "155875.00"]),
        (1, 7, "304071.43", ["152035.72", "152035.71"]),
        (5, 7, "316357.14", ["158178.57", "158178.57"]),
        (0, 7, "301000.00", ["150500.00", "150500.00"]),
    ],
)
def test_mixed_service_is_aided_for_its_share(eligibles: int, totales: int, total: str, moities: list[str]) -> None:
    og = organisme(15, categorie="354", heures_eligibles=eligibles, heures_totales=totales)
    bilan = jouer(campagne(parcours(), demande(og_liste=[og])))
    assert codes(bilan) == []
    assert montre(bilan, "financement")["total"] == total
    assert halves(bilan) == moities
    assert sum(map(Decimal, halves(bilan))) == Decimal(total)
    assert bilan["enveloppe"]["verse"] == total


def test_mixed_service_must_state_its_share() -> None:
    og = organisme(15, categorie="354", heures_eligibles=1, heures_totales=2)
    pieces = ["cadre_de_reponse", "autodiagnostic_si", "lettre_engagement", "tableau_essms"]
    bilan = jouer(campagne(parcours("deposer"), demande(og_liste=[og], pieces=pieces)))
    assert bilan["refus"][0]["details"] == {"pieces": ["declaration_part_sociale"]}


@pytest.mark.parametrize(
    ("og", "og_total", "equipement"),
    [(2, None, "400000.00"), (2, 14, "400000.00"), (2, 15, "0.00"), (1, None, "0.00"), (1, 14, "0.00")],
    ids=["10 chacun", "14 déclarés", "15 déclarés", "20 apportés", "jamais moins que ce qu'il apporte"],
)
def test_small_og(og: int, og_total: int | None, equipement: str) -> None:
    dossier = demande(essms=20, og=og, options=EQUIPES, generer_og_total=og_total)
    financement = montre(jouer(campagne([], dossier)), "financement")
    assert financement["equipement"] == equipement
    assert Decimal(financement["total"]) == 430000 + Decimal(equipement)


def test_essms_are_spread_evenly() -> None:
    dossier = demande(essms=29, og=2, options=EQUIPES)
    assert montre(jouer(campagne([], dossier)), "financement")["equipement"] == "280000.00"


def test_amoa_once_per_grappe() -> None:
    options = {"equipement": False, "amoa_marche": True, "amoa_projet": True}
    financement = montre(jouer(campagne([], demande(essms=20, og=2, options=options))), "financement")
    assert (financement["amoa_marche"], financement["amoa_projet"]) == ("15000.00", "100000.00")


def test_unreferenced_software_of_ahi_is_warned_about() -> None:
    """The printed rate for unreferenced software names three sectors: AHI is not among them."""
    financement = montre(
        jouer(campagne(parcours("declarer_recevable"), demande(segur=False, generer_secteur="AHI"))), "financement"
    )
    assert financement["total"] == "285000.00"
    assert any("AHI" in avertissement for avertissement in financement["avertissements"])
    autre = montre(jouer(campagne([], demande(segur=False))), "financement")
    assert not any("AHI" in avertissement for avertissement in autre["avertissements"])


@pytest.mark.parametrize("secteur", ["PA", "PH", "DOM", "PDS", "PDE", "AHI", "PJM"])
def test_every_sector_travels_the_whole_path(secteur: str) -> None:
    bilan = jouer(campagne(parcours(), demande(generer_secteur=secteur)))
    assert (codes(bilan), montre(bilan)) == ([], "clos")
    assert halves(bilan) == ["161250.00", "161250.00"]


def test_usage_is_summed_over_the_grappe_before_it_is_compared() -> None:
    """One ESSMS at 0 message, the others at 75: 70.00 on the whole, just enough; 69.99 is not."""
    og = organisme(15)
    numeros = [essms["finess_et"] for essms in og["essms"]]
    for messages, valeur, etat in ((75, "70.00", "cibles_atteintes"), (74, "69.07", "en_verification")):
        mesures: Objet = {numero: CHIFFRES | {"messages_mss": messages} for numero in numeros}
        mesures[numeros[0]] = CHIFFRES | {"messages_mss": 0}
        scenario = campagne(
            [
                *parcours("verser_premiere_moitie"),
                evenement("2023-06-30", "porteur", "declarer_usages", mois="2023-06", mesures=mesures),
                *parcours("constater_cibles", apres="declarer_usages"),
            ],
            demande(og_liste=[og]),
        )
        bilan = jouer(scenario)
        mss = next(cible for cible in montre(bilan, "cibles") if cible["indicateur"] == "MSS")
        assert (mss["valeur"], montre(bilan)) == (valeur, etat)


def test_aid_frozen_at_selection_is_the_one_paid() -> None:
    bilan = jouer(campagne(parcours("signer_convention")))
    assert montre(bilan, "financement")["total"] == "322500.00"
    assert halves(bilan) == ["161250.00", "161250.00"]
    assert {v["etat"] for v in montre(bilan, "versements")} == {"propose"}
