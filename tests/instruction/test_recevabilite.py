"""The ten eligibility rules through a play: each failing alone, many at once, waived, or seen in a draft."""

from typing import Any

import pytest

from tests.instruction.scenes import (
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

RECEVABLE = parcours("declarer_recevable")


def refused_rules(scenario: Objet) -> list[str]:
    """Codes in the details of the one refusal; empty when the dossier was received."""
    refus = jouer(scenario)["refus"]
    assert [un["code"] for un in refus] in ([], ["REGLE_NON_SATISFAITE"])
    regles: list[str] = refus[0]["details"]["regles"] if refus else []
    return regles


def numero_d_og() -> Objet:
    og = organisme()
    og["essms"][0]["finess_et"] = og["finess_ej"]
    return og


def both_asking(premier: Objet, second: Objet) -> Objet:
    """D1 files before D2."""
    return campagne(
        [
            *parcours("deposer", dossier="D1"),
            evenement("2022-04-02", "porteur", "deposer", "D2"),
            evenement("2022-04-04", "instructeur", "prendre_en_charge", "D2"),
            evenement("2022-04-11", "instructeur", "declarer_recevable", "D2"),
        ],
        premier,
        second,
    )


SEULES: list[tuple[str, Objet]] = [
    ("MIN_ESSMS", campagne(RECEVABLE, demande(essms=14))),
    ("ROUTAGE", campagne(RECEVABLE, demande(essms=50))),
    ("FINESS_GEOGRAPHIQUE", campagne(RECEVABLE, demande(og_liste=[numero_d_og()]))),
    ("L312_1", campagne(RECEVABLE, demande(og_liste=[organisme(16, categorie="101")]))),
    ("UNICITE", both_asking(demande("D1", og_liste=[organisme()]), demande("D2", og_liste=[organisme()]))),
    (
        "CUMUL_SONS",
        campagne(RECEVABLE, demande(og_liste=[organisme(sons_logiciel="Netvie")], logiciel="Titan")),
    ),
    ("CUMUL_UE", campagne(RECEVABLE, demande(financement_ue="FEDER"))),
    ("CONCURRENCE", campagne(RECEVABLE, demande(contrat_signe=True))),
    ("LOGICIEL_REFERENCE", campagne(RECEVABLE, demande(projet="montee_de_version", segur=False))),
]


@pytest.mark.parametrize(("regle", "scenario"), SEULES, ids=[regle for regle, _ in SEULES])
def test_rule_fails_alone(regle: str, scenario: Objet) -> None:
    assert refused_rules(scenario) == [regle]


@pytest.mark.parametrize(
    "dossier",
    [
        demande(essms=15),
        demande(essms=49),
        demande(essms=8, generer_departements=["2A", "2B"]),
        demande(essms=8, generer_departements=["974", "9A"]),
        demande(og_liste=[organisme(16)], logiciel="Titan"),
        demande(og_liste=[organisme(sons_logiciel="  titan ")], logiciel="Titan"),
        demande(projet="montee_de_version", contrat_signe=True),
        demande(segur=False),
    ],
    ids=["15", "49", "corse 8", "outre-mer 8", "sans SONS", "même logiciel", "montée engagée", "non référencé"],
)
def test_rule_just_passes(dossier: Objet) -> None:
    assert refused_rules(campagne(RECEVABLE, dossier)) == []


def test_overseas_and_corsica_below_eight() -> None:
    for departements in (["2A"], ["973"]):
        dossier = demande(essms=7, generer_departements=departements)
        assert refused_rules(campagne(RECEVABLE, dossier)) == ["MIN_ESSMS"]


def test_national_call_takes_fifty_and_more() -> None:
    assert refused_rules(campagne(RECEVABLE, demande(essms=50), region=None)) == []
    assert refused_rules(campagne(RECEVABLE, demande(essms=49), region=None)) == ["ROUTAGE"]


def many_faults(**cles: Any) -> Objet:
    """Thirteen ESSMS, one outside L.312-1, one with the number of its OG, a SONS order, FEDER money."""
    og = numero_d_og()
    hors, *autres = organisme(13, categorie="101")["essms"]
    og["essms"] = [og["essms"][0], hors, *autres[:-1]]
    og["essms"][2] |= {"sons_logiciel": "Netvie"}
    return demande("D2", og_liste=[og], logiciel="Titan", financement_ue="FEDER", **cles)


@pytest.mark.parametrize(
    ("cles", "derniere"),
    [
        ({"contrat_signe": True}, "CONCURRENCE"),
        ({"projet": "montee_de_version", "segur": False}, "LOGICIEL_REFERENCE"),
    ],
)
def test_all_that_fail_are_listed_in_order(cles: Objet, derniere: str) -> None:
    premier = demande("D1", og_liste=[organisme(16, categorie="101")])
    scenario = both_asking(premier, many_faults(**cles))
    scenario["aap"]["region"] = None
    assert refused_rules(scenario) == [
        "MIN_ESSMS", "ROUTAGE", "FINESS_GEOGRAPHIQUE", "L312_1", "UNICITE", "CUMUL_SONS", "CUMUL_UE", derniere,
    ]  # fmt: skip


def test_refusal_carries_the_verdicts() -> None:
    refus = jouer(campagne(RECEVABLE, demande(essms=14)))["refus"][0]
    (verdict,) = refus["details"]["verdicts"]
    assert (verdict["regle"], verdict["ok"], verdict["constat"], verdict["attendu"]) == ("MIN_ESSMS", False, 14, 15)
    assert "MIN_ESSMS" in refus["message"]


def test_draft_shows_the_documents_it_lacks() -> None:
    bilan = jouer(campagne([], demande(pieces=["cadre_de_reponse"])))
    verdict = montre(bilan, "eligibilite")[-1]
    assert (verdict["regle"], verdict["ok"]) == ("PIECES", False)
    assert verdict["constat"] == ["autodiagnostic_si", "lettre_engagement", "tableau_essms"]


def test_waived_then_received() -> None:
    bilan = jouer(
        campagne(
            [
                *RECEVABLE,
                evenement("2022-04-12", "responsable", "deroger", regle="MIN_ESSMS", motif="Grappe de montagne."),
                evenement("2022-04-12", "responsable", "deroger", regle="MIN_ESSMS", motif="Encore."),
                evenement("2022-04-12", "instructeur", "deroger", regle="CUMUL_UE", motif="Moi aussi."),
                evenement("2022-04-12", "responsable", "deroger", regle="CUMUL_UE", motif="Lot distinct."),
                evenement("2022-04-13", "instructeur", "declarer_recevable"),
            ],
            demande(essms=14, financement_ue="FEDER"),
        )
    )
    assert codes(bilan) == [(2, "REGLE_NON_SATISFAITE"), (4, "DONNEES_INVALIDES"), (5, "ROLE_INTERDIT")]
    assert montre(bilan) == "en_instruction"
    verdicts = {verdict["regle"]: verdict for verdict in montre(bilan, "eligibilite")}
    assert (verdicts["MIN_ESSMS"]["ok"], verdicts["MIN_ESSMS"]["deroge"]) == (False, True)
    assert verdicts["MIN_ESSMS"]["motif"] == "Grappe de montagne."


def test_only_the_other_rules_remain_after_a_waiver() -> None:
    bilan = jouer(
        campagne(
            [
                *parcours("prendre_en_charge"),
                evenement("2022-04-05", "responsable", "deroger", regle="MIN_ESSMS", motif="Grappe de montagne."),
                *parcours("declarer_recevable", apres="prendre_en_charge"),
            ],
            demande(essms=14, financement_ue="FEDER"),
        )
    )
    assert bilan["refus"][0]["details"]["regles"] == ["CUMUL_UE"]


def test_outside_l312_1_is_not_funded_unless_waived() -> None:
    og = [organisme(16, categorie="101")]
    deroge = evenement("2022-04-05", "responsable", "deroger", regle="L312_1", motif="Autorisé par arrêté.")
    bilan = jouer(campagne(parcours("prendre_en_charge"), demande(og_liste=og)))
    assert montre(bilan, "financement")["total"] == "322500.00"
    bilan = jouer(campagne([*parcours("prendre_en_charge"), deroge], demande(og_liste=og)))
    assert montre(bilan, "financement")["total"] == "344000.00"


def test_first_filed_holds_the_essms_until_it_ends() -> None:
    """D1 withdraws: D2, refused the day before, is received."""
    scenario = both_asking(demande("D1", og_liste=[organisme()]), demande("D2", og_liste=[organisme()]))
    scenario["evenements"] += [
        evenement("2022-04-12", "porteur", "abandonner", "D1", motif="Fusion des grappes."),
        evenement("2022-04-13", "instructeur", "declarer_recevable", "D2"),
    ]
    bilan = jouer(scenario)
    assert codes(bilan) == [(3, "REGLE_NON_SATISFAITE")]
    assert bilan["refus"][0]["details"]["verdicts"][0]["constat"][0]["dossier"] == "D1"
    assert montre(bilan, ref="D2") == "en_instruction"


def test_snapshot_is_what_is_judged() -> None:
    """The dossier filed first is not barred by the second one, whatever the order of examination."""
    scenario = both_asking(demande("D1", og_liste=[organisme()]), demande("D2", og_liste=[organisme()]))
    scenario["evenements"] += [
        evenement("2022-04-12", "instructeur", "prendre_en_charge", "D1"),
        evenement("2022-04-12", "instructeur", "declarer_recevable", "D1"),
    ]
    assert montre(jouer(scenario), ref="D1") == "en_instruction"
