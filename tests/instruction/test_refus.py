"""Each refusal code, by the smallest scenario that provokes it: what is said, and that nothing was written."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from grappes.finess import with_key
from instruction.bilan import Bilan
from moteur.erreurs import Code
from tests import reglements
from tests.instruction.scenes import (
    CHIFFRES,
    ETATS,
    Objet,
    campagne,
    codes,
    demande,
    evenement,
    jouer_strictement,
    montre,
    organisme,
    parcours,
)

pytestmark = pytest.mark.django_db

FRANCAIS = re.compile(r"\b(le|la|les|un|une|de|du|des|est|à|pas|que|il|au|en|pour|par)\b|[éèêàç]", re.IGNORECASE)
ANGLAIS = re.compile(
    r"\b(error|invalid|required|must|denied|expected|failed|exception|none|null|true|false|the|is|not|missing|"
    r"field|value|unknown)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Cas:
    """`avant`: last accepted step; `essais`: events, all refused with `code`; `suite`: accepted right after,
    leaves the dossier in `fin`. `details`: part of the details of the last refusal."""

    nom: str
    code: Code
    essais: list[Objet]
    avant: str | None = None
    sans: tuple[str, ...] = ()
    suite: list[Objet] | None = None
    fin: str
    details: Objet = field(default_factory=dict)
    dossiers: tuple[Objet, ...] = ()
    aap: Objet = field(default_factory=dict)
    reglement: str = "esms-2022"
    autres: Objet = field(default_factory=dict)


def abandon(le: str) -> list[Objet]:
    return [evenement(le, "porteur", "abandonner", motif="Le projet est reporté.")]


DEUX_OG = [organisme(10, rang=1), organisme(10, rang=2)]
EJ_1, EJ_2 = (og["finess_ej"] for og in DEUX_OG)
UN_OG = [organisme(15)]
MESURES_SANS_DERNIER = {essms["finess_et"]: CHIFFRES for essms in UN_OG[0]["essms"][:-1]}
DERNIER = UN_OG[0]["essms"][-1]["finess_et"]
COMPLEMENTS = evenement("2022-04-05", "instructeur", "demander_complements", motif="RIB ?", echeance="2022-05-02")

CAS = [
    Cas(
        nom="sans le visa",
        code=Code.VISA_MANQUANT,
        avant="inscrire_au_comite",
        essais=[evenement("2022-10-05", "responsable", "selectionner")],
        suite=[
            evenement("2022-10-05", "instructeur", "viser", transition="selectionner"),
            evenement("2022-10-05", "responsable", "selectionner"),
        ],
        fin="selectionne",
        details={"role": "instructeur"},
        reglement=reglements.CODE,
    ),
    Cas(
        nom="visa d'avant une dérogation",
        code=Code.VISA_CADUC,
        avant="prendre_en_charge",
        essais=[evenement("2022-10-05", "responsable", "selectionner")],
        suite=[
            evenement("2022-10-05", "instructeur", "viser", transition="selectionner"),
            evenement("2022-10-05", "responsable", "selectionner"),
        ],
        fin="selectionne",
        details={"transition": "selectionner"},
        reglement=reglements.CODE,
    ),
    Cas(
        nom="lié à l'organisme",
        code=Code.CONFLIT_INTERETS,
        avant="deposer",
        essais=[evenement("2022-04-04", "instructeur:lie", "prendre_en_charge")],
        suite=[evenement("2022-04-04", "instructeur", "prendre_en_charge")],
        fin="en_recevabilite",
        autres={"interets": [{"par": "instructeur:lie", "dossier": "D1", "nature": "emploi"}]},
    ),
    Cas(
        nom="après la fenêtre",
        code=Code.FENETRE_FERMEE,
        essais=[evenement("2022-10-01", "porteur", "deposer")],
        suite=abandon("2022-10-02"),
        fin="abandonne",
        details={"fenetres": ["F1"]},
    ),
    Cas(
        nom="avant la fenêtre",
        code=Code.FENETRE_FERMEE,
        essais=[evenement("2022-03-14T23:59:59+01:00", "porteur", "deposer")],
        suite=[evenement("2022-03-15T00:00:00+01:00", "porteur", "deposer")],
        fin="depose",
    ),
    Cas(
        nom="fenêtre d'un autre projet",
        code=Code.FENETRE_FERMEE,
        essais=[evenement("2022-04-01", "porteur", "deposer")],
        suite=abandon("2022-04-02"),
        fin="abandonne",
        details={"fenetres": []},
        aap={"fenetres": [{
            "code": "F", "ouvre": "2022-03-15", "ferme": "2022-09-30", "projets": ["montee_de_version"],
        }]},
    ),
    Cas(
        nom="pièces absentes",
        code=Code.PIECE_MANQUANTE,
        dossiers=(demande(pieces=["cadre_de_reponse", "lettre_engagement"]),),
        essais=[evenement("2022-04-01", "porteur", "deposer")],
        suite=[
            evenement("2022-04-01", "porteur", "fournir_piece", code="autodiagnostic_si"),
            evenement("2022-04-01", "porteur", "fournir_piece", code="toutes"),
            evenement("2022-04-01", "porteur", "deposer"),
        ],
        fin="depose",
        details={"pieces": ["autodiagnostic_si", "tableau_essms"]},
    ),
    Cas(
        nom="pas dans cet ordre",
        code=Code.TRANSITION_INTERDITE,
        essais=[
            evenement("2022-04-01", "instructeur", "prendre_en_charge"),
            evenement("2022-04-01", "responsable", "certifier", rang=1),
            evenement("2022-04-01", "responsable", "selectionner"),
            evenement("2022-04-01", "responsable", "remettre", motif="Cas de force majeure."),
        ],
        suite=parcours("deposer"),
        fin="depose",
    ),
    Cas(
        nom="moitié pas encore exécutée",
        code=Code.TRANSITION_INTERDITE,
        avant="ordonnancer_1",
        essais=[
            evenement("2022-11-03", "comptable", "verser_premiere_moitie"),
            evenement("2022-11-03", "responsable", "certifier", rang=1),
        ],
        fin="conventionne",
    ),
    Cas(
        nom="un porteur n'instruit pas, un auditeur ne fait rien",
        code=Code.ROLE_INTERDIT,
        avant="deposer",
        essais=[
            evenement("2022-04-01", qui, "prendre_en_charge")
            for qui in ("porteur", "auditeur", "administrateur", "pilote_national", "comptable", "responsable")
        ],
        fin="en_recevabilite",
        details={"roles": ["instructeur"]},
    ),
    Cas(
        nom="un porteur ne signe pas pour l'ARS",
        code=Code.ROLE_INTERDIT,
        avant="notifier",
        essais=[
            evenement("2022-10-06", "porteur", "signer", signataire="ars"),
            evenement("2022-10-06", "porteur", "signer", signataire="tous"),
        ],
        suite=[
            evenement("2022-10-07", "porteur", "signer", signataire="porteur"),
            evenement("2022-10-08", "responsable", "signer", signataire="ars"),
            *parcours("signer_convention", apres="signer"),
        ],
        fin="conventionne",
    ),
    Cas(
        nom="le dossier d'un autre porteur",
        code=Code.HORS_PERIMETRE,
        essais=[
            evenement("2022-04-01", "porteur:b", "deposer"),
            evenement("2022-04-01", "porteur:b", "abandonner", motif="Je passais par là."),
        ],
        dossiers=(demande(porteur="porteur"),),
        fin="depose",
    ),
    Cas(
        nom="sans motif, ou blanc",
        code=Code.MOTIF_REQUIS,
        avant="prendre_en_charge",
        essais=[
            evenement("2022-04-05", "instructeur", "declarer_irrecevable"),
            evenement("2022-04-05", "instructeur", "declarer_irrecevable", motif="  \t\n "),
            evenement("2022-04-05", "instructeur", "demander_complements", echeance="2022-05-01"),
            evenement("2022-04-05", "instructeur", "reorienter", aap="NAT-2022", motif=""),
            evenement("2022-04-05", "responsable", "deroger", regle="MIN_ESSMS"),
            evenement("2022-04-05", "porteur", "abandonner", motif=None),
        ],
        fin="en_instruction",
    ),
    Cas(
        nom="grappe trop petite",
        code=Code.REGLE_NON_SATISFAITE,
        dossiers=(demande(essms=14),),
        avant="prendre_en_charge",
        essais=parcours("declarer_recevable", apres="prendre_en_charge"),
        suite=[evenement("2022-04-12", "instructeur", "declarer_irrecevable", motif="Moins de 15 ESSMS.")],
        fin="irrecevable",
        details={"regles": ["MIN_ESSMS"]},
    ),
    Cas(
        nom="règlement muet",
        code=Code.REGLE_NON_RENSEIGNEE,
        reglement="esms-2024",
        avant="prendre_en_charge",
        essais=parcours("declarer_recevable", apres="prendre_en_charge"),
        suite=[evenement("2022-04-12", "instructeur", "demander_complements", motif="Attente.", echeance="2022-06-01")],
        fin="a_completer",
    ),
    Cas(
        nom="une seule personne évalue deux fois",
        code=Code.EVALUATIONS_INCOMPLETES,
        avant="declarer_recevable",
        sans=(),
        essais=[evenement("2022-04-14", "instructeur", "cloturer_instruction")],
        suite=[
            evenement("2022-04-14", "instructeur:b", "evaluer", notes={"uniforme": "0.7"}),
            evenement("2022-04-14", "conseiller_grades", "donner_avis_grades", avis="reserve"),
            evenement("2022-04-14", "instructeur", "cloturer_instruction"),
        ],
        fin="instruit",
        details={"rendues": 1, "requises": 2},
    ),
    Cas(
        nom="sans avis du GRADeS",
        code=Code.AVIS_GRADES_MANQUANT,
        avant="evaluer_b",
        essais=[evenement("2022-04-13", "instructeur", "cloturer_instruction")],
        suite=parcours("cloturer_instruction", apres="evaluer_b"),
        fin="instruit",
    ),
    Cas(
        nom="enveloppe trop petite",
        code=Code.ENVELOPPE_INSUFFISANTE,
        aap={"enveloppe": "322499.99"},
        avant="inscrire_au_comite",
        essais=parcours("selectionner", apres="inscrire_au_comite"),
        suite=[evenement("2022-10-05", "responsable", "mettre_en_attente", rang=1)],
        fin="liste_attente",
        details={"demande": "322500.00", "disponible": "322499.99"},
    ),
    Cas(
        nom="chaque OG signe",
        code=Code.SIGNATURE_MANQUANTE,
        dossiers=(demande(og_liste=DEUX_OG),),
        avant="notifier",
        essais=[evenement("2022-10-20", "responsable", "signer_convention")],
        suite=[
            evenement("2022-10-20", "porteur", "signer", signataire="porteur"),
            evenement("2022-10-20", "responsable", "signer", signataire="ars"),
            evenement("2022-10-20", "porteur", "signer", signataire=f"og:{EJ_1}"),
            evenement("2022-10-20", "porteur", "signer", signataire=f"og:{EJ_2}"),
            *parcours("signer_convention", apres="signer"),
        ],
        fin="conventionne",
        details={"signataires": ["ars", f"og:{EJ_1}", f"og:{EJ_2}", "porteur"]},
    ),
    Cas(
        nom="qui ordonnance n'exécute pas",
        code=Code.SEPARATION_DES_ROLES,
        avant="ordonnancer_1",
        essais=[
            evenement("2022-11-03", "responsable", "executer", rang=1),
            evenement("2022-11-03", "responsable:b", "executer", rang=1),
        ],
        suite=[evenement("2022-11-04", "comptable:b", "executer", rang=1)],
        fin="conventionne",
        details={"roles": ["comptable"]},
    ),
    Cas(
        nom="qui exécute n'ordonnance pas",
        code=Code.SEPARATION_DES_ROLES,
        avant="certifier_1",
        essais=[evenement("2022-11-03", "comptable", "ordonnancer", rang=1)],
        suite=parcours("executer_1", apres="certifier_1"),
        fin="conventionne",
        details={"roles": ["responsable"]},
    ),
    Cas(
        nom="payer deux fois la première moitié",
        code=Code.VERSEMENT_DEJA_EFFECTUE,
        avant="executer_1",
        essais=[
            evenement("2022-11-04", "comptable", "executer", rang=1),
            evenement("2022-11-04", "comptable:b", "executer", rang=1),
            evenement("2022-11-04", "responsable", "certifier", rang=1),
            evenement("2022-11-04", "responsable", "ordonnancer", rang=1),
        ],
        fin="en_deploiement",
    ),
    Cas(
        nom="seconde moitié trop tôt",
        code=Code.CIBLES_NON_ATTEINTES,
        avant="verser_premiere_moitie",
        essais=[evenement("2022-11-05", "responsable", "certifier", rang=2)],
        suite=parcours("declarer_usages", apres="verser_premiere_moitie"),
        fin="en_deploiement",
    ),
    Cas(
        nom="messages insuffisants",
        code=Code.CIBLES_NON_ATTEINTES,
        avant="verser_premiere_moitie",
        essais=[evenement("2023-07-10", "responsable", "constater_cibles")],
        suite=[evenement("2023-07-11", "instructeur", "refuser_usages", motif="MSSanté sous la cible.")],
        fin="en_deploiement",
    ),
    Cas(
        nom="un ESSMS sans chiffres",
        code=Code.USAGES_INCOMPLETS,
        dossiers=(demande(og_liste=UN_OG),),
        avant="verser_premiere_moitie",
        essais=[evenement("2023-07-02", "porteur", "soumettre_usages")],
        suite=[
            evenement("2023-07-02", "porteur", "declarer_usages", mois="2023-06", mesures={DERNIER: CHIFFRES}),
            evenement("2023-07-02", "porteur", "soumettre_usages"),
        ],
        fin="en_verification",
        details={"essms": [DERNIER]},
    ),
    Cas(
        nom="sans VSR",
        code=Code.VSR_MANQUANTE,
        avant="declarer_usages",
        essais=[evenement("2023-06-30", "porteur", "soumettre_usages")],
        suite=parcours("soumettre_usages", apres="declarer_usages"),
        fin="en_verification",
    ),
    Cas(
        nom="compléments en retard",
        code=Code.DELAI_DEPASSE,
        avant="prendre_en_charge",
        essais=[evenement("2022-05-03T00:00:00+02:00", "porteur", "completer")],
        suite=[evenement("2022-05-03", "instructeur", "declarer_irrecevable", motif="Compléments jamais reçus.")],
        fin="irrecevable",
        details={"echeance": "2022-05-02"},
    ),
    Cas(
        nom="engagement après le 30 décembre",
        code=Code.DELAI_DEPASSE,
        avant="signer",
        essais=[evenement("2022-12-31", "responsable", "signer_convention")],
        suite=abandon("2023-01-02"),
        fin="abandonne",
        details={"dernier_engagement": "2022-12-30"},
    ),
    Cas(
        nom="irrecevable avant l'échéance des compléments",
        code=Code.DELAI_NON_ECHU,
        avant="prendre_en_charge",
        essais=[
            evenement("2022-05-02T23:59:00+02:00", "instructeur", "declarer_irrecevable", motif="Trop long."),
        ],
        suite=[evenement("2022-05-03T00:00:00+02:00", "instructeur", "declarer_irrecevable", motif="Rien reçu.")],
        fin="irrecevable",
        details={"echeance": "2022-05-02"},
    ),
    Cas(
        nom="échec avant l'échéance des cibles",
        code=Code.DELAI_NON_ECHU,
        avant="verser_premiere_moitie",
        essais=[evenement("2024-04-21", "responsable", "constater_echec", motif="Usage nul.")],
        suite=[evenement("2024-04-22", "responsable", "constater_echec", motif="Usage nul.")],
        fin="en_reversement",
        details={"echeance": "2024-04-21"},
    ),
    Cas(
        nom="données mal formées",
        code=Code.DONNEES_INVALIDES,
        avant="prendre_en_charge",
        essais=[
            evenement("2022-04-05", "instructeur", "demander_complements", motif="RIB ?", echeance="demain"),
            evenement("2022-04-05", "instructeur", "demander_complements", motif="RIB ?"),
            evenement("2022-04-05", "instructeur", "demander_complements", motif="RIB ?", echeance="2022-04-04"),
            evenement("2022-04-05", "instructeur", "reorienter", motif="50 ESSMS.", aap=""),
            evenement("2022-04-05", "responsable", "deroger", regle="INCONNUE", motif="Pourquoi pas."),
        ],
        fin="en_instruction",
        details={"regles": [
            "MIN_ESSMS", "ROUTAGE", "FINESS_GEOGRAPHIQUE", "L312_1", "UNICITE", "CUMUL_SONS", "CUMUL_UE",
            "CONCURRENCE", "LOGICIEL_REFERENCE", "PIECES",
        ]},
    ),
    Cas(
        nom="quelle moitié ?",
        code=Code.DONNEES_INVALIDES,
        avant="signer_convention",
        essais=[
            evenement("2022-11-02", "responsable", "certifier"),
            evenement("2022-11-02", "responsable", "certifier", rang="première"),
            evenement("2022-11-02", "responsable", "ordonnancer", rang=None),
            evenement("2022-11-02", "comptable", "executer", rang=[1]),
        ],
        fin="conventionne",
    ),
    Cas(
        nom="le temps ne revient pas",
        code=Code.DONNEES_INVALIDES,
        avant="deposer",
        essais=[
            evenement("2022-03-31", "instructeur", "prendre_en_charge"),
            evenement("2022-04-01T08:59:59+02:00", "instructeur", "prendre_en_charge"),
        ],
        fin="en_recevabilite",
    ),
]  # fmt: skip

#: What must be played between the accepted steps and the attempts of some cases.
PREALABLES: dict[str, list[Objet]] = {
    "visa d'avant une dérogation": [
        evenement("2022-04-05", "instructeur", "viser", transition="selectionner"),
        evenement("2022-04-05", "responsable", "deroger", regle="CONCURRENCE", motif="Marché en cours."),
        *parcours("inscrire_au_comite", apres="prendre_en_charge"),
    ],
    "une seule personne évalue deux fois": [
        evenement("2022-04-12", "instructeur", "evaluer", notes={"uniforme": "0.8"}),
        evenement("2022-04-13", "instructeur", "evaluer", notes={"uniforme": "0.6"}),
    ],
    "compléments en retard": [COMPLEMENTS],
    "irrecevable avant l'échéance des compléments": [COMPLEMENTS],
    "messages insuffisants": [
        evenement(
            "2023-06-30", "porteur", "declarer_usages",
            mois="2023-06", mesures={"uniforme": CHIFFRES | {"messages_mss": 69}},
        ),
        *parcours("soumettre_usages", apres="declarer_usages"),
    ],
    "un ESSMS sans chiffres": [
        evenement("2023-06-30", "porteur", "declarer_usages", mois="2023-06", mesures=MESURES_SANS_DERNIER),
        evenement("2023-07-01", "porteur", "prononcer_vsr", le="2023-07-01"),
    ],
}  # fmt: skip


@pytest.fixture(autouse=True)
def _visas(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A rule set that requires visas, beside the others."""
    reglements.with_visas(monkeypatch, tmp_path)


