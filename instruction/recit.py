"""The journal of a dossier told to people: who did what, when, from which state to which, and why."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from django.db.models import BigIntegerField, QuerySet
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from aap.models import Dossier, Partie
from accompagnement.models import Axe, DemandeAide, Niveau
from comptes.models import Delegation
from comptes.models.delegation import Nature
from conventions.models import Convention, Reversement, Versement
from grappes.models import DemandeGrappe
from instruction.libelles import nom_role
from moteur.journal import TITRE
from moteur.machine import Machine, field_of
from moteur.models import Entree
from moteur.porte import edges
from moteur.texte import INSECABLE, MOIS, cite, en_toutes_lettres
from usages.models import Declaration

#: What each act did, by kind of object. A test keeps it complete.
RECITS: Mapping[type[Machine], dict[str, str]] = {
    Dossier: {
        "deposer": "a déposé le dossier",
        "prendre_en_charge": "a pris le dossier en charge",
        "demander_complements": "a demandé des compléments",
        "completer": "a complété le dossier",
        "declarer_recevable": "a déclaré le dossier recevable",
        "declarer_irrecevable": "a déclaré le dossier irrecevable",
        "reorienter": "a réorienté le dossier vers un autre appel à projets",
        "cloturer_instruction": "a clos l'instruction",
        "inscrire_au_comite": "a inscrit le dossier à l'ordre du jour du comité",
        "ajourner": "a ajourné le dossier",
        "mettre_en_attente": "a placé le dossier en liste d'attente",
        "ecarter": "a écarté le dossier",
        "selectionner": "a sélectionné le dossier et fixé l'aide",
        "notifier": "a notifié la décision",
        "signer_convention": "a conclu la convention",
        "verser_premiere_moitie": "a constaté le premier versement",
        "soumettre_usages": "a soumis les usages à la vérification",
        "refuser_usages": "a renvoyé les déclarations d'usage",
        "constater_cibles": "a constaté les cibles atteintes",
        "verser_seconde_moitie": "a constaté le second versement",
        "cloturer": "a clos le dossier",
        "constater_echec": "a constaté l'échec du déploiement",
        "abandonner": "a abandonné le projet",
        "fournir_piece": "a fourni une ou plusieurs pièces",
        "saisir": "a rempli une partie du dossier",
        "recevoir": "a versé au dossier ce qu'un fichier en dit",
        "composer": "a composé la grappe",
        "signaler_depart": "a signalé le départ d'un ESSMS",
        "attribuer": "a attribué le dossier",
        "inviter_coediteur": "a invité une personne à agir sur le dossier",
        "retirer_coediteur": "a retiré à une personne le droit d'agir sur le dossier",
        "transmettre": "a transmis le rôle de référent",
        "deroger": "a levé une règle par dérogation",
        "evaluer": "a rendu son évaluation",
        "signer": "a signé la convention",
        "proroger": "a accordé un délai pour les cibles",
        "declarer_usages": "a déclaré les usages du mois",
        "prononcer_vsr": "a prononcé la vérification de service régulier (VSR)",
        "donner_avis_grades": "a rendu l'avis du GRADeS",
        "annoter_risque": "a annoté un risque",
        "ouvrir_risque": "a ouvert un risque partagé",
        "rattacher_risque": "a rattaché le dossier à un risque partagé",
        "detacher_risque": "a détaché le dossier d'un risque partagé",
        "planifier_action": "a ajouté une action au plan d'accompagnement",
        "suivre_action": "a noté le suivi d'une action",
        "affecter_conseiller": "a affecté un conseiller GRADeS au dossier",
        "retirer_conseiller": "a retiré un conseiller GRADeS du dossier",
        "ecrire_message": "a écrit un message",
        "viser": "a donné son visa",
        "refuser_visa": "a refusé son visa",
        "ecrire_note": "a écrit une note interne",
    },
    Convention: {
        "mettre_en_signature": "a ouvert la convention à la signature",
        "conclure": "a engagé les crédits de la convention",
        "echoir": "a constaté la fin de la convention",
        "resilier": "a résilié la convention",
    },
    Versement: {
        "certifier": "a certifié le service fait",
        "ordonnancer": "a ordonnancé le versement",
        "executer": "a exécuté le versement",
        "rejeter": "a rejeté le versement",
        "annuler": "a annulé le versement",
    },
    Declaration: {
        "transmettre": "a transmis la déclaration d'usage",
        "valider": "a validé la déclaration d'usage",
        "refuser": "a refusé la déclaration d'usage",
    },
    DemandeGrappe: {
        "modifier": "a modifié la demande",
        "pourvoir": "a déclaré la demande pourvue",
        "retirer": "a retiré la demande",
    },
    DemandeAide: {
        "prendre_en_charge": "a pris la demande d'aide en charge",
        "resoudre": "a répondu à la demande d'aide",
        "transmettre": "a transmis la demande d'aide au référent national",
        "escalader": "a transmis la demande d'aide au référent national, faute de réponse",
    },
    Reversement: {
        "recouvrer": "a recouvré la somme due",
        "remettre": "a accordé une remise gracieuse",
    },
}
#: What is told though no door of the dossier did it; and what is not, for it happens at every field.
NAISSANCE = {"ouvrir": "a ouvert le brouillon"}
TUS = ("saisir",)
#: What the agencies and the GRADeS say among themselves: a porteur reads on her page what is shared with her.
ENTRE_SOI = (
    "annoter_risque", "ouvrir_risque", "rattacher_risque", "detacher_risque", "planifier_action", "suivre_action",
    "affecter_conseiller", "retirer_conseiller", "viser", "refuser_visa", "ecrire_note",
)  # fmt: skip
MODELES: Mapping[str, type[Machine]] = {str(modele._meta.model_name): modele for modele in RECITS}


@dataclass(frozen=True, kw_only=True)
class Etape:
    """One line of the history. `de` and `vers`: states in French, empty when the act moved none.

    `titre`: "par délégation de Mme X (arrêté n° 3 du 2 mai 2022)"; empty where the role was the author's own.
    """

    rang: int
    qui: str
    titre: str
    role: str
    le: datetime
    fait: str
    de: str
    vers: str
    precisions: list[str]
    motif: str
    empreinte: str
    principale: bool

    @property
    def auteur(self) -> str:
        """Who did it, and for whom: nobody reads a decision taken by delegation without it."""
        return f"{self.qui}, {self.titre}," if self.titre else self.qui


def titles(entrees: Iterable[Entree]) -> dict[int, str]:
    """In words, the delegations these rows were written under. One query, none where there are none."""
    connues = {entree.donnees[TITRE]["delegation"] for entree in entrees if TITRE in entree.donnees}
    return say_titles(Delegation.objects.filter(pk__in=connues).select_related("delegant")) if connues else {}


def say_titles(delegations: Iterable[Delegation]) -> dict[int, str]:
    """Each in words, by key; who lends is loaded."""
    return {une.pk: _title(une) for une in delegations}


def under(entrees: "QuerySet[Entree]") -> "QuerySet[Delegation]":
    """The delegations that these rows were written under."""
    cle = Cast(KT(f"donnees__{TITRE}__delegation"), BigIntegerField())
    return Delegation.objects.filter(pk__in=entrees.filter(donnees__has_key=TITRE).values(cle=cle))


def step(entree: Entree, dossier: Dossier, titres: Mapping[int, str] = MappingProxyType({})) -> Etape:
    """One line of it. The author of `entree` is loaded. `titres`: those of `titles`."""
    nom = entree.objet.partition(":")[0]
    modele = MODELES.get(nom)
    return Etape(
        rang=entree.rang,
        qui=str(entree.par) if entree.par else "Le système",
        titre=titres.get(entree.donnees[TITRE]["delegation"], "") if TITRE in entree.donnees else "",
        role=nom_role(entree.role),
        le=entree.le,
        fait=(RECITS[modele] | NAISSANCE).get(entree.action, entree.action) if modele else entree.action,
        de=_state(modele, entree.de),
        vers=_state(modele, entree.vers),
        precisions=list(_details(entree.donnees)),
        motif=str(entree.donnees.get("motif") or ""),
        empreinte=entree.empreinte,
        principale=entree.objet == dossier.cle and entree.vers is not None,
    )


def _title(delegation: Delegation) -> str:
    debut = "par délégation de" if delegation.nature == Nature.SIGNATURE else "en suppléance de"
    acte = f" ({delegation.reference})" if delegation.reference else ""
    return f"{debut} {delegation.delegant}{acte}"


def _state(modele: type[Machine] | None, etat: str | None) -> str:
    if etat is None:
        return ""
    return str(dict(field_of(modele).flatchoices).get(etat, etat)) if modele else etat


def _details(donnees: Mapping[str, Any]) -> Iterator[str]:
    """The facts worth reading, in words. Marks and opinions are told on their own screens, to whom may read them."""
    for cle, phrase in PRECISIONS.items():
        if donnees.get(cle):
            yield phrase(donnees[cle])


def _on(debut: str) -> Callable[[str], str]:
    def says(valeur: str) -> str:
        return f"{debut} {en_toutes_lettres(date.fromisoformat(valeur))}"

    return says


def _month(valeur: str) -> str:
    annee, mois = valeur.split("-")[:2]
    return f"mois de {MOIS[int(mois) - 1]}{INSECABLE}{annee}"


def _how_many(participe: str) -> Callable[[Collection[str]], str]:
    def says(numeros: Collection[str]) -> str:
        pluriel = "s" if len(numeros) > 1 else ""
        return f"{len(numeros)}{INSECABLE}ESSMS {participe}{pluriel}"

    return says


def _decision(nom: str) -> str:
    return f"avant « {next(iter(edges(Dossier, nom).values())).libelle} »"


PRECISIONS: Mapping[str, Callable[[Any], str]] = {
    "transition": _decision,
    "ajouter": _how_many("ajouté"),
    "retirer": _how_many("retiré"),
    "precisions": _how_many("précisé"),
    "finess": lambda finess: f"ESSMS {finess}",
    "personne": lambda identifiant: f"compte « {identifiant} »",
    "regle": lambda regle: f"règle {regle}",
    "code": lambda code: "toutes les pièces demandées" if code == "toutes" else f"pièce « {code} »",
    "aap": lambda aap: f"vers l'appel à projets {aap}",
    "seance": _on("séance du"),
    "rang": lambda rang: f"rang {rang}",
    "axe": lambda axe: f"axe {cite(Axe(axe).label)}",
    "niveau": lambda niveau: f"niveau {Niveau(niveau).label.lower()}",
    "libelle": lambda libelle: cite(libelle),
    "intitule": lambda intitule: cite(intitule),
    "pour_le": _on("pour le"),
    "sections": lambda codes: "rouvre : " + ", ".join(str(Partie(code).label) for code in codes),
    "pieces": lambda codes: "rouvre : " + ", ".join(f"pièce « {code} »" for code in codes),
    "jointes": lambda jointes: ", ".join(f"« {jointe['nom']} »" for jointe in jointes),
    "echeance": _on("à fournir au plus tard le"),
    "echeance_cibles": _on("cibles à atteindre au plus tard le"),
    "jusqu_au": _on("jusqu'au"),
    "le": _on("en date du"),
    "mois": _month,
    "signataire": lambda code: {"tous": "pour tous les signataires", "ars": "pour l'ARS"}.get(code, f"pour {code}"),
}
