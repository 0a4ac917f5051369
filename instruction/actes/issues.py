"""Where each refusal is solved: its code and its facts lead to a page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.urls import reverse

from aap.models import Dossier
from comptes.roles import Role
from conventions.models import EtatVersement
from conventions.querysets import alive
from moteur.erreurs import Code, Refus


@dataclass(frozen=True)
class Issue:
    """A link: its words, its address."""

    texte: str
    adresse: str


def way_out(refus: Refus, dossier: Dossier, roles: frozenset[str]) -> Issue | None:
    """Where to go to lift it, for a person of these roles; None when only time, or another rule set, lifts it."""
    chemin = CHEMINS.get(refus.code)
    return chemin(refus, dossier, roles) if chemin else None


def _act(dossier: Dossier, nom: str, texte: str) -> Issue:
    return Issue(texte, reverse("agir", args=[dossier.pk, nom]))


def _part(dossier: Dossier, ancre: str, texte: str) -> Issue:
    return Issue(texte, f"{reverse('dossier', args=[dossier.pk])}#{ancre}")


def _rules(refus: Refus, dossier: Dossier, roles: frozenset[str]) -> Issue:
    if Role.RESPONSABLE in roles and refus.details.get("regles") != ["UNICITE"]:
        return _act(dossier, "deroger", "Déroger à une règle")
    return _part(dossier, "recevabilite", "Voir la recevabilité")


def _evaluations(refus: Refus, dossier: Dossier, roles: frozenset[str]) -> Issue:
    return _act(dossier, "evaluer", "Évaluer le dossier")


def _opinion(refus: Refus, dossier: Dossier, roles: frozenset[str]) -> Issue:
    if Role.CONSEILLER_GRADES in roles:
        return Issue("Donner l'avis du GRADeS", reverse("grades-avis", args=[dossier.pk]))
    return Issue("Écrire un message sur ce dossier", reverse("messages", args=[dossier.pk]))


def _signatures(refus: Refus, dossier: Dossier, roles: frozenset[str]) -> Issue:
    return _act(dossier, "signer", "Voir qui a signé")


def _usages(refus: Refus, dossier: Dossier, roles: frozenset[str]) -> Issue:
    if Role.PORTEUR in roles:
        return Issue("Compléter les usages", reverse("portail:usages", args=[dossier.pk]))
    return _part(dossier, "usages", "Voir les usages")


def _targets(refus: Refus, dossier: Dossier, roles: frozenset[str]) -> Issue:
    if Role.INSTRUCTEUR in roles:
        return _act(dossier, "refuser_usages", "Refuser les usages, avec les motifs")
    return _part(dossier, "usages", "Voir chaque cible et son calcul")


def _envelope(refus: Refus, dossier: Dossier, roles: frozenset[str]) -> Issue:
    return _act(dossier, "mettre_en_attente", "Mettre le dossier en attente")


#: What brings a payment to its end, by its state.
ETAPES: Mapping[str, str] = {
    EtatVersement.PROPOSE: "certifier",
    EtatVersement.CERTIFIE: "ordonnancer",
    EtatVersement.ORDONNANCE: "executer",
}


def _payment(refus: Refus, dossier: Dossier, roles: frozenset[str]) -> Issue | None:
    rang, convention = refus.details.get("rang"), getattr(dossier, "convention", None)
    versement = alive(convention.versements.all(), rang) if convention and isinstance(rang, int) else None
    nom = ETAPES.get(versement.etat) if versement else None
    return _act(dossier, nom, "Voir où en est le versement") if nom else None


CHEMINS: Mapping[Code, Callable[[Refus, Dossier, frozenset[str]], Issue | None]] = {
    Code.REGLE_NON_SATISFAITE: _rules,
    Code.EVALUATIONS_INCOMPLETES: _evaluations,
    Code.AVIS_GRADES_MANQUANT: _opinion,
    Code.SIGNATURE_MANQUANTE: _signatures,
    Code.USAGES_INCOMPLETS: _usages,
    Code.VSR_MANQUANTE: _usages,
    Code.CIBLES_NON_ATTEINTES: _targets,
    Code.ENVELOPPE_INSUFFISANTE: _envelope,
    Code.TRANSITION_INTERDITE: _payment,
}
