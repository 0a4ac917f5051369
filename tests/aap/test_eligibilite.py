"""Eligibility verdicts. Source: regles.md §1."""

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from aap.eligibilite import (
    REGLES,
    Contexte,
    Detenteur,
    Verdict,
    essms_retenus,
    non_satisfaites,
    pieces_manquantes,
    pieces_requises,
    verifier,
)
from aap.faits import Faits, FaitsEssms, FaitsOg, FaitsOptions
from aap.regles import charger, lire_fichier
from grappes.finess import with_key
from grappes.projets import Projet
from moteur.erreurs import Code, Refus

R2022 = charger(lire_fichier("esms-2022"))
OG = with_key("31000001")
ORDRE = (
    "MIN_ESSMS",
    "ROUTAGE",
    "FINESS_GEOGRAPHIQUE",
    "L312_1",
    "UNICITE",
    "CUMUL_SONS",
    "CUMUL_UE",
    "CONCURRENCE",
    "LOGICIEL_REFERENCE",
    "PIECES",
)


def essms(rang: int, **autres: Any) -> FaitsEssms:
    donnees = {"nom": "", "categorie": "500", "departement": "31", "region": "76", "og": OG, **autres}
    return FaitsEssms(**{"finess": with_key(f"31{1000 + rang:06d}"), **donnees})


def faits(n: int = 15, **autres: Any) -> Faits:
    donnees: dict[str, Any] = {
        "projet": Projet.ACQUISITION,
        "segur": True,
        "ogs": (FaitsOg(finess=OG, nom="", total_essms=n),),
        "essms": tuple(essms(rang) for rang in range(n)),
        "og_porteur": OG,
    }
    return Faits(**{**donnees, **autres})


def check(sujet: Faits, code: str = "esms-2022", **contexte: Any) -> dict[str, Verdict]:
    regles = charger(lire_fichier(code))
    donnees = {
        "national": False,
        "pieces_fournies": frozenset(piece.code for piece in regles.pieces),
        **contexte,
    }
    return {verdict.regle: verdict for verdict in verifier(regles, sujet, Contexte(**donnees))}


def failing(sujet: Faits, **contexte: Any) -> list[str]:
    return [verdict.regle for verdict in non_satisfaites(list(check(sujet, **contexte).values()))]


def swap(sujet: Faits, **autres: Any) -> Faits:
    """Change the first ESSMS."""
    return replace(sujet, essms=(replace(sujet.essms[0], **autres), *sujet.essms[1:]))


def test_rules_come_in_the_order_of_the_contract() -> None:
    assert tuple(check(faits())) == ORDRE == REGLES


def test_a_sound_dossier_satisfies_everything() -> None:
    assert failing(faits(46)) == []
    verdict = check(faits(46))["MIN_ESSMS"].as_dict()
    assert set(verdict) == {"regle", "ok", "constat", "attendu", "reference"}
    assert (verdict["constat"], verdict["attendu"]) == (46, 15)


def test_every_verdict_has_a_reference_and_is_json_ready() -> None:
    for verdict in check(faits()).values():
        assert verdict.reference
        json.dumps(verdict.as_dict())


@pytest.mark.parametrize(("n", "region", "attendu"), [(14, "76", 15), (7, "94", 8), (7, "02", 8)])
def test_below_the_minimum_of_the_territory(n: int, region: str, attendu: int) -> None:
    sujet = faits(n, essms=tuple(essms(rang, region=region) for rang in range(n)))
    verdict = check(sujet)["MIN_ESSMS"]
    assert (verdict.ok, verdict.constat, verdict.attendu) == (False, n, attendu)


def test_minimum_counts_distinct_eligible_essms() -> None:
    doublon = faits(15, essms=(*(essms(rang) for rang in range(14)), essms(0)))
    assert check(doublon)["MIN_ESSMS"].constat == 14
    usld = swap(faits(15), categorie="362")
    assert check(usld)["MIN_ESSMS"].constat == 14


def test_waived_l312_1_counts_and_is_funded() -> None:
    usld = swap(faits(15), categorie="362")
    waiver = {"L312_1": "autorisation vérifiée"}
    assert failing(usld) == ["MIN_ESSMS", "L312_1"]
    assert failing(usld, derogations=waiver) == []
    assert len(essms_retenus(usld, {})) == 14
    assert len(essms_retenus(usld, waiver)) == 15


