"""Every row of the published test vectors goes through the public functions. None is skipped.

A vector speaks English and GEN-2022; the tables below say what each word is called here.
"""

import csv
import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from aap import bareme, compatibilite, eligibilite, sons
from aap.delais import echeance_cibles
from aap.faits import Faits, FaitsEssms, FaitsOg, FaitsOptions
from aap.regles import ModeSeuil, Regles, charger, exiger, lire_fichier
from aap.routage import router
from conventions.conditions import solution_signable
from grappes.categories import Secteur
from grappes.finess import has_valid_key, is_well_formed, with_key
from grappes.projets import Projet
from moteur.argent import moities
from usages.calcul import Mesure, evaluer

Entree = dict[str, Any]
Sortie = dict[str, Any]

COPIE = Path(__file__).parent / "donnees" / "vecteurs.csv"
ORIGINAL = Path(__file__).resolve().parents[2] / "shared" / "domain" / "vecteurs.csv"

REGLEMENTS = {
    "GEN-2022": "esms-2022",
    # The only row of 2023 states a rule and computes it "with 2022 rates": no 2023 amount is known.
    "GEN-2023": "esms-2022",
    "GEN-2024": "esms-2024",
    "GEN-2025B": "esms-2025-b",
    "AMORCAGE-2021": "amorcage-2021",
    "SONS-MS1-V1": "sons-ms1-v1",
    "FINESS": "esms-2022",
}
MODES = {
    "RANK50_REDUCED": ModeSeuil.RANG_50_REDUIT,
    "RANK50_FULL": ModeSeuil.RANG_50_PLEIN,
    "SLIDE_AS_PRINTED": ModeSeuil.TEL_QU_IMPRIME,
}
MOTIFS = {
    "USLD : unité sanitaire, exclue même rattachée à un EHPAD": "SANITAIRE_USLD",
    "DEJA_FINANCE": "ALREADY_FUNDED",
    "DEUX_DUI": "TWO_DUI",
    "SONS_AUTRE_LOGICIEL": "SONS_OTHER_SOFTWARE",
    "ACQUISITION_FINANCEE": "ESMS_ACQUISITION",
    "COMMANDE_AVANT_PUBLICATION": "ORDER_BEFORE_PUBLICATION",
    "CONCURRENCE": "NO_COMPETITION",
    "CUMUL_UE": "EU_DOUBLE_FUNDING",
    "PROJET_DUI_ABSENT": "EQUIPMENT_NEEDS_DUI_PROJECT",
    "SOLUTION_NON_CANDIDATE": "SOLUTION_NOT_CANDIDATE",
}
POSTES = {
    "usage_eur": "usage",
    "software_eur": "logiciel",
    "equipment_eur": "equipement",
    "amoa_marche_eur": "amoa_marche",
    "amoa_projet_eur": "amoa_projet",
    "total_eur": "total",
}


def read_vectors() -> list[dict[str, str]]:
    with COPIE.open(encoding="utf-8", newline="") as flux:
        return list(csv.DictReader(flux))


def options(entree: Entree) -> FaitsOptions:
    return FaitsOptions(
        equipement=entree.get("equipment", False),
        amoa_marche=entree.get("amoa_marche", False),
        amoa_projet=entree.get("amoa_projet", False),
    )


def essms(rang: int = 1, og: str = "310000010", **autres: Any) -> FaitsEssms:
    donnees = {"nom": "", "categorie": "500", "departement": "31", "region": "76", **autres}
    return FaitsEssms(finess=with_key(f"31{rang:06d}"), og=og, **donnees)


def faits(entree: Entree, *membres: FaitsEssms, **autres: Any) -> Faits:
    presents = membres or tuple(essms(rang) for rang in range(2, 17))
    donnees = {
        "projet": Projet(entree.get("project", "acquisition")),
        "segur": entree.get("segur_referenced", True),
        "options": options(entree),
        "ogs": (FaitsOg(finess="310000010", nom="", total_essms=len(presents)),),
        "essms": presents,
        "og_porteur": "310000010",
        **autres,
    }
    return Faits(**donnees)


def verdict(regles: Regles, sujet: Faits, regle: str) -> eligibilite.Verdict:
    pieces = frozenset(piece.code for piece in regles.pieces)
    contexte = eligibilite.Contexte(national=False, pieces_fournies=pieces)
    return next(un for un in eligibilite.verifier(regles, sujet, contexte) if un.regle == regle)


def answer(motif: str, cle: str = "eligible") -> Sortie:
    return {cle: not motif} | ({"reason": MOTIFS[motif]} if motif else {})


def amounts(financement: bareme.Financement) -> Sortie:
    return {nom: getattr(financement, poste) for nom, poste in POSTES.items()}


