"""Who is told what: the one table from what happened to whom, and how soon.

What happened is in the words of `instruction.recit`, what to do in those of `instruction.tours`: this table only
chooses the readers. A test holds it complete: each act of the engine is here, or in `SILENCES` with its reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from comptes.roles import Role
from courriels.models import Nature

#: Stands for the role whose turn it is, named by the event itself.
CELUI_QUI_DOIT = ""
#: Stands for the people the event names, whatever their role.
MENTIONNES = "mentionnes"


@dataclass(frozen=True, kw_only=True)
class Avis:
    """One line of the table. `role`: who is told; a porteur is everyone who may act on the dossier, or who asked for
    help.

    `demande`: something is asked; it becomes news when, by the time it is written, nothing is asked any more.
    `auteur`: whoever did it is told too, as a proof that it was received. `en_face`: told only of what somebody of
    another role did.
    """

    role: str
    nature: Nature
    demande: bool = False
    auteur: bool = False
    en_face: bool = False


def ask(role: str) -> Avis:
    return Avis(role=role, nature=Nature.ACTION, demande=True)


def decide(role: str) -> Avis:
    return Avis(role=role, nature=Nature.ACTION)


def acknowledge(role: str) -> Avis:
    return Avis(role=role, nature=Nature.ACTION, auteur=True)


def inform(role: str) -> Avis:
    return Avis(role=role, nature=Nature.INFORMATION)


def across(role: str, nature: Nature) -> Avis:
    return Avis(role=role, nature=nature, en_face=True)


PORTEUR, INSTRUCTEUR, RESPONSABLE = Role.PORTEUR, Role.INSTRUCTEUR, Role.RESPONSABLE
COMPTABLE, GRADES, NATIONAL = Role.COMPTABLE, Role.CONSEILLER_GRADES, Role.PILOTE_NATIONAL

#: Subject of the outbox row → who is told. What is asked of a whole team goes in its digest: filings come in waves.
AVIS: Mapping[str, tuple[Avis, ...]] = {
    "dossier.deposer": (acknowledge(PORTEUR), inform(INSTRUCTEUR)),
    "dossier.prendre_en_charge": (inform(PORTEUR),),
    "dossier.demander_complements": (ask(PORTEUR),),
    "dossier.completer": (acknowledge(PORTEUR), inform(INSTRUCTEUR)),
    "dossier.signaler_depart": (inform(INSTRUCTEUR),),
    "dossier.declarer_recevable": (inform(PORTEUR), ask(GRADES)),
    "dossier.declarer_irrecevable": (decide(PORTEUR),),
    "dossier.reorienter": (decide(PORTEUR),),
    "dossier.cloturer_instruction": (inform(INSTRUCTEUR),),
    "dossier.inscrire_au_comite": (inform(PORTEUR), inform(RESPONSABLE)),
    "dossier.ajourner": (inform(PORTEUR), inform(INSTRUCTEUR)),
    "dossier.mettre_en_attente": (decide(PORTEUR),),
    "dossier.ecarter": (decide(PORTEUR),),
    "dossier.selectionner": (inform(RESPONSABLE),),
    "dossier.notifier": (decide(PORTEUR), ask(RESPONSABLE)),
    "dossier.signer_convention": (decide(PORTEUR), inform(RESPONSABLE)),
    "dossier.verser_premiere_moitie": (ask(PORTEUR),),
    "dossier.soumettre_usages": (acknowledge(PORTEUR), inform(INSTRUCTEUR), ask(RESPONSABLE)),
    "dossier.refuser_usages": (ask(PORTEUR),),
    "dossier.constater_cibles": (decide(PORTEUR), inform(RESPONSABLE)),
    "dossier.verser_seconde_moitie": (inform(PORTEUR), inform(INSTRUCTEUR)),
    "dossier.cloturer": (inform(PORTEUR),),
    "dossier.constater_echec": (decide(PORTEUR), ask(COMPTABLE)),
    "dossier.abandonner": (acknowledge(PORTEUR), inform(INSTRUCTEUR), inform(RESPONSABLE)),
    "dossier.donner_avis_grades": (inform(INSTRUCTEUR),),
    "dossier.affecter_conseiller": (inform(GRADES),),
    "dossier.risque_sans_mesure": (inform(GRADES), inform(INSTRUCTEUR)),
    "dossier.risque_non_evalue": (inform(GRADES),),
    "dossier.ecrire_message": (across(PORTEUR, Nature.ACTION), across(INSTRUCTEUR, Nature.INFORMATION)),
    "dossier.ecrire_note": (decide(MENTIONNES),),
    "dossier.signer": (ask(RESPONSABLE), inform(PORTEUR)),
    "dossier.proroger": (decide(PORTEUR),),
    "dossier.echeance_proche": (ask(CELUI_QUI_DOIT),),
    "dossier.echeance_depassee": (ask(CELUI_QUI_DOIT),),
    "dossier.relancer": (ask(CELUI_QUI_DOIT),),
    "dossier.relancer_equipe": (inform(CELUI_QUI_DOIT),),
    "dossier.signaler_retard": (inform(RESPONSABLE),),
    "versement.certifier": (ask(RESPONSABLE),),
    "versement.ordonnancer": (ask(COMPTABLE),),
    "versement.executer": (inform(PORTEUR), ask(COMPTABLE)),
    "versement.rejeter": (ask(RESPONSABLE), inform(PORTEUR)),
    "reversement.recouvrer": (inform(PORTEUR),),
    "reversement.remettre": (decide(PORTEUR),),
    "demandeaide.demander_aide": (acknowledge(PORTEUR), ask(GRADES), inform(INSTRUCTEUR), inform(RESPONSABLE)),
    "demandeaide.prendre_en_charge": (inform(PORTEUR),),
    "demandeaide.resoudre": (decide(PORTEUR),),
    "demandeaide.transmettre": (ask(NATIONAL), inform(PORTEUR)),
    "demandeaide.escalader": (ask(NATIONAL), inform(PORTEUR), inform(GRADES), inform(INSTRUCTEUR)),
}

SUIT = "its dossier moves in the same act, and that is told"
PAS_A_PAS = "a step of one's own work, seen on the page"
INTERNE = "a mark or an opinion of the officers, told by what closes it"
SANS_DOSSIER = "it belongs to no dossier"

#: What is told to nobody, and why.
SILENCES: Mapping[str, str] = {
    "dossier.saisir": PAS_A_PAS,
    "dossier.composer": PAS_A_PAS,
    "dossier.recevoir": PAS_A_PAS,
    "dossier.inviter_coediteur": INTERNE,
    "dossier.attribuer": "its tasks are in the inbox of the new officer at once",
    "dossier.retirer_coediteur": INTERNE,
    "dossier.transmettre": INTERNE,
    "dossier.fournir_piece": PAS_A_PAS,
    "dossier.declarer_usages": PAS_A_PAS,
    "dossier.prononcer_vsr": PAS_A_PAS,
    "dossier.deroger": INTERNE,
    "dossier.evaluer": INTERNE,
    "dossier.annoter_risque": INTERNE,
    "dossier.ouvrir_risque": INTERNE,
    "dossier.rattacher_risque": INTERNE,
    "dossier.detacher_risque": INTERNE,
    "dossier.planifier_action": INTERNE,
    "dossier.suivre_action": INTERNE,
    "dossier.retirer_conseiller": INTERNE,
    "dossier.viser": INTERNE,
    "dossier.refuser_visa": INTERNE,
    "convention.mettre_en_signature": SUIT,
    "convention.conclure": SUIT,
    "convention.echoir": SUIT,
    "convention.resilier": SUIT,
    "versement.annuler": SUIT,
    "declaration.transmettre": SUIT,
    "declaration.valider": SUIT,
    "declaration.refuser": SUIT,
}
