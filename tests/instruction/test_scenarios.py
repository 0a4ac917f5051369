"""Each scenario of `fixtures/scenarios/`, played for real: where it ends, what was refused, every amount."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from aap.models import Aap, Dossier
from grappes.models import Essms
from instruction.rejeu import play
from instruction.scenario import read_file
from moteur.models import Entree

DOSSIER = Path(__file__).resolve().parents[2] / "fixtures" / "scenarios"
TAILLE_MAX = 8 * 1024


@dataclass(frozen=True, kw_only=True)
class Issue:
    """Expected outcome. `refus`: event → code; `enveloppe`: dotation, reserve, engage, verse, disponible."""

    etats: dict[str, str]
    aides: dict[str, str]
    refus: dict[int, str]
    enveloppe: tuple[str, ...]
    versements: dict[str, list[tuple[int, str, str]]]
    taches: dict[str, list[str]]


ISSUES = {
    "succes": Issue(
        etats={"D1": "clos"},
        aides={"D1": "989000.00"},
        refus={},
        enveloppe=("5000000.00", "0.00", "989000.00", "989000.00", "4011000.00"),
        versements={"D1": [(1, "494500.00", "execute"), (2, "494500.00", "execute")]},
        taches={"D1": []},
    ),
    "refus_fenetre_et_pieces": Issue(
        etats={"D1": "depose", "D2": "brouillon"},
        aides={"D1": "387000.00", "D2": "80000.00"},
        refus={
            0: "FENETRE_FERMEE",
            1: "PIECE_MANQUANTE",
            2: "DONNEES_INVALIDES",
            4: "PIECE_MANQUANTE",
            6: "HORS_PERIMETRE",
            8: "FENETRE_FERMEE",
        },
        enveloppe=("5000000.00", "0.00", "0.00", "0.00", "5000000.00"),
        versements={"D1": [], "D2": []},
        taches={"D1": ["prendre_en_charge"], "D2": ["deposer"]},
    ),
    "irrecevable_complements_expires": Issue(
        etats={"D1": "irrecevable"},
        aides={"D1": "301000.00"},
        refus={
            2: "REGLE_NON_SATISFAITE",
            3: "DONNEES_INVALIDES",
            5: "DELAI_NON_ECHU",
            7: "DELAI_DEPASSE",
            8: "MOTIF_REQUIS",
            10: "TRANSITION_INTERDITE",
        },
        enveloppe=("5000000.00", "0.00", "0.00", "0.00", "5000000.00"),
        versements={"D1": []},
        taches={"D1": []},
    ),
    "liste_attente_puis_selection": Issue(
        etats={"D1": "abandonne", "D2": "selectionne", "D3": "non_retenu"},
        aides={"D1": "516000.00", "D2": "430000.00", "D3": "175000.00"},
        refus={25: "ENVELOPPE_INSUFFISANTE", 31: "ENVELOPPE_INSUFFISANTE"},
        enveloppe=("600000.00", "430000.00", "0.00", "0.00", "170000.00"),
        versements={"D1": [], "D2": [], "D3": []},
        taches={"D1": [], "D2": ["notifier"], "D3": []},
    ),
    "cibles_manquees_puis_atteintes": Issue(
        etats={"D1": "clos"},
        aides={"D1": "451500.00"},
        refus={
            15: "VERSEMENT_DEJA_EFFECTUE",
            17: "USAGES_INCOMPLETS",
            19: "VSR_MANQUANTE",
            22: "CIBLES_NON_ATTEINTES",
            23: "TRANSITION_INTERDITE",
            30: "SEPARATION_DES_ROLES",
        },
        enveloppe=("5000000.00", "0.00", "451500.00", "451500.00", "4548500.00"),
        versements={"D1": [(1, "225750.00", "execute"), (2, "225750.00", "execute")]},
        taches={"D1": []},
    ),
    "echec_et_reversement": Issue(
        etats={"D1": "clos"},
        aides={"D1": "85000.00"},
        refus={16: "DELAI_NON_ECHU", 20: "TRANSITION_INTERDITE", 21: "ROLE_INTERDIT"},
        enveloppe=("5000000.00", "0.00", "0.00", "0.00", "5000000.00"),
        versements={"D1": [(1, "42500.00", "execute"), (2, "42500.00", "annule")]},
        taches={"D1": []},
    ),
    "grappe_multi_og": Issue(
        etats={"D1": "en_deploiement"},
        aides={"D1": "752125.00"},
        refus={10: "ROLE_INTERDIT", 15: "SIGNATURE_MANQUANTE"},
        enveloppe=("5000000.00", "0.00", "752125.00", "376062.50", "4247875.00"),
        versements={"D1": [(1, "376062.50", "execute"), (2, "376062.50", "propose")]},
        taches={"D1": ["declarer_usages", "prononcer_vsr"]},
    ),
    "corse_ou_outre_mer": Issue(
        etats={"D1": "selectionne", "D2": "en_instruction"},
        aides={"D1": "172000.00", "D2": "150500.00"},
        refus={5: "REGLE_NON_SATISFAITE", 6: "ROLE_INTERDIT"},
        enveloppe=("900000.00", "172000.00", "0.00", "0.00", "728000.00"),
        versements={"D1": [], "D2": []},
        taches={"D1": ["notifier"], "D2": ["evaluer", "donner_avis_grades"]},
    ),
}


def played(nom: str) -> dict[str, Any]:
    return play(read_file(DOSSIER / f"{nom}.json"))


def test_every_scenario_has_its_expected_outcome():
    assert {chemin.stem for chemin in DOSSIER.glob("*.json")} == set(ISSUES)


@pytest.mark.django_db
@pytest.mark.parametrize("nom", ISSUES)
def test_scenario_ends_as_told(nom):
    bilan, issue = played(nom), ISSUES[nom]
    dossiers = bilan["dossiers"]
    assert {ref: dossier["etat"] for ref, dossier in dossiers.items()} == issue.etats
    assert {ref: dossier["financement"]["total"] for ref, dossier in dossiers.items()} == issue.aides
    assert {refus["evenement"]: refus["code"] for refus in bilan["refus"]} == issue.refus
    assert tuple(bilan["enveloppe"].values()) == issue.enveloppe
    versements = {ref: [(v["rang"], v["montant"], v["etat"]) for v in d["versements"]] for ref, d in dossiers.items()}
    assert versements == issue.versements
    assert {ref: [tache["action"] for tache in d["taches"]] for ref, d in dossiers.items()} == issue.taches
    assert bilan["journal_intact"]
    assert bilan["avertissements"] == []


@pytest.mark.django_db
@pytest.mark.parametrize("nom", ISSUES)
def test_scenario_is_short_and_leaves_nothing(nom):
    if nom != "succes":
        assert (DOSSIER / f"{nom}.json").stat().st_size <= TAILLE_MAX
    played(nom)
    assert not any(modele.objects.exists() for modele in (Aap, Dossier, Essms, Entree))


@pytest.mark.django_db
def test_second_month_is_the_one_that_proves_the_usage():
    cibles = played("cibles_manquees_puis_atteintes")["dossiers"]["D1"]["cibles"]
    assert [(c["indicateur"], c["valeur"], c["atteinte"]) for c in cibles if c["indicateur"] == "MSS"] == [
        ("MSS", "70.00", True)
    ]


@pytest.mark.django_db
def test_refused_usages_say_by_how_much_they_miss():
    refus = played("cibles_manquees_puis_atteintes")["refus"][3]
    manquee = next(cible for cible in refus["details"]["cibles"] if not cible["atteinte"])
    assert (manquee["indicateur"], manquee["valeur"], manquee["cible"]) == ("MSS", "68.75", "70")


@pytest.mark.django_db
def test_aid_of_a_grappe_of_several_small_ogs_counts_mixed_services_for_their_share():
    """13 whole ESSMS and shares of 5/8, 3/4 and 3/8: 14,75; equipment for the 16; each AMOA once."""
    financement = played("grappe_multi_og")["dossiers"]["D1"]["financement"]
    assert financement["usage"] == "103250.00"  # 14,75 × 7 000
    assert financement["logiciel"] == "213875.00"  # 14,75 × 14 500
    assert financement["equipement"] == "320000.00"  # 16 × 20 000
    assert (financement["amoa_marche"], financement["amoa_projet"]) == ("15000.00", "100000.00")


@pytest.mark.django_db
def test_nine_months_from_the_last_day_of_may_end_with_february():
    refus = played("echec_et_reversement")["refus"][0]
    assert refus["details"]["echeance"] == "2023-02-28"
