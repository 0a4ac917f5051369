"""Scenarios written by tests: the full path, cut where one likes, and a play that watches every event."""

from collections.abc import Callable, Iterable
from typing import Any

from django.apps import apps
from django.db import connection

from aap.models import Dossier
from grappes.finess import with_key
from instruction.bilan import Bilan
from instruction.rejeu import play
from instruction.scenario import read

Objet = dict[str, Any]
Observe = Callable[[int], None]

#: Applications whose rows a refused event may still create: the person who tried.
PERSONNES = {"comptes"}
NOS_APPLICATIONS = {
    "comptes", "moteur", "grappes", "aap", "scoring", "conventions", "usages", "accompagnement", "instruction",
}  # fmt: skip

CHIFFRES = {
    "personnes": 100, "dossiers_actifs": 95, "dossiers_avec_projet": 93, "dossiers_avec_evenement": 92,
    "messages_mss": 80, "dmp_alimentes": 25,
}  # fmt: skip

#: (name of the step, day, who, action, data, state of the dossier after it)
PARCOURS: list[tuple[str, str, str, str, Objet, str]] = [
    ("deposer", "2022-04-01", "porteur", "deposer", {}, "depose"),
    ("prendre_en_charge", "2022-04-04", "instructeur", "prendre_en_charge", {}, "en_recevabilite"),
    ("declarer_recevable", "2022-04-11", "instructeur", "declarer_recevable", {}, "en_instruction"),
    ("evaluer_a", "2022-04-12", "instructeur:a", "evaluer", {"notes": {"uniforme": "0.8"}}, "en_instruction"),
    ("evaluer_b", "2022-04-12", "instructeur:b", "evaluer", {"notes": {"uniforme": "0.7"}}, "en_instruction"),
    (
        "donner_avis_grades", "2022-04-13", "conseiller_grades", "donner_avis_grades",
        {"avis": "favorable", "risques": {"uniforme": "modere"}}, "en_instruction",
    ),
    ("cloturer_instruction", "2022-04-14", "instructeur", "cloturer_instruction", {}, "instruit"),
    ("inscrire_au_comite", "2022-04-15", "instructeur", "inscrire_au_comite", {"seance": "2022-10-05"}, "en_comite"),
    ("selectionner", "2022-10-05", "responsable", "selectionner", {}, "selectionne"),
    ("notifier", "2022-10-06", "responsable", "notifier", {}, "notifie"),
    ("signer", "2022-10-20", "responsable", "signer", {"signataire": "tous"}, "notifie"),
    ("signer_convention", "2022-10-21", "responsable", "signer_convention", {}, "conventionne"),
    ("certifier_1", "2022-11-02", "responsable", "certifier", {"rang": 1}, "conventionne"),
    ("ordonnancer_1", "2022-11-03", "responsable", "ordonnancer", {"rang": 1}, "conventionne"),
    ("executer_1", "2022-11-04", "comptable", "executer", {"rang": 1}, "conventionne"),
    ("verser_premiere_moitie", "2022-11-05", "comptable", "verser_premiere_moitie", {}, "en_deploiement"),
    (
        "declarer_usages", "2023-06-30", "porteur", "declarer_usages",
        {"mois": "2023-06", "mesures": {"uniforme": CHIFFRES}}, "en_deploiement",
    ),
    ("prononcer_vsr", "2023-07-01", "porteur", "prononcer_vsr", {"le": "2023-07-01"}, "en_deploiement"),
    ("soumettre_usages", "2023-07-02", "porteur", "soumettre_usages", {}, "en_verification"),
    ("constater_cibles", "2023-07-10", "responsable", "constater_cibles", {}, "cibles_atteintes"),
    ("certifier_2", "2023-07-11", "responsable", "certifier", {"rang": 2}, "cibles_atteintes"),
    ("ordonnancer_2", "2023-07-12", "responsable", "ordonnancer", {"rang": 2}, "cibles_atteintes"),
    ("executer_2", "2023-07-13", "comptable", "executer", {"rang": 2}, "cibles_atteintes"),
    ("verser_seconde_moitie", "2023-07-14", "comptable", "verser_seconde_moitie", {}, "solde"),
    ("cloturer", "2023-07-20", "instructeur", "cloturer", {}, "clos"),
]  # fmt: skip
ETAPES = [etape[0] for etape in PARCOURS]
ETATS = {nom: etat for nom, *_, etat in PARCOURS}


def evenement(le: str, par: str, action: str, dossier: str = "D1", /, **donnees: Any) -> Objet:
    return {"le": le, "par": par, "dossier": dossier, "action": action, "donnees": donnees}