def compute_scale(regles: Regles, entree: Entree) -> Sortie:
    n = entree["n_essms"]
    financement = bareme.calculer(
        regles,
        projet=Projet(entree["project"]),
        segur=entree.get("segur_referenced", True),
        parts=[Decimal(1)] * n,
        petits_og=n if entree.get("small_og") else 0,
        options=options(entree),
        mode=MODES[entree["threshold_mode"]] if "threshold_mode" in entree else None,
    )
    part = exiger(regles.versements.premiere_part, "versements.premiere_part")
    premiere, seconde = moities(financement.total, part)
    return amounts(financement) | {
        "tranche1_eur": premiere,
        "tranche2_eur": seconde,
        # The slide prints thousands of euros, cut.
        "printed_total_keur": financement.total // 1000,
        "printed_usage_keur": financement.usage // 1000,
    }


def compute_sons(regles: Regles, entree: Entree) -> Sortie:
    aide = sons.bareme(regles, entree["n_essms_of_og"])
    return {
        "tranche": aide.tranche,
        "unit_eur_ttc": aide.unitaire,
        "total_eur_ttc": aide.total,
        "advance_30_eur": aide.avance_30,
        "balance_70_eur": aide.solde_70,
    }


def route(regles: Regles, entree: Entree) -> Sortie:
    choix = router(regles, essms=entree["n_essms"], regions=entree["n_regions"], territoire=entree["territory"])
    if not choix.recevable:
        return {"recevable": False, "reason": f"MIN_GRAPPE_{choix.minimum}"}
    echeance = choix.echeance.isoformat() if choix.echeance else None
    return {"recevable": True, "aap": choix.guichet, "deadline": echeance}


def seed_scale(regles: Regles, entree: Entree) -> Sortie:
    financement = bareme.calculer(
        regles,
        projet=Projet(entree["project"]),
        segur=True,
        parts=[Decimal(1)] * entree["n_essms"],
        petits_og=0,
        options=FaitsOptions(),
        og_unique=entree.get("single_og", False),
    )
    return amounts(financement) | {"counted": financement.lignes[0].quantite}


def several_og(regles: Regles, entree: Entree) -> Sortie:
    ogs = [
        FaitsOg(finess=with_key(f"3100{rang:04d}"), nom="", total_essms=og["og_total_essms"])
        for rang, og in enumerate(entree["og"], start=1)
    ]
    membres = [
        essms(100 * rang + i, og=ogs[rang].finess) for rang, og in enumerate(entree["og"]) for i in range(og["n"])
    ]
    sujet = faits(entree, *membres, ogs=tuple(ogs), og_porteur=ogs[0].finess)
    return amounts(bareme.calculer_dossier(regles, sujet, eligibilite.essms_retenus(sujet, {})))


def small_og(regles: Regles, entree: Entree) -> Sortie:
    return {"small_og": bareme.is_small_og(regles, entree["og_total_essms"])}


def equipment_without_project(regles: Regles, entree: Entree) -> Sortie:
    return answer(eligibilite.motif_options(entree["project"], options(entree)))


def mixed_services(regles: Regles, entree: Entree) -> Sortie:
    parts = [Decimal(un["eligible_hours"]) / un["total_hours"] for un in entree["essms"]]
    membres = [essms(rang, part_eligible=part) for rang, part in enumerate(parts, start=2)]
    sujet = faits(entree, *membres)
    return amounts(bareme.calculer_dossier(regles, sujet, membres)) | {"ratio": parts[0]}


def indicator(regles: Regles, entree: Entree) -> Sortie:
    mesure = Mesure(
        finess="310000028",
        secteur=Secteur.PA,
        personnes=entree["persons"],
        dossiers_actifs=0,
        dossiers_avec_projet=0,
        dossiers_avec_evenement=0,
        messages_mss=entree.get("messages_sent", 0),
        dmp_alimentes=entree.get("dmp_fed", 0),
    )
    cible = next(une for une in evaluer(regles, [mesure]) if une.indicateur == entree["indicator"])
    sortie = {"met": cible.atteinte, "rate_pct": cible.valeur, "target_pct": cible.cible}
    return sortie | ({"status": "NOT_COMPUTABLE"} if cible.atteinte is None else {})


def deadline(regles: Regles, entree: Entree) -> Sortie:
    engagement = date.fromisoformat(entree["engagement"])
    return {"deadline": echeance_cibles(regles, Projet(entree["project"]), engagement).isoformat()}


def sons_order(regles: Regles, entree: Entree) -> Sortie:
    complet = date.fromisoformat(entree["complete_file"]) if "complete_file" in entree else None
    commande = sons.verifier_commande(regles, commande=date.fromisoformat(entree["order"]), dossier_complet=complet)
    return answer(commande.motif) | {"days": commande.jours}


def usld(regles: Regles, entree: Entree) -> Sortie:
    return answer(eligibilite.motif_hors_l312_1(essms(categorie=entree["finess_category"])))


def departmental(regles: Regles, entree: Entree) -> Sortie:
    """Who funds is not even a fact of the dossier: an ESSMS of L.312-1 is eligible."""
    assert entree["l312_1"]
    assert entree["funder"] == "CD"
    return {"eligible": verdict(regles, faits({}, essms(2, categorie="382")), "L312_1").ok}


def funded_twice(regles: Regles, entree: Entree) -> Sortie:
    assert entree["already_funded_same_software"]
    return answer(compatibilite.motif_double_financement("Logiciel A", "logiciel a"))


