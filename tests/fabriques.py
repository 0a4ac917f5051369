"""Cheap objects for tests of the database, made by the same doors as the real ones: nothing is inserted by hand.

    camp = campagne(dotation="400000.00", dossiers=2)       # two grappes of 15 ESSMS: 322 500.00 each
    dossier = amener(camp.dossier("D1"), "conventionne")    # through every door on the way
    agir(dossier, "certifier", "responsable:b", jour="2022-11-02", rang=1)

`campagne` needs the test's database (`db`, or `base_jetable`).
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from aap.models import Aap, Dossier, Enveloppe, Etat
from comptes.models import Affectation, Utilisateur
from comptes.roles import Role
from grappes.models import OrganismeGestionnaire, Rattachement
from instruction.peuplement import DEBUT, person
from instruction.rejeu import actions, play
from instruction.scenario import read
from moteur import horloge
from usages.verification import funded

REGION = "76"
#: How the people of the tests sign in (`Client.force_login(…, backend=PORTE)`).
PORTE = "comptes.backends.Porte"
#: Aid of the default dossier: 15 ESSMS, acquisition of a referenced software, (7000 + 14500) euros each.
AIDE = "322500.00"
ATTEINTES = {
    "personnes": 100, "dossiers_actifs": 95, "dossiers_avec_projet": 93, "dossiers_avec_evenement": 92,
    "messages_mss": 80, "dmp_alimentes": 25,
}  # fmt: skip
MANQUEES = ATTEINTES | {"messages_mss": 69}

Pas = tuple[str, str, str, dict[str, Any]]
FAVORABLE = {"avis": "favorable", "risques": {"uniforme": "modere"}}
NOTES = {"notes": {"uniforme": "0.8"}}
MOTIF = {"motif": "Motif du test."}

#: How a dossier comes to each state: from which one, by which steps (day, who, action, data).
CHEMINS: dict[str, tuple[str, list[Pas]]] = {
    "depose": ("brouillon", [("2022-04-01", "porteur", "deposer", {})]),
    "en_recevabilite": ("depose", [("2022-04-04", "instructeur", "prendre_en_charge", {})]),
    "a_completer": (
        "en_recevabilite",
        [("2022-04-05", "instructeur", "demander_complements", MOTIF | {"echeance": "2022-05-01"})],
    ),
    "irrecevable": ("en_recevabilite", [("2022-04-06", "instructeur", "declarer_irrecevable", MOTIF)]),
    "reoriente": (
        "en_recevabilite",
        [("2022-04-06", "instructeur", "reorienter", MOTIF | {"aap": "NAT-2022"})],
    ),
    "en_instruction": ("en_recevabilite", [("2022-04-11", "instructeur", "declarer_recevable", {})]),
    "instruit": (
        "en_instruction",
        [
            ("2022-04-12", "instructeur", "evaluer", NOTES),
            ("2022-04-12", "instructeur:b", "evaluer", NOTES),
            ("2022-04-13", "conseiller_grades", "donner_avis_grades", FAVORABLE),
            ("2022-04-14", "instructeur", "cloturer_instruction", {}),
        ],
    ),
    "en_comite": ("instruit", [("2022-04-15", "instructeur", "inscrire_au_comite", {"seance": "2022-10-05"})]),
    "liste_attente": ("en_comite", [("2022-10-05", "responsable", "mettre_en_attente", {"rang": 1})]),
    "non_retenu": ("en_comite", [("2022-10-05", "responsable", "ecarter", MOTIF)]),
    "selectionne": ("en_comite", [("2022-10-05", "responsable", "selectionner", {})]),
    "notifie": ("selectionne", [("2022-10-06", "responsable", "notifier", {})]),
    "conventionne": (
        "notifie",
        [
            ("2022-10-20", "responsable", "signer", {"signataire": "tous"}),
            ("2022-10-21", "responsable", "signer_convention", {}),
        ],
    ),
    "en_deploiement": (
        "conventionne",
        [
            ("2022-11-02", "responsable", "certifier", {"rang": 1}),
            ("2022-11-03", "responsable", "ordonnancer", {"rang": 1}),
            ("2022-11-04", "comptable", "executer", {"rang": 1}),
            ("2022-11-05", "comptable", "verser_premiere_moitie", {}),
        ],
    ),
    "en_verification": (
        "en_deploiement",
        [
            ("2023-06-30", "porteur", "declarer_usages", {"mois": "2023-06", "mesures": {"uniforme": ATTEINTES}}),
            ("2023-07-01", "porteur", "prononcer_vsr", {"le": "2023-06-01"}),
            ("2023-07-02", "porteur", "soumettre_usages", {}),
        ],
    ),
    "cibles_atteintes": ("en_verification", [("2023-07-10", "responsable", "constater_cibles", {})]),
    "solde": (
        "cibles_atteintes",
        [
            ("2023-07-11", "responsable", "certifier", {"rang": 2}),
            ("2023-07-12", "responsable", "ordonnancer", {"rang": 2}),
            ("2023-07-13", "comptable", "executer", {"rang": 2}),
            ("2023-07-14", "comptable", "verser_seconde_moitie", {}),
        ],
    ),
    "clos": ("solde", [("2023-09-01", "instructeur", "cloturer", {})]),
    "en_reversement": ("en_deploiement", [("2024-06-03", "responsable", "constater_echec", MOTIF)]),
    "abandonne": ("brouillon", [("2022-04-01", "porteur", "abandonner", MOTIF)]),
}


@dataclass(frozen=True)
class Campagne:
    """An AAP with its envelope, its draft dossiers (documents provided), and its people."""

    aap: Aap

    @property
    def enveloppe(self) -> Enveloppe:
        return self.aap.enveloppe

    def dossier(self, ref: str) -> Dossier:
        """The dossier of that reference, as it is now."""
        dossier: Dossier = Dossier.objects.with_rules().get(aap=self.aap, reference=ref)
        return dossier

    def personne(self, par: str) -> Utilisateur:
        """ "responsable", or "responsable:b" for a second one: always the same person for the same name."""
        return personne(par, self.aap.region_id)


def campagne(
    *,
    dotation: str = "5000000.00",
    dossiers: int | list[dict[str, Any]] = 1,
    code: str = "OCC-2022",
    region: str = REGION,
    reglement: str = "esms-2022",
    **aap: Any,
) -> Campagne:
    """Open an AAP with its draft dossiers D1, D2…

    `dossiers`: how many, or for each one what differs from the default (any key of a scenario's dossier, and
    `essms`, `og` for the size of the grappe). `aap`: keys of a scenario's AAP (`fenetres`, `dernier_engagement`).
    """
    demandes: list[dict[str, Any]] = [{}] * dossiers if isinstance(dossiers, int) else dossiers
    scenario = {
        "version": 1,
        "reglement": reglement,
        "aap": {
            "code": code,
            "region": region,
            "enveloppe": dotation,
            "fenetres": [{"code": "F1", "ouvre": "2022-03-15", "ferme": "2022-09-30"}],
        }
        | aap,
        "dossiers": [_dossier(rang, demande) for rang, demande in enumerate(demandes, start=1)],
    }
    play(read(scenario), keep=True)
    return Campagne(Aap.objects.select_related("enveloppe").get(code=code, rejeu=None))


def personne(par: str, region: str | None = REGION, *, du: date | None = None, au: date | None = None) -> Utilisateur:
    """A person of that role in that region. `du`, `au`: bounds of her assignment, both days included."""
    utilisateur = person(par, region, None)
    bornes = {nom: jour for nom, jour in (("du", du), ("au", au)) if jour}
    if bornes:
        Affectation.objects.filter(utilisateur=utilisateur).update(**bornes)
    return utilisateur


def porteuse(og: OrganismeGestionnaire, nom: str = "xavier") -> Utilisateur:
    """A porteur attached to that OG since the beginning, who may sign in."""
    personne = Utilisateur.objects.create(username=nom, last_name=f"Mme {nom.title()}", email=f"{nom}@exemple.fr")
    Affectation.objects.create(utilisateur=personne, role=Role.PORTEUR, du=DEBUT)
    Rattachement.objects.create(utilisateur=personne, og=og, du=DEBUT)
    return personne


def amener(dossier: Dossier, etat: str, *, mesures: dict[str, int] | None = None, porteur: str = "porteur") -> Dossier:
    """Carry a dossier to that state through every door, each step on its day of `CHEMINS`; return it fresh.

    `mesures`: usage figures of each ESSMS instead of `ATTEINTES`. `porteur`: who carries it, if somebody else.
    Raises: Refus, as the doors do; KeyError when `CHEMINS` does not lead there from where it is.
    """
    pas: list[Pas] = []
    la = Etat(etat).value
    while la != dossier.etat:
        la, etapes = CHEMINS[la]
        pas = etapes + pas
    for jour, par, action, donnees in pas:
        if mesures and action == "declarer_usages":
            donnees = donnees | {"mesures": {"uniforme": mesures}}
        agir(dossier, action, porteur if par == "porteur" else par, jour=jour, **donnees)
    frais: Dossier = Dossier.objects.with_rules().get(pk=dossier.pk)
    return frais


def submitted(dossier: Dossier, *ecarts: dict[str, int]) -> Dossier:
    """Carry it to the verification of its usages; its first ESSMS differ from `ATTEINTES` by `ecarts`."""
    dossier = amener(dossier, "en_deploiement")
    mesures = {un.finess: dict(ATTEINTES) for un in funded(dossier)}
    for numero, ecart in zip(mesures, ecarts, strict=False):
        mesures[numero] |= ecart
    agir(dossier, "declarer_usages", "porteur", jour="2023-06-30", mois="2023-06", mesures=mesures)
    agir(dossier, "prononcer_vsr", "porteur", jour="2023-07-01", le="2023-06-01")
    agir(dossier, "soumettre_usages", "porteur", jour="2023-07-02")
    frais: Dossier = Dossier.objects.with_rules().get(pk=dossier.pk)
    return frais


def agir(dossier: Dossier, action: str, par: str | Utilisateur, *, jour: str | None = None, **donnees: Any) -> Any:
    """One action on a dossier: any transition, act or payment step. Without `jour`, the clock is left alone."""
    qui = personne(par, dossier.aap.region_id) if isinstance(par, str) else par
    if jour is None:
        return actions()[action](dossier, qui, **donnees)
    with horloge.figer(horloge.ouverture(date.fromisoformat(jour))):
        return actions()[action](dossier, qui, **donnees)


def _dossier(rang: int, demande: dict[str, Any]) -> dict[str, Any]:
    taille = {cle: demande[cle] for cle in ("essms", "og") if isinstance(demande.get(cle), int)}
    reste = {cle: valeur for cle, valeur in demande.items() if cle not in taille}
    invente = {} if "og" in reste else {"generer": {"essms": 15, "departements": ["31"]} | taille}
    return {"ref": f"D{rang}", "projet": "acquisition", "segur": True} | invente | reste
