"""Who may do what: every transition and act, tried by every role. The tables are written by hand, from the design."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import transaction

from aap.models import Dossier, Etat
from comptes.models import Utilisateur
from comptes.roles import Role
from conventions.models import Convention, Reversement, Versement
from moteur import horloge
from moteur.erreurs import Code, Refus
from moteur.machine import Machine
from moteur.porte import actes, aretes_par_nom, franchir
from tests.fabriques import Campagne, amener, campagne, personne
from usages.models import Declaration

AVANT_CONVENTION = (
    "brouillon", "depose", "en_recevabilite", "a_completer", "en_instruction", "instruit", "en_comite",
    "liste_attente", "selectionne", "notifie",
)  # fmt: skip
#: The table of the design: from, transition, to, who.
DOSSIER = {
    ("brouillon", "deposer", "depose", "porteur"),
    ("depose", "prendre_en_charge", "en_recevabilite", "instructeur"),
    ("en_recevabilite", "demander_complements", "a_completer", "instructeur"),
    ("a_completer", "completer", "en_recevabilite", "porteur"),
    ("en_recevabilite", "declarer_recevable", "en_instruction", "instructeur"),
    ("en_recevabilite", "declarer_irrecevable", "irrecevable", "instructeur"),
    ("a_completer", "declarer_irrecevable", "irrecevable", "instructeur"),
    ("en_recevabilite", "reorienter", "reoriente", "instructeur"),
    ("en_instruction", "cloturer_instruction", "instruit", "instructeur"),
    ("instruit", "inscrire_au_comite", "en_comite", "instructeur"),
    ("en_comite", "ajourner", "instruit", "responsable"),
    ("en_comite", "selectionner", "selectionne", "responsable"),
    ("liste_attente", "selectionner", "selectionne", "responsable"),
    ("en_comite", "mettre_en_attente", "liste_attente", "responsable"),
    ("en_comite", "ecarter", "non_retenu", "responsable"),
    ("liste_attente", "ecarter", "non_retenu", "responsable"),
    ("selectionne", "notifier", "notifie", "responsable"),
    ("notifie", "signer_convention", "conventionne", "responsable"),
    ("conventionne", "verser_premiere_moitie", "en_deploiement", "comptable"),
    ("en_deploiement", "soumettre_usages", "en_verification", "porteur"),
    ("en_verification", "refuser_usages", "en_deploiement", "instructeur"),
    ("en_verification", "constater_cibles", "cibles_atteintes", "responsable"),
    ("cibles_atteintes", "verser_seconde_moitie", "solde", "comptable"),
    ("solde", "cloturer", "clos", "instructeur"),
    ("en_deploiement", "constater_echec", "en_reversement", "responsable"),
    ("en_verification", "constater_echec", "en_reversement", "responsable"),
    ("en_reversement", "cloturer", "clos", "comptable"),
} | {(etat, "abandonner", "abandonne", "porteur") for etat in AVANT_CONVENTION}
ACTES = {
    "fournir_piece": {"porteur"},
    "composer": {"porteur"},
    "signaler_depart": {"porteur"},
    "attribuer": {"instructeur", "responsable"},
    "inviter_coediteur": {"porteur"},
    "retirer_coediteur": {"porteur"},
    "transmettre": {"porteur"},
    "recevoir": {"porteur", "instructeur", "responsable", "administrateur"},
    "deroger": {"responsable"},
    "evaluer": {"instructeur"},
    "donner_avis_grades": {"conseiller_grades"},
    "annoter_risque": {"conseiller_grades", "instructeur"},
    "ouvrir_risque": {"conseiller_grades", "instructeur"},
    "rattacher_risque": {"conseiller_grades", "instructeur"},
    "detacher_risque": {"conseiller_grades", "instructeur"},
    "planifier_action": {"conseiller_grades", "instructeur"},
    "suivre_action": {"conseiller_grades", "instructeur"},
    "affecter_conseiller": {"instructeur", "responsable"},
    "retirer_conseiller": {"instructeur", "responsable"},
    "signer": {"responsable", "porteur"},
    "proroger": {"responsable"},
    "declarer_usages": {"porteur"},
    "prononcer_vsr": {"porteur"},
    "saisir": {"porteur"},
    "viser": {"instructeur", "responsable", "comptable", "conseiller_grades"},
    "refuser_visa": {"instructeur", "responsable", "comptable", "conseiller_grades"},
    "ecrire_note": {"instructeur", "responsable", "comptable"},
    "ecrire_message": {"porteur", "instructeur", "responsable", "comptable", "conseiller_grades"},
}
#: What depends on a dossier: model, transition, who; where to find one.
DESSOUS: dict[tuple[type[Machine], str], set[str]] = {
    (Convention, "mettre_en_signature"): {"responsable"},
    (Convention, "conclure"): {"responsable"},
    (Convention, "resilier"): {"responsable", "porteur"},
    (Convention, "echoir"): {"instructeur", "comptable"},
    (Versement, "certifier"): {"instructeur", "responsable"},
    (Versement, "ordonnancer"): {"responsable"},
    (Versement, "executer"): {"comptable"},
    (Versement, "rejeter"): {"comptable"},
    (Versement, "annuler"): {"responsable"},
    (Reversement, "recouvrer"): {"comptable"},
    (Reversement, "remettre"): {"responsable"},
    (Declaration, "transmettre"): {"porteur"},
    (Declaration, "valider"): {"responsable"},
    (Declaration, "refuser"): {"instructeur"},
}
#: Who orders is told why she does not execute, and the other way round.
SEPARES = {("ordonnancer", "comptable"), ("executer", "responsable")}
REFUS_DE_DROIT = {Code.ROLE_INTERDIT, Code.HORS_PERIMETRE, Code.SEPARATION_DES_ROLES}
JOUR = horloge.ouverture(date(2022, 9, 1))

Porte = Callable[[Utilisateur], Any]


def answer(porte: Porte, par: Utilisateur) -> Code | None:
    """What the door says of her right: the refusal, or None when she has it (whatever else may be missing)."""
    try:
        with horloge.figer(JOUR), transaction.atomic():
            porte(par)
            transaction.set_rollback(True)
    except Refus as refus:
        return refus.code if refus.code in REFUS_DE_DROIT else None
    return None


def assert_only(porte: Porte, roles: set[str], nom: str, gens: dict[str, Utilisateur]) -> None:
    """Those roles pass, here and now; all others are refused, and so are they elsewhere or out of time."""
    for role in Role.values:
        attendu = Code.SEPARATION_DES_ROLES if (nom, role) in SEPARES else Code.ROLE_INTERDIT
        assert answer(porte, gens[role]) == (None if role in roles else attendu), f"{nom} par {role}"
    for role in roles:
        assert answer(porte, gens[f"{role}:ailleurs"]) == Code.HORS_PERIMETRE, f"{nom} par {role} d'ailleurs"
        assert answer(porte, gens[f"{role}:national"]) == Code.HORS_PERIMETRE, f"{nom} par {role} national"
        assert answer(porte, gens[f"{role}:ancien"]) == Code.ROLE_INTERDIT, f"{nom} par un ancien {role}"
        assert answer(porte, gens[f"{role}:futur"]) == Code.ROLE_INTERDIT, f"{nom} par un futur {role}"


def everybody() -> dict[str, Utilisateur]:
    """Each role here; elsewhere and at national level (for a porteur: with another's dossier); out of time."""
    gens = {}
    for role in Role.values:
        gens[role] = personne(role)
        gens[f"{role}:ailleurs"] = personne(f"{role}:ailleurs", "11")
        gens[f"{role}:national"] = personne(f"{role}:national", None)
        gens[f"{role}:ancien"] = personne(f"{role}:ancien", au=date(2022, 8, 31))
        gens[f"{role}:futur"] = personne(f"{role}:futur", du=date(2022, 9, 2))
    return gens


def test_the_dossier_is_the_one_of_the_design() -> None:
    champ: Any = Dossier._meta.get_field("etat")
    declarees = {
        (str(t.source), t.name, str(t.target), str(role))
        for t in champ.get_all_transitions(Dossier)
        for role in t.custom["arete"].roles
    }
    assert declarees == DOSSIER


def test_nothing_is_declared_that_these_tables_do_not_know() -> None:
    assert {nom: set(map(str, acte.roles)) for nom, acte in actes(Dossier).items()} == ACTES
    connues = {
        (modele, nom): {str(role) for arete in aretes.values() for role in arete.roles}
        for modele in (Convention, Versement, Reversement, Declaration)
        for nom, aretes in aretes_par_nom(modele).items()
    }
    assert connues == DESSOUS


@pytest.mark.parametrize("etat", Etat.values)
def test_only_the_roles_of_the_table_move_a_dossier(db: None, etat: str) -> None:
    dossier = amener(campagne().dossier("D1"), etat)
    gens = everybody()
    for nom in {nom for de, nom, _, _ in DOSSIER if de == etat}:
        roles = {role for de, autre, _, role in DOSSIER if (de, autre) == (etat, nom)}
        assert_only(lambda par, nom=nom: franchir(dossier, nom, par), roles, nom, gens)  # type: ignore[misc]


@pytest.mark.parametrize("etat", ["brouillon", "en_recevabilite", "en_instruction", "notifie", "en_deploiement"])
def test_only_the_roles_of_the_table_act_on_a_dossier(db: None, etat: str) -> None:
    """In these states each act is possible at least once."""
    dossier = amener(campagne().dossier("D1"), etat)
    gens = everybody()
    for nom, acte in actes(Dossier).items():
        if etat in acte.dans:
            assert_only(lambda par, acte=acte: acte.porte(dossier, par), ACTES[nom], nom, gens)  # type: ignore[misc]


def test_only_the_roles_of_the_table_move_what_is_under_a_dossier(db: None) -> None:
    camp = campagne(dossiers=2)
    amener(camp.dossier("D1"), "clos")
    amener(camp.dossier("D2"), "en_reversement")
    gens = everybody()
    for (modele, nom), roles in DESSOUS.items():
        objet = modele._base_manager.order_by("pk")[0]
        assert_only(lambda par, objet=objet, nom=nom: franchir(objet, nom, par), roles, nom, gens)  # type: ignore[misc]


def test_a_porteur_acts_on_her_own_dossiers_only(db: None) -> None:
    camp: Campagne = campagne(dossiers=[{"porteur": "porteur"}, {"porteur": "porteur:b"}])
    siens = {"D1": camp.personne("porteur"), "D2": camp.personne("porteur:b")}
    for ref, autre in (("D1", "D2"), ("D2", "D1")):
        dossier = camp.dossier(ref)
        assert answer(lambda par, d=dossier: franchir(d, "deposer", par), siens[ref]) is None  # type: ignore[misc]
        refus = answer(lambda par, d=dossier: franchir(d, "deposer", par), siens[autre])  # type: ignore[misc]
        assert refus == Code.HORS_PERIMETRE