def two_dui(regles: Regles, entree: Entree) -> Sortie:
    assert entree["second_dui"]
    return answer(compatibilite.motif_double_financement("Logiciel B", "Logiciel A"))


def sons_other(regles: Regles, entree: Entree) -> Sortie:
    logiciel, commande = entree["esms_software"], entree["sons_software"]
    sujet = faits({}, essms(2, sons_logiciel=commande), logiciel=logiciel)
    assert verdict(regles, sujet, "CUMUL_SONS").ok is False
    return answer(compatibilite.motif_cumul_sons(logiciel, commande))


def sons_after_acquisition(regles: Regles, entree: Entree) -> Sortie:
    """A row of 2022 on SONS: the rules of the SONS order apply."""
    commande = sons.verifier_commande(
        charger(lire_fichier("sons-ms1-v1")),
        commande=datetime(2022, 6, 1, tzinfo=UTC).date(),
        acquisition_financee=entree["esms_acquisition_referenced"],
    )
    return answer(commande.motif, "sons_eligible")


def already_signed(regles: Regles, entree: Entree) -> Sortie:
    un = verdict(regles, faits(entree, contrat_signe=entree["contract_already_signed"]), "CONCURRENCE")
    return answer("" if un.ok else un.regle)


def other_european(regles: Regles, entree: Entree) -> Sortie:
    un = verdict(regles, faits({}, financement_ue=entree["other_eu_funding"]), "CUMUL_UE")
    return answer("" if un.ok else un.regle)


def equipment_only(regles: Regles, entree: Entree) -> Sortie:
    assert entree["small_og"]
    return {"equipment_eur": bareme.equipement(regles, entree["n_essms"]).montant}


def signable(regles: Regles, entree: Entree) -> Sortie:
    resultat = solution_signable(
        regles,
        [Secteur(entree["sector"])],
        entree["solution_status"].lower(),
        eligible_sons=entree["sons_eligible"],
    )
    sortie: Sortie = {"convention_signable": resultat.signable}
    if resultat.motif:
        return sortie | {"reason": MOTIFS[resultat.motif]}
    return sortie | {"targets_required": list(resultat.cibles_exigees)}


def finess(regles: Regles, entree: Entree) -> Sortie:
    return {"valid": is_well_formed(entree["finess"]) and has_valid_key(entree["finess"])}


PREFIXES: Mapping[str, Callable[[Regles, Entree], Sortie]] = {
    "GV-2022-": compute_scale,
    "GV-PAY-": compute_scale,
    "GV-SONS1-": compute_sons,
    "GV-SONS-": sons_order,
    "GV-ROUTE-": route,
    "GV-AMO-": seed_scale,
    "GV-ADD-GRAPPE-2SMALL": several_og,
    "GV-ADD-MIXED-OG": several_og,
    "GV-ADD-OG15": small_og,
    "GV-ADD-EQUIP-NODUI": equipment_without_project,
    "GV-PRORATA-": mixed_services,
    "GV-IND-": indicator,
    "GV-DL-": deadline,
    "GV-EX-USLD": usld,
    "GV-EX-CD": departmental,
    "GV-EX-TWICE": funded_twice,
    "GV-EX-TWODUI": two_dui,
    "GV-EX-SONS-OTHER": sons_other,
    "GV-EX-ACQ-SONS": sons_after_acquisition,
    "GV-EX-ACQ-SIGNED": already_signed,
    "GV-EX-FEDER": other_european,
    "GV-2024-EQUIP-CAP": equipment_only,
    "GV-2025B-": signable,
    "GV-FINESS-": finess,
}


def normalised(valeur: object) -> object:
    """Numbers compare as exact decimals, whatever JSON made of them."""
    if isinstance(valeur, int | float) and not isinstance(valeur, bool):
        return Decimal(str(valeur))
    return valeur


@pytest.mark.parametrize("vecteur", [pytest.param(un, id=un["id"]) for un in read_vectors()])
def test_vector(vecteur: dict[str, str]) -> None:
    traitements = [traitement for prefixe, traitement in PREFIXES.items() if vecteur["id"].startswith(prefixe)]
    assert len(traitements) == 1, f"{vecteur['id']} : aucun traitement, ou plusieurs"
    regles = charger(lire_fichier(REGLEMENTS[vecteur["rule_set"]]))
    sortie = traitements[0](regles, json.loads(vecteur["inputs_json"]))
    attendu = {cle: normalised(valeur) for cle, valeur in json.loads(vecteur["expected_json"]).items()}
    assert {cle: normalised(sortie[cle]) for cle in attendu} == attendu


def test_all_vectors_are_there() -> None:
    identifiants = [vecteur["id"] for vecteur in read_vectors()]
    assert len(identifiants) == 95
    assert len(set(identifiants)) == 95


def test_copy_is_the_original() -> None:
    if not ORIGINAL.is_file():
        pytest.skip("l'original des vecteurs n'est pas à côté du projet : seule la copie est vérifiée")
    assert COPIE.read_bytes() == ORIGINAL.read_bytes()
