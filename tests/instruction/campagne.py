"""A small campaign in every kind of state, played through the engine, with dates that follow today."""

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from html import unescape
from typing import Any

from allauth.account.models import EmailAddress

from aap.models import Dossier
from comptes.models import Affectation, Utilisateur
from comptes.roles import Role
from grappes.finess import with_key
from instruction.recit import Etape, step, titles
from instruction.rejeu import play
from instruction.scenario import Scenario
from moteur.models import Entree

OGS = ["Les Tilleuls", "ADAPEI du Tarn", "Fondation Bonnefoy", "Clair Soleil", "Mutualité Garonne", "La Pomarède"]
NOMS = {
    "porteur": ("Hélène", "Castagné"), "instructeur": ("Claire", "Marchand"), "instructeur:b": ("Yanis", "Benali"),
    "responsable": ("Anne", "de Rivière"), "comptable": ("Paul", "Lacaze"), "conseiller_grades": ("Inès", "Moreau"),
}  # fmt: skip
MESURES = {
    "personnes": 100, "dossiers_actifs": 95, "dossiers_avec_projet": 93, "dossiers_avec_evenement": 92,
    "messages_mss": 70, "dmp_alimentes": 25,
}  # fmt: skip
#: The whole path, in days after the filing. A dossier is played up to the act that its name stops at.
CHEMIN: list[tuple[int, str, str, dict[str, Any]]] = [
    (0, "porteur", "deposer", {}),
    (3, "instructeur", "prendre_en_charge", {}),
    (8, "instructeur", "declarer_recevable", {}),
    (20, "instructeur", "evaluer", {"notes": {"uniforme": "0.8"}}),
    (22, "instructeur:b", "evaluer", {"notes": {"uniforme": "0.7"}}),
    (25, "conseiller_grades", "donner_avis_grades", {"avis": "favorable", "risques": {"uniforme": "modere"}}),
    (30, "instructeur", "cloturer_instruction", {}),
    (40, "instructeur", "inscrire_au_comite", {"seance": "+60"}),
    (60, "responsable", "selectionner", {}),
    (65, "responsable", "notifier", {}),
    (80, "responsable", "signer", {"signataire": "tous"}),
    (81, "responsable", "signer_convention", {}),
    (85, "instructeur", "certifier", {"rang": 1}),
    (86, "responsable", "ordonnancer", {"rang": 1}),
    (90, "comptable", "executer", {"rang": 1}),
    (91, "comptable", "verser_premiere_moitie", {}),
    (300, "porteur", "prononcer_vsr", {"le": "+300"}),
    (320, "porteur", "declarer_usages", {"mois": "+290", "mesures": {"uniforme": MESURES}}),
    (330, "porteur", "soumettre_usages", {}),
    (350, "responsable", "constater_cibles", {}),
    (355, "instructeur", "certifier", {"rang": 2}),
    (356, "responsable", "ordonnancer", {"rang": 2}),
    (360, "comptable", "executer", {"rang": 2}),
    (361, "comptable", "verser_seconde_moitie", {}),
    (370, "instructeur", "cloturer", {}),
]
DEROGATION = "Deux petits établissements ruraux rejoindront la grappe avant la signature."
#: Where each dossier of the campaign stops: how many acts of the path, then what else happens to it.
ARRETS: dict[str, tuple[int, list[tuple[int, str, str, dict[str, Any]]]]] = {
    "brouillon": (0, []),
    "depose": (1, []),
    "en_recevabilite": (2, []),
    "derogation": (2, [(7, "responsable", "deroger", {"regle": "MIN_ESSMS", "motif": DEROGATION})]),
    "a_completer": (2, [(5, "instructeur", "demander_complements", {"motif": "RIB illisible.", "echeance": "+30"})]),
    "complements_en_retard": (
        2,
        [(5, "instructeur", "demander_complements", {"motif": "Pièce absente.", "echeance": "+20"})],
    ),
    "irrecevable": (2, [(6, "instructeur", "declarer_irrecevable", {"motif": "Grappe de moins de 15 ESSMS."})]),
    "en_instruction": (3, []),
    "evalue": (5, []),
    "avis_rendu": (6, []),
    "instruit": (7, []),
    "en_comite": (8, []),
    "liste_attente": (8, [(60, "responsable", "mettre_en_attente", {"rang": 3})]),
    "non_retenu": (8, [(60, "responsable", "ecarter", {"motif": "Gouvernance à consolider."})]),
    "selectionne": (9, []),
    "notifie": (10, []),
    "ars_signee": (10, [(70, "responsable", "signer", {"signataire": "ars"})]),
    "tous_signes": (11, []),
    "conventionne": (12, []),
    "certifie": (13, []),
    "ordonnance": (14, []),
    "execute": (15, []),
    "en_deploiement": (16, []),
    "declare": (18, []),
    "en_retard": (18, []),
    "en_verification": (19, []),
    "cibles_atteintes": (20, []),
    "solde": (24, []),
    "clos": (25, []),
    "abandonne": (1, [(10, "porteur", "abandonner", {"motif": "Le conseil d'administration y renonce."})]),
    "abandonne_selectionne": (9, [(64, "porteur", "abandonner", {"motif": "L'éditeur retenu a cessé son activité."})]),
    "en_reversement": (16, [(640, "responsable", "constater_echec", {"motif": "Cibles non prouvées."})]),
}
#: A larger grappe, hence a larger aid; smaller than the minimum of 15.
TAILLES = {"solde": 18, "derogation": 14, "irrecevable": 14}
#: Filed that many days earlier than needed, so that its deadline has passed.
AVANCE = {"en_retard": 360, "complements_en_retard": 40}