@pytest.mark.parametrize("cas", CAS, ids=lambda cas: f"{cas.code}-{cas.nom}")
def test_refusal(cas: Cas) -> None:
    avant = (parcours(cas.avant) if cas.avant else []) + PREALABLES.get(cas.nom, [])
    suite = cas.suite if cas.suite is not None else _next_step(cas.avant)
    scenario = campagne([*avant, *cas.essais, *suite], *cas.dossiers, reglement=cas.reglement, **cas.aap) | cas.autres
    attendus = list(range(len(avant), len(avant) + len(cas.essais)))
    bilan, refuses = jouer_strictement(scenario, attendus)
    assert refuses == attendus, _said(bilan)
    assert {code for _, code in codes(bilan)} == {cas.code.value}, _said(bilan)
    for refus in bilan["refus"]:
        assert_teaches(refus["message"])
        json.dumps(refus["details"])
    assert cas.details.items() <= bilan["refus"][-1]["details"].items()
    assert montre(bilan) == cas.fin
    assert bilan["journal_intact"] is True


def test_every_code_is_provoked() -> None:
    """But one: only a page may have been read too long ago (tests/instruction/test_actes.py)."""
    assert {cas.code for cas in CAS} == set(Code) - {Code.DOSSIER_MODIFIE}


def test_silent_rule_is_named() -> None:
    scenario = campagne(parcours("declarer_recevable"), reglement="esms-2024")
    bilan, _ = jouer_strictement(scenario)
    refus = bilan["refus"][0]
    assert "pieces" in refus["message"]
    assert "pieces" in json.dumps(refus["details"])
    assert montre(bilan, "eligibilite") == []
    assert any("pieces" in avertissement for avertissement in bilan["avertissements"])


