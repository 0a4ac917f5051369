"""Who has what to do next, and by when: read from the states, kept nowhere."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from aap.models import Dossier, Etat
from aap.regles import exiger
from aap.visas import VISEURS, awaited
from comptes.roles import Role
from conventions.models import EtatVersement, Qualite
from conventions.querysets import alive, due_date, unsigned
from moteur import horloge
from usages.verification import missing_measures

#: The next step of a payment, by its state; once executed, the dossier moves.
ETAPES_VERSEMENT = {
    EtatVersement.PROPOSE: ("certifier", Role.RESPONSABLE),
    EtatVersement.CERTIFIE: ("ordonnancer", Role.RESPONSABLE),
    EtatVersement.ORDONNANCE: ("executer", Role.COMPTABLE),
}
#: Steps whose action is met elsewhere too.
ETAPES = {Etat.LISTE_ATTENTE: "selectionner_en_attente", Etat.EN_REVERSEMENT: "cloturer_reversement"}
SIGNATURES = {Role.RESPONSABLE: "signer_ars", Role.PORTEUR: "signer_porteur"}
SUITES = {Etat.CONVENTIONNE: "verser_premiere_moitie", Etat.CIBLES_ATTEINTES: "verser_seconde_moitie"}


@dataclass(frozen=True, kw_only=True)
class Tache:
    """One thing to do. `action`: the act or transition that does it; `echeance`: last day by law, None without one.

    `objectif`: the day that the rule set or the agency gives itself, which the agenda keeps; unknown elsewhere.

    `etape`: its node in the process (instruction.flows), the action itself unless it comes back elsewhere in a
    dossier's life. `tour`: how often the same step was done before, where it takes several.
    """

    action: str
    role: str
    echeance: date | None = None
    etape: str = ""
    tour: int = 0
    objectif: date | None = None

    @property
    def pour_le(self) -> date | None:
        """The day it is due: what the law gives wins."""
        return self.echeance or self.objectif

    @property
    def cle(self) -> tuple[str, int]:
        """What makes it this task and no other of the same dossier."""
        return self.etape or self.action, self.tour

    def as_dict(self) -> dict[str, str | None]:
        return {
            "action": self.action,
            "role": self.role,
            "echeance": self.echeance.isoformat() if self.echeance else None,
        }


def tasks(dossier: Dossier) -> list[Tache]:
    """What is awaited on a dossier today; nothing once it has ended."""
    etat = Etat(dossier.etat)
    if etat in SIMPLES:
        action, role = SIMPLES[etat]
        return [Tache(action=action, role=role, etape=ETAPES.get(etat, action))]
    return list(COMPOSEES[etat](dossier)) if etat in COMPOSEES else []


def deadlines(dossier: Dossier) -> list[Tache]:
    """What is awaited with a date, also the complements that can no longer come."""
    datees = [tache for tache in tasks(dossier) if tache.echeance]
    if dossier.etat == Etat.A_COMPLETER and not datees:
        datees.append(Tache(action="completer", role=Role.PORTEUR, echeance=dossier.echeance))
    return datees


def _file(dossier: Dossier) -> Iterator[Tache]:
    jour = horloge.aujourdhui()
    fermetures = [f.dernier_jour for f in dossier.aap.fenetres.all() if f.dernier_jour >= jour]
    yield Tache(action="deposer", role=Role.PORTEUR, echeance=min(fermetures, default=None))


def _complete(dossier: Dossier) -> Iterator[Tache]:
    if dossier.echeance and horloge.aujourdhui() > dossier.echeance:
        yield Tache(action="declarer_irrecevable", role=Role.INSTRUCTEUR)
    else:
        yield Tache(action="completer", role=Role.PORTEUR, echeance=dossier.echeance)


def _instruct(dossier: Dossier) -> Iterator[Tache]:
    regles = dossier.aap.regles.instruction
    requises = exiger(regles.evaluations_requises, "instruction.evaluations_requises", dossier.aap.regles.code)
    rendues = len(dossier.evaluations.all())
    a_evaluer = rendues < requises
    avis = exiger(regles.avis_grades_requis, "instruction.avis_grades_requis", dossier.aap.regles.code)
    sans_avis = avis and not dossier.avis_grades.all()
    if a_evaluer:
        yield Tache(action="evaluer", role=Role.INSTRUCTEUR, tour=rendues)
    if sans_avis:
        yield Tache(action="donner_avis_grades", role=Role.CONSEILLER_GRADES)
    if not a_evaluer and not sans_avis:
        yield Tache(action="cloturer_instruction", role=Role.INSTRUCTEUR)


def _decide(dossier: Dossier) -> Iterator[Tache]:
    yield from _once_visaed(dossier, "selectionner", dossier.seance, "viser_selection")


def _reconsider(dossier: Dossier) -> Iterator[Tache]:
    yield from _once_visaed(dossier, "selectionner", None, "viser_attente", ETAPES[Etat.LISTE_ATTENTE])


def _notify(dossier: Dossier) -> Iterator[Tache]:
    yield from _once_visaed(dossier, "notifier", dossier.aap.limite_engagement, "viser_notification")


def _once_visaed(
    dossier: Dossier, decision: str, echeance: date | None, viser: str, etape: str = ""
) -> Iterator[Tache]:
    """The visas that are awaited, at the step `viser`; once they are all there, the decision, by a responsable.

    Several roles may be asked at the same step: each has its own `tour`, never 0, which is the officer in charge's.
    """
    attendus = awaited(dossier, decision)
    for visa in attendus:
        rang = VISEURS.index(Role(visa.role)) + 1
        yield Tache(action="viser", role=visa.role, echeance=echeance, etape=viser, tour=rang)
    if not attendus:
        yield Tache(action=decision, role=Role.RESPONSABLE, echeance=echeance, etape=etape)


def _sign(dossier: Dossier) -> Iterator[Tache]:
    limite = dossier.aap.limite_engagement
    roles = {Role.RESPONSABLE if un.qualite == Qualite.ARS else Role.PORTEUR for un in unsigned(dossier)}
    for role in sorted(roles):
        yield Tache(action="signer", role=role, echeance=limite, etape=SIGNATURES[role])
    if not roles:
        yield from _once_visaed(dossier, "signer_convention", limite, "viser_convention")


def _pay(rang: int, ensuite: str) -> Callable[[Dossier], Iterator[Tache]]:
    etapes = ETAPES_VERSEMENT | {EtatVersement.EXECUTE: (ensuite, Role.COMPTABLE)}

    def next_step(dossier: Dossier) -> Iterator[Tache]:
        if (versement := alive(dossier.convention.versements.all(), rang)) is not None:
            action, role = etapes[EtatVersement(versement.etat)]
            yield Tache(action=action, role=role, etape=action if action == ensuite else f"{action}_{rang}")

    return next_step


def _deploy(dossier: Dossier) -> Iterator[Tache]:
    limite = due_date(dossier)
    manquants = missing_measures(dossier)
    sans_vsr = getattr(dossier, "vsr", None) is None
    if manquants:
        yield Tache(action="declarer_usages", role=Role.PORTEUR, echeance=limite)
    if sans_vsr:
        yield Tache(action="prononcer_vsr", role=Role.PORTEUR, echeance=limite)
    if not manquants and not sans_vsr:
        yield Tache(action="soumettre_usages", role=Role.PORTEUR, echeance=limite)
    if limite and horloge.aujourdhui() > limite:
        yield Tache(action="constater_echec", role=Role.RESPONSABLE)


SIMPLES: dict[Etat, tuple[str, str]] = {
    Etat.DEPOSE: ("prendre_en_charge", Role.INSTRUCTEUR),
    Etat.EN_RECEVABILITE: ("declarer_recevable", Role.INSTRUCTEUR),
    Etat.INSTRUIT: ("inscrire_au_comite", Role.INSTRUCTEUR),
    Etat.EN_VERIFICATION: ("constater_cibles", Role.RESPONSABLE),
    Etat.SOLDE: ("cloturer", Role.INSTRUCTEUR),
    Etat.EN_REVERSEMENT: ("cloturer", Role.COMPTABLE),
}

COMPOSEES: dict[Etat, Callable[[Dossier], Iterator[Tache]]] = {
    Etat.BROUILLON: _file,
    Etat.A_COMPLETER: _complete,
    Etat.EN_INSTRUCTION: _instruct,
    Etat.EN_COMITE: _decide,
    Etat.LISTE_ATTENTE: _reconsider,
    Etat.SELECTIONNE: _notify,
    Etat.NOTIFIE: _sign,
    Etat.CONVENTIONNE: _pay(1, SUITES[Etat.CONVENTIONNE]),
    Etat.EN_DEPLOIEMENT: _deploy,
    Etat.CIBLES_ATTEINTES: _pay(2, SUITES[Etat.CIBLES_ATTEINTES]),
}