def parcours(
    jusqu_a: str = "cloturer", *, apres: str | None = None, sans: Iterable[str] = (), dossier: str = "D1"
) -> list[Objet]:
    """The steps of the full path after `apres` (from the start) and up to `jusqu_a`, both by name."""
    debut = ETAPES.index(apres) + 1 if apres else 0
    retenues = PARCOURS[debut : ETAPES.index(jusqu_a) + 1]
    return [
        evenement(le, par, action, dossier, **donnees)
        for nom, le, par, action, donnees, _ in retenues
        if nom not in set(sans)
    ]


def demande(ref: str = "D1", *, essms: int = 15, og: int = 1, **cles: Any) -> Objet:
    """A dossier of `essms` made-up EHPAD; `generer` keys go in with the prefix `generer_`."""
    generer = {"essms": essms, "og": og, "secteur": "PA", "departements": ["31"]}
    generer |= {cle.removeprefix("generer_"): cles.pop(cle) for cle in list(cles) if cle.startswith("generer_")}
    base: Objet = {"ref": ref, "projet": "acquisition", "segur": True}
    if "og_liste" in cles:
        return base | {"og": cles.pop("og_liste")} | cles
    return base | {"generer": generer} | cles


def organisme(essms: int = 15, *, rang: int = 1, **premier: Any) -> Objet:
    """An OG with its ESSMS and their numbers written out; `premier`: keys of its first ESSMS."""
    lignes: list[Objet] = [
        {"finess_et": with_key(f"319{rang}{numero:04d}"), "categorie": "500", "departement": "31"}
        for numero in range(essms)
    ]
    lignes[0] |= premier
    return {
        "finess_ej": with_key(f"318{rang}0000"),
        "nom": f"Association {rang}",
        "porteur": rang == 1,
        "essms": lignes,
    }


def campagne(
    evenements: list[Objet], *dossiers: Objet, enveloppe: str = "5000000.00", reglement: str = "esms-2022", **aap: Any
) -> Objet:
    """A whole scenario; by default one dossier of 15 ESSMS, worth 322500.00."""
    appel = {
        "code": "OCC-2022", "region": "76", "enveloppe": enveloppe,
        "fenetres": [{"code": "F1", "ouvre": "2022-03-15", "ferme": "2022-09-30"}],
    }  # fmt: skip
    return {
        "version": 1,
        "reglement": reglement,
        "aap": appel | aap,
        "dossiers": list(dossiers) or [demande()],
        "evenements": evenements,
    }


def jouer(scenario: Objet, *, observe: Observe | None = None, keep: bool = False) -> Bilan:
    """Play; `observe` is called with the index of each event once it is played or refused."""
    suivi = (lambda fait, total: observe(fait - 1)) if observe else None
    bilan = play(read(scenario), keep=keep, suivi=suivi)
    if keep:
        defer()
    return bilan


def jouer_strictement(scenario: Objet, attendus: Iterable[int] | None = None) -> tuple[Bilan, list[int]]:
    """Play, and check that each refused event changed nothing at all. Returns the refused indexes too.

    `attendus`: where refusals are expected, to look there only; by default everywhere.
    """
    voisins = None if attendus is None else {i - decalage for i in attendus for decalage in (0, 1)}
    photos: dict[int, Objet] = {}

    def observe(rang: int) -> None:
        if voisins is None or rang in voisins:
            photos[rang] = photograph()

    bilan = jouer(scenario, observe=observe)
    refuses = [refus["evenement"] for refus in bilan["refus"]]
    for i in refuses:
        assert photos[i] == photos.get(i - 1, photos[i]), f"l'événement {i}, refusé, a pourtant écrit"
    return bilan, refuses


def photograph() -> Objet:
    """Number of rows of every table of ours, and every column of every dossier."""
    lignes = {
        modele._meta.label: modele._base_manager.count()
        for modele in apps.get_models()
        if modele._meta.app_label in NOS_APPLICATIONS - PERSONNES
    }
    return lignes | {"dossiers": list(Dossier.objects.order_by("pk").values())}


def codes(bilan: Bilan) -> list[tuple[int, str]]:
    """[(index of the event, code)] of what was refused."""
    return [(refus["evenement"], refus["code"]) for refus in bilan["refus"]]


def montre(bilan: Bilan, cle: str = "etat", ref: str = "D1") -> Any:
    return bilan["dossiers"][ref][cle]


def defer() -> None:
    """Back to a fresh transaction's habits after a kept play, which has the deferred triggers judge at once."""
    with connection.cursor() as curseur:
        curseur.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
