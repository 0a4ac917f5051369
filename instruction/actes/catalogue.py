"""The acts that have a page here, and which of them a person may do now on a dossier, or what they still lack."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from aap.models import Dossier, Etat
from comptes.models import Utilisateur
from comptes.roles import Role
from conventions.models import Reversement, Versement
from conventions.querysets import alive
from instruction.actes.enveloppe import too_little_left
from instruction.actes.issues import Issue, way_out
from instruction.recit import ENTRE_SOI
from instruction.taches import Tache, tasks
from moteur.erreurs import Refus, unless_silent
from moteur.machine import Machine
from moteur.porte import actes, aretes_par_nom, franchir, obstacles, roles_sur

#: The half that is due, by state of the dossier.
MOITIES: Mapping[str, int] = {Etat.CONVENTIONNE: 1, Etat.CIBLES_ATTEINTES: 2}
#: What the porteur does on her own pages, by the name of that page.
CHEZ_LE_PORTEUR: Mapping[str, str] = {
    "declarer_usages": "portail:usages",
    "prononcer_vsr": "portail:usages",
    "soumettre_usages": "portail:usages",
}


def the_dossier(dossier: Dossier) -> Dossier:
    return dossier


def with_visas(dossier: Dossier) -> Dossier | None:
    """The dossier, where its rule set requires a visa before some decision."""
    return dossier if dossier.aap.regles.instruction.visas else None


def payment_due(dossier: Dossier) -> Versement | None:
    """The half that may be paid now; None while none is due."""
    rang, convention = MOITIES.get(dossier.etat), getattr(dossier, "convention", None)
    return alive(convention.versements.all(), rang) if rang and convention else None


def recovery(dossier: Dossier) -> Reversement | None:
    """The recovery order; None while nothing is asked back."""
    return getattr(dossier, "reversement", None)


@dataclass(frozen=True, kw_only=True)
class Acte:
    """An act as the doors declare it. `objet`: what it is done on; `gravite`: "" , "defavorable" or "accessoire"."""

    nom: str
    modele: type[Machine] = Dossier
    objet: Callable[[Dossier], Machine | None] = the_dossier
    gravite: str = ""
    en_plus: Callable[[Dossier], list[Refus]] | None = None

    @property
    def libelle(self) -> str:
        declare = actes(self.modele).get(self.nom)
        return declare.libelle if declare else next(iter(self._edges().values())).libelle

    @property
    def fonction(self) -> Callable[..., Any]:
        """The function whose annotations are the contract of its data."""
        declare = actes(self.modele).get(self.nom)
        fonction: Callable[..., Any] = declare.fonction if declare else getattr(self.modele, self.nom)
        return fonction

    def roles(self, etat: str | None) -> frozenset[str]:
        """Who may, from that state; from a state it does not leave, whoever may from another."""
        declare = actes(self.modele).get(self.nom)
        if declare:
            return declare.roles
        aretes = self._edges()
        if etat and etat in aretes:
            return frozenset(aretes[etat].roles)
        return frozenset().union(*(une.roles for une in aretes.values()))

    def separes(self) -> set[str | None]:
        """Roles that the separation of duties shuts out by name."""
        return set() if self.nom in actes(self.modele) else {arete.separe_de for arete in self._edges().values()}

    def leaves(self, etat: str) -> bool:
        """Whether it is possible from that state."""
        declare = actes(self.modele).get(self.nom)
        return etat in (declare.dans if declare else self._edges())

    def do(self, objet: Machine, par: Utilisateur, donnees: Mapping[str, Any]) -> None:
        """Through the one door."""
        declare = actes(self.modele).get(self.nom)
        if declare:
            declare.porte(objet, par, **donnees)
        else:
            franchir(objet, self.nom, par, **donnees)

    def missing(self, dossier: Dossier, objet: Machine, par: Utilisateur) -> list[Refus]:
        """What would refuse it now, whatever is typed."""
        manques = [] if self.nom in actes(self.modele) else obstacles(objet, self.nom, par)
        return manques + (self.en_plus(dossier) if self.en_plus else [])

    def _edges(self) -> Mapping[str, Any]:
        return aretes_par_nom(self.modele)[self.nom]


def _payment(nom: str, gravite: str = "") -> Acte:
    return Acte(nom=nom, modele=Versement, objet=payment_due, gravite=gravite)


#: In the order of the path. What is not here has a page of its own: `AILLEURS` says which.
ACTES: Mapping[str, Acte] = {
    acte.nom: acte
    for acte in (
        Acte(nom="prendre_en_charge"),
        Acte(nom="declarer_recevable"),
        Acte(nom="deroger", gravite="accessoire"),
        Acte(nom="demander_complements"),
        Acte(nom="reorienter", gravite="defavorable"),
        Acte(nom="declarer_irrecevable", gravite="defavorable"),
        Acte(nom="evaluer"),
        Acte(nom="donner_avis_grades"),
        Acte(nom="cloturer_instruction"),
        Acte(nom="inscrire_au_comite"),
        Acte(nom="viser", objet=with_visas),
        Acte(nom="refuser_visa", objet=with_visas, gravite="defavorable"),
        Acte(nom="selectionner", en_plus=too_little_left),
        Acte(nom="mettre_en_attente"),
        Acte(nom="ajourner", gravite="accessoire"),
        Acte(nom="ecarter", gravite="defavorable"),
        Acte(nom="notifier"),
        Acte(nom="signer"),
        Acte(nom="signer_convention"),
        _payment("certifier"),
        _payment("ordonnancer"),
        _payment("executer"),
        _payment("rejeter", "defavorable"),
        Acte(nom="verser_premiere_moitie"),
        Acte(nom="declarer_usages"),
        Acte(nom="prononcer_vsr"),
        Acte(nom="soumettre_usages"),
        Acte(nom="constater_cibles"),
        Acte(nom="refuser_usages", gravite="defavorable"),
        Acte(nom="proroger", gravite="accessoire"),
        Acte(nom="constater_echec", gravite="defavorable"),
        Acte(nom="verser_seconde_moitie"),
        Acte(nom="recouvrer", modele=Reversement, objet=recovery),
        Acte(nom="remettre", modele=Reversement, objet=recovery, gravite="defavorable"),
        Acte(nom="cloturer"),
        Acte(nom="abandonner", gravite="defavorable"),
    )
}
#: Acts that have a page of their own, by its name: the common one leads there.
A_SA_PAGE: Mapping[str, str] = {"donner_avis_grades": "grades-avis"}
#: Acts of a dossier that are done on other pages, and where. A test holds `ACTES` and this complete.
AILLEURS: Mapping[str, str] = {
    "deposer": "the last step of filing",
    "completer": "the last step of filing, while complements are awaited",
    "saisir": "the steps of filing",
    "composer": "the steps of filing",
    "fournir_piece": "the documents of the dossier",
    "signaler_depart": "the grappe of the dossier",
    "recevoir": "the import of a file",
    "inviter_coediteur": "the people of the dossier",
    "retirer_coediteur": "the people of the dossier",
    "transmettre": "the people of the dossier",
    "ecrire_message": "the messages of the dossier",
    "ecrire_note": "the notes of the dossier",
    "attribuer": "the tasks and the list of dossiers",
    "annuler": "follows the finding of a failure",
    **dict.fromkeys(ENTRE_SOI, "the pages of the GRADeS"),
}


@dataclass(frozen=True, kw_only=True)
class Manque:
    """Why an act is not possible yet, and where that is solved."""

    message: str
    issue: Issue | None


@dataclass(frozen=True, kw_only=True)
class Possible:
    """An act offered to a person. With `manques`, it is not a button yet but the list of what is missing.

    `attendu`: it is what the dossier awaits, not only what it allows.
    """

    nom: str
    libelle: str
    adresse: str
    gravite: str
    manques: list[Manque]
    attendu: bool


def offered(dossier: Dossier, personne: Utilisateur) -> list[Possible]:
    """What this person may do on this dossier now: what it awaits first, then in the order of the path."""
    roles = roles_sur(dossier, personne)
    ouverts = list(_open_to(dossier, roles)) if roles else []
    taches = unless_silent(lambda: tasks(dossier), list[Tache](), []) if ouverts else []
    attendus = {tache.action for tache in taches}
    offerts = [_offer(acte, dossier, objet, personne, roles, attendus) for acte, objet in ouverts]
    return sorted(offerts, key=lambda un: not un.attendu)


def explain(manques: list[Refus], dossier: Dossier, roles: frozenset[str]) -> list[Manque]:
    """Each refusal in its own words, with the way out that one of these roles has."""
    return [Manque(message=refus.message, issue=way_out(refus, dossier, roles)) for refus in manques]


def address(nom: str, dossier: Dossier, roles: frozenset[str]) -> str:
    """Where that act is done."""
    if nom in CHEZ_LE_PORTEUR and roles <= {Role.PORTEUR}:
        return reverse(CHEZ_LE_PORTEUR[nom], args=[dossier.pk])
    return page_of(nom, dossier.pk)


def page_of(nom: str, pk: int) -> str:
    """Where an agent does that act on that dossier."""
    return reverse(A_SA_PAGE[nom], args=[pk]) if nom in A_SA_PAGE else reverse("agir", args=[pk, nom])


def _open_to(dossier: Dossier, roles: frozenset[str]) -> Iterator[tuple[Acte, Machine]]:
    for acte in ACTES.values():
        objet = acte.objet(dossier)
        if objet is not None and acte.leaves(objet.etat) and roles & acte.roles(objet.etat):
            yield acte, objet


def _offer(
    acte: Acte,
    dossier: Dossier,
    objet: Machine,
    personne: Utilisateur,
    roles: frozenset[str],
    attendus: Collection[str],
) -> Possible:
    return Possible(
        nom=acte.nom,
        libelle=acte.libelle,
        adresse=address(acte.nom, dossier, roles),
        gravite=acte.gravite,
        manques=explain(acte.missing(dossier, objet, personne), dossier, roles),
        attendu=acte.nom in attendus,
    )