def test_time_going_back_does_not_move_the_clock() -> None:
    """The instant of a refused event is forgotten: the next one is compared to the last one played."""
    scenario = campagne([
        *parcours("deposer"),
        evenement("2021-01-01", "instructeur", "prendre_en_charge"),
        evenement("2022-03-31", "instructeur", "prendre_en_charge"),
        evenement("2022-04-01", "instructeur", "prendre_en_charge"),
    ])  # fmt: skip
    bilan, refuses = jouer_strictement(scenario)
    assert refuses == [1, 2]
    assert montre(bilan) == "en_recevabilite"
    assert bilan["refus"][0]["details"] == {"chemin": "evenements[1].le"}


def test_unnamed_person_is_one_and_the_same() -> None:
    """« instructeur » and « instructeur:a » are two people; « instructeur » twice is one."""
    avis = [evenement("2022-04-13", "conseiller_grades", "donner_avis_grades", avis="favorable")]
    notes: dict[str, Any] = {"notes": {"uniforme": "0.5"}}
    bilan, refuses = jouer_strictement(
        campagne([
            *parcours("declarer_recevable"),
            evenement("2022-04-12", "instructeur", "evaluer", **notes),
            evenement("2022-04-12", "instructeur:a", "evaluer", **notes),
            *avis,
            *parcours("cloturer_instruction", apres="donner_avis_grades"),
        ])
    )  # fmt: skip
    assert (refuses, montre(bilan)) == ([], "instruit")