def test_a_waiver_never_rewrites_the_finding() -> None:
    verdict = check(faits(14), derogations={"MIN_ESSMS": "départ d'un membre"})["MIN_ESSMS"]
    assert verdict.ok is False
    assert verdict.as_dict()["deroge"] is True
    assert verdict.as_dict()["motif"] == "départ d'un membre"


def test_a_useless_waiver_is_not_shown() -> None:
    assert "deroge" not in check(faits(), derogations={"MIN_ESSMS": "inutile"})["MIN_ESSMS"].as_dict()


@pytest.mark.parametrize(
    ("n", "national", "ok", "attendu"),
    [
        (49, False, True, "regional"),
        (50, False, False, "national"),
        (50, True, True, "national"),
        (49, True, False, "regional"),
    ],
)
def test_routing_compares_the_call_with_the_rule(n: int, national: bool, ok: bool, attendu: str) -> None:
    verdict = check(faits(n), national=national)["ROUTAGE"]
    assert (verdict.ok, verdict.attendu) == (ok, attendu)
    assert verdict.constat == ("national" if national else "regional")


@pytest.mark.parametrize(("finess", "motif"), [("31000", "mal formé"), (OG, "organisme gestionnaire")])
def test_geographic_number_is_required(finess: str, motif: str) -> None:
    verdict = check(swap(faits(), finess=finess))["FINESS_GEOGRAPHIQUE"]
    assert verdict.ok is False
    assert isinstance(verdict.constat, list)
    assert finess in verdict.constat[0]["finess"]
    assert motif in verdict.constat[0]["motif"]


def test_a_wrong_key_is_noted_not_blocking() -> None:
    juste = with_key("31009999")
    fausse = juste[:8] + str((int(juste[8]) + 1) % 10)
    verdict = check(swap(faits(), finess=fausse))["FINESS_GEOGRAPHIQUE"]
    assert verdict.ok is True
    assert verdict.constat == [{"finess": fausse, "motif": "clé à vérifier (non bloquant)"}]


@pytest.mark.parametrize(("categorie", "ok"), [("500", True), ("362", False), ("258", False), ("999", False)])
def test_l312_1_by_category(categorie: str, ok: bool) -> None:
    assert check(swap(faits(), categorie=categorie))["L312_1"].ok is ok


@pytest.mark.parametrize("categorie", ["362", "258", "999"])
def test_a_reasoned_override_of_one_essms_wins(categorie: str) -> None:
    assert check(swap(faits(), categorie=categorie, force_l312_1="arrêté du 3 mai"))["L312_1"].ok
    assert not check(swap(faits(), categorie=categorie, force_l312_1="  "))["L312_1"].ok


def test_an_essms_is_funded_once_in_the_country() -> None:
    sujet = faits()
    autre = {"dossier": "BFC-2022-0001", "aap": "BFC-2022", "region": "Bourgogne-Franche-Comté", "etat": "depose"}
    pris = dict.fromkeys([sujet.essms[3].finess, with_key("99000000")], Detenteur(**autre))
    verdict = check(sujet, deja_pris=pris)["UNICITE"]
    assert verdict.constat == [{"finess": sujet.essms[3].finess} | autre]
    assert verdict.ok is False


@pytest.mark.parametrize(
    ("projet", "logiciel", "commande", "ok"),
    [
        (Projet.ACQUISITION, "Alpha", "", True),
        (Projet.ACQUISITION, "Alpha", "Beta", False),
        (Projet.ACQUISITION, "Alpha", " alpha ", True),
        (Projet.ACQUISITION, "", "Beta", False),
        (Projet.MONTEE_DE_VERSION, "", "Beta", True),
        (Projet.MONTEE_DE_VERSION, "Alpha", "Beta", False),
    ],
)
def test_a_sons_order_bars_another_software(projet: Projet, logiciel: str, commande: str, ok: bool) -> None:
    sujet = swap(faits(projet=projet, logiciel=logiciel), sons_logiciel=commande)
    assert check(sujet)["CUMUL_SONS"].ok is ok