def scenario(noms: list[str], jour: date, *, essms: int = 16, code: str = "OCC-DEMO", premier: int = 0) -> Scenario:
    """One dossier for each name of ARRETS (a name may come back), filed so that all ends today at the latest.

    `premier`: where FINESS numbers start, so that two scenarios share none.
    """
    refs = [f"76-{rang:04d}" for rang in range(1, len(noms) + 1)]
    brut = {
        "version": 1,
        "reglement": "esms-2022",
        "aap": {
            "code": code, "intitule": "Appel à projets ESMS numérique Occitanie", "region": "76",
            "enveloppe": "90000000.00", "dernier_engagement": (jour + timedelta(days=90)).isoformat(),
            "fenetres": [{"code": "F1", "ouvre": (jour - timedelta(days=800)).isoformat(),
                          "ferme": (jour + timedelta(days=20)).isoformat()}],
        },
        "dossiers": [
            {"ref": ref, "nom": f"Grappe {OGS[rang % len(OGS)]}", "projet": "acquisition", "segur": True,
             "og": _ogs(premier + rang, TAILLES.get(nom, essms))}
            for rang, (ref, nom) in enumerate(zip(refs, noms, strict=True))
        ],
        "evenements": sorted(
            (evenement for ref, nom in zip(refs, noms, strict=True) for evenement in _events(ref, nom, jour)),
            key=lambda evenement: evenement["le"],
        ),
    }  # fmt: skip
    return Scenario.model_validate_json(json.dumps(brut))


def keep(noms: list[str], jour: date, *, essms: int = 16) -> dict[str, Any]:
    """Play and keep it; the people get names. Fails when an act was refused."""
    bilan = play(scenario(noms, jour, essms=essms), keep=True)
    assert bilan["refus"] == []
    for par, (prenom, nom) in NOMS.items():
        Utilisateur.objects.filter(username=f"76.{par}").update(first_name=prenom, last_name=nom)
    return bilan


def told(dossier: Dossier) -> list[Etape]:
    """The whole history of a dossier in words, the latest first."""
    entrees = list(Entree.objects.filter(chaine=dossier.chaine).select_related("par").order_by("-rang"))
    return [step(une, dossier, titles(entrees)) for une in entrees]


def text(html: str) -> str:
    """What a reader reads: no tags, ordinary spaces."""
    nu = unescape(re.sub(r"<[^>]+>", " ", html))
    return re.sub(r"\s+", " ", nu).replace("\u202f", " ")


def person(nom: str, role: Role, region: str | None = None) -> Utilisateur:
    """An account with one role, and "motdepasse" as its password."""
    courriel = f"{nom}@exemple.fr"
    utilisateur = Utilisateur.objects.create_user(username=nom, password="motdepasse", email=courriel)
    EmailAddress.objects.create(user=utilisateur, email=courriel, primary=True, verified=True)
    Affectation.objects.create(utilisateur=utilisateur, role=role, region_id=region, du=date(2020, 1, 1))
    return utilisateur


def _ogs(rang: int, essms: int) -> list[dict[str, Any]]:
    """Two OGs, three sectors and two départements: numbers made from `rang`, so that no two dossiers share one."""
    limite = essms * 3 // 4
    noms = [OGS[rang % len(OGS)], f"{OGS[(rang + 1) % len(OGS)]} (associé)"]
    return [
        {
            "finess_ej": with_key(f"318{rang:04d}{numero}"),
            "nom": nom,
            "porteur": numero == 0,
            "essms": [_essms(rang, un) for un in range(essms) if (un >= limite) == bool(numero)],
        }
        for numero, nom in enumerate(noms)
    ]


def _essms(rang: int, un: int) -> dict[str, Any]:
    departement = "31" if un % 3 else "81"
    return {
        "finess_et": with_key(f"{departement}1{rang:03d}{un:02d}"),
        "categorie": ("500", "500", "255", "354")[un % 4],
        "departement": departement,
        "nom": f"Établissement {un + 1}",
    }


def _events(ref: str, nom: str, jour: date) -> Iterator[dict[str, Any]]:
    combien, suite = ARRETS[nom]
    actes = [*CHEMIN[:combien], *suite]
    dernier = max((delai for delai, *_ in actes), default=0)
    depot = jour - timedelta(days=dernier + 2 + AVANCE.get(nom, 0))
    for delai, par, action, donnees in actes:
        le = (depot + timedelta(days=delai)).isoformat()
        yield {"le": le, "par": par, "dossier": ref, "action": action,
               "donnees": {cle: _dated(cle, valeur, depot) for cle, valeur in donnees.items()}}  # fmt: skip


def _dated(cle: str, valeur: Any, depot: date) -> Any:
    """ "+30" is that many days after the filing; a month keeps its first seven characters."""
    if not (isinstance(valeur, str) and valeur.startswith("+")):
        return valeur
    ecrit = (depot + timedelta(days=int(valeur))).isoformat()
    return ecrit[:7] if cle == "mois" else ecrit