def test_named_porteur_carries_his_own_dossier() -> None:
    og = [organisme(15, rang=2)]
    scenario = campagne(
        [
            evenement("2022-04-01", "porteur", "deposer", "D2"),
            evenement("2022-04-01", "porteur:b", "deposer", "D2"),
            evenement("2022-04-01", "porteur", "deposer", "D1"),
        ],
        demande("D1", porteur="porteur"),
        demande("D2", og_liste=og, porteur="porteur:b"),
    )
    bilan, _ = jouer_strictement(scenario)
    assert codes(bilan) == [(0, "HORS_PERIMETRE")]
    assert (montre(bilan, ref="D1"), montre(bilan, ref="D2")) == ("depose", "depose")


def test_a_party_that_is_not_one_cannot_sign() -> None:
    autre = with_key("31899999")
    scenario = campagne([
        *parcours("notifier"),
        evenement("2022-10-07", "responsable", "signer", signataire=f"og:{autre}"),
        evenement("2022-10-07", "responsable", "signer", signataire="ars"),
        evenement("2022-10-07", "responsable", "signer", signataire="ars"),
    ])  # fmt: skip
    bilan, refuses = jouer_strictement(scenario)
    debut = len(parcours("notifier"))
    assert refuses == [debut, debut + 2]
    assert bilan["refus"][0]["details"]["signataires"] == ["ars", "porteur"]


def assert_teaches(phrase: str) -> None:
    assert len(phrase) >= 10
    assert phrase.endswith("."), phrase
    assert FRANCAIS.search(phrase), phrase
    assert not ANGLAIS.search(phrase), phrase


def _next_step(avant: str | None) -> list[Objet]:
    noms = list(ETATS)
    rang = noms.index(avant) + 1 if avant else 0
    return parcours(noms[rang], apres=avant)


def _said(bilan: Bilan) -> str:
    return "\n".join(f"{refus['evenement']} {refus['code']} : {refus['message']}" for refus in bilan["refus"])