def test_two_softwares_ordered_cannot_both_be_the_unnamed_one() -> None:
    sujet = faits(projet=Projet.MONTEE_DE_VERSION)
    membres = (essms(0, sons_logiciel="Alpha"), essms(1, sons_logiciel="Beta"), *sujet.essms[2:])
    assert not check(replace(sujet, essms=membres))["CUMUL_SONS"].ok


def test_other_european_money_is_refused() -> None:
    verdict = check(faits(financement_ue="FEDER"))["CUMUL_UE"]
    assert (verdict.ok, verdict.constat) == (False, "FEDER")


@pytest.mark.parametrize(("projet", "ok"), [(Projet.ACQUISITION, False), (Projet.MONTEE_DE_VERSION, True)])
def test_only_an_acquisition_needs_competition(projet: Projet, ok: bool) -> None:
    assert check(faits(projet=projet, contrat_signe=True))["CONCURRENCE"].ok is ok


@pytest.mark.parametrize(
    ("projet", "segur", "ok"),
    [
        (Projet.ACQUISITION, False, True),
        (Projet.MONTEE_DE_VERSION, False, False),
        (Projet.MONTEE_DE_VERSION, True, True),
    ],
)
def test_reference_of_the_software_in_2022(projet: Projet, segur: bool, ok: bool) -> None:
    assert check(faits(projet=projet, segur=segur))["LOGICIEL_REFERENCE"].ok is ok


def test_2024_refuses_for_lack_of_documents_list() -> None:
    with pytest.raises(Refus) as refus:
        check(faits(), "esms-2024")
    assert refus.value.code is Code.REGLE_NON_RENSEIGNEE
    assert refus.value.details["regle"] == "pieces"


@pytest.mark.parametrize(("categories", "ok"), [(("214",), True), (("214", "340"), True), (("214", "500"), False)])
def test_2024_frees_ahi_and_pjm_only_grappes_from_the_reference(categories: tuple[str, ...], ok: bool) -> None:
    piece = "\n[[pieces]]\ncode = 'p'\nlibelle = 'P'\nsource = 's'\nconfiance = 'verifie'\n"
    regles = charger(lire_fichier("esms-2024") + piece)
    membres = tuple(essms(rang, categorie=categories[rang % len(categories)]) for rang in range(15))
    verdicts = verifier(regles, faits(segur=False, essms=membres), Contexte(national=False))
    assert {verdict.regle: verdict.ok for verdict in verdicts}["LOGICIEL_REFERENCE"] is ok


TOUJOURS = ["cadre_de_reponse", "autodiagnostic_si", "lettre_engagement", "tableau_essms"]


@pytest.mark.parametrize(
    ("autres", "ajoutees"),
    [
        ({}, []),
        ({"options": FaitsOptions(equipement=True)}, ["besoins_equipement"]),
        ({"options": FaitsOptions(amoa_projet=True)}, []),
        ({"projet": Projet.MONTEE_DE_VERSION}, ["bons_commande_sons"]),
        ({"essms": (essms(0, part_eligible=Decimal("0.78")),)}, ["declaration_part_sociale"]),
    ],
)
def test_documents_missing_at_filing(autres: dict[str, Any], ajoutees: list[str]) -> None:
    sujet = faits(**autres)
    manquantes = [piece.code for piece in pieces_manquantes(R2022, sujet, frozenset())]
    assert manquantes == [*TOUJOURS, *ajoutees]
    assert check(sujet, pieces_fournies=frozenset())["PIECES"].constat == manquantes
    assert pieces_manquantes(R2022, sujet, manquantes) == []


def test_partnership_convention_is_due_at_signature_from_two_og_on() -> None:
    autre = FaitsOg(finess=with_key("31000002"), nom="", total_essms=3)
    sujet = faits()
    deux = replace(sujet, ogs=(*sujet.ogs, autre))
    assert pieces_requises(R2022, sujet, "signature") == ()
    assert [piece.code for piece in pieces_requises(R2022, deux, "signature")] == ["convention_partenariat"]
    assert check(deux, pieces_fournies=frozenset(TOUJOURS))["PIECES"].ok


def test_optional_documents_are_asked_but_never_block() -> None:
    codes = {piece.code: piece.obligatoire for piece in pieces_requises(R2022, faits())}
    assert codes["rib"] is False
    assert check(faits(), pieces_fournies=frozenset(TOUJOURS))["PIECES"].ok
