"""The whole path of a dossier, on one page: who does what, after what. Drawn in docs/parcours.svg."""

from viewflow import this
from viewflow.workflow import flow
from viewflow.workflow.lock import SelectForUpdateLock

from comptes.roles import Role
from instruction.etapes import Carrefour, Etape
from instruction.models import Parcours, TacheSuivie

PORTEUR, INSTRUCTEUR, RESPONSABLE = Role.PORTEUR, Role.INSTRUCTEUR, Role.RESPONSABLE
COMPTABLE, CONSEILLER = Role.COMPTABLE, Role.CONSEILLER_GRADES
#: What a committee may decide beside selecting: each ends its step.
COMITE = ("mettre_en_attente", "ecarter", "ajourner")


class InstructionFlow(flow.Flow):  # type: ignore[misc]  # the library has no types
    """Instruction d'un dossier

    Du brouillon du porteur à la clôture, deux versements plus tard.
    """

    process_class = Parcours
    task_class = TacheSuivie
    #: viewflow's own default locks nothing; with `nowait`, a second officer would sleep for seconds.
    lock_impl = SelectForUpdateLock(nowait=False)

    depart = flow.StartHandle().Next(this.deposer)

    # Recevabilité
    deposer = Etape("deposer", PORTEUR).Next(this.prendre_en_charge)
    prendre_en_charge = Etape("prendre_en_charge", INSTRUCTEUR).Next(this.declarer_recevable)
    declarer_recevable = Etape("declarer_recevable", INSTRUCTEUR, "declarer_irrecevable", "reorienter").Next(
        this.recevabilite
    )
    recevabilite = (
        Carrefour()
        .Issue(this.instruction, "recevable")
        .Issue(this.completer, "à compléter")
        .Issue(this.sans_aide, "irrecevable, réorienté")
    )
    completer = Etape("completer", PORTEUR).Next(this.complements)
    complements = (
        Carrefour().Issue(this.declarer_recevable, "complété").Issue(this.declarer_irrecevable, "délai dépassé")
    )
    declarer_irrecevable = Etape("declarer_irrecevable", INSTRUCTEUR).Next(this.sans_aide)

    # Instruction : l'évaluation et l'avis du GRADeS avancent ensemble
    instruction = flow.Split().Always(this.evaluer).Always(this.donner_avis_grades)
    evaluer = Etape("evaluer", INSTRUCTEUR).Next(this.evaluations)
    evaluations = Carrefour().Issue(this.evaluer, "il en manque").Issue(this.avis_reunis, "toutes rendues")
    donner_avis_grades = Etape("donner_avis_grades", CONSEILLER).Next(this.avis_reunis)
    avis_reunis = flow.Join().Next(this.cloturer_instruction)
    cloturer_instruction = Etape("cloturer_instruction", INSTRUCTEUR).Next(this.inscrire_au_comite)

    # Comité
    inscrire_au_comite = Etape("inscrire_au_comite", INSTRUCTEUR).Next(this.visa_selection)
    visa_selection = Carrefour().Issue(this.viser_selection, "visa attendu").Issue(this.selectionner, "sans visa")
    viser_selection = Etape("viser", None, *COMITE).Next(this.visa_selection)
    selectionner = Etape("selectionner", RESPONSABLE, *COMITE).Next(this.decision)
    visa_attente = (
        Carrefour().Issue(this.viser_attente, "visa attendu").Issue(this.selectionner_en_attente, "sans visa")
    )
    viser_attente = Etape("viser", None, "ecarter").Next(this.visa_attente)
    selectionner_en_attente = Etape("selectionner", RESPONSABLE, "ecarter").Next(this.decision)
    decision = (
        Carrefour()
        .Issue(this.visa_notification, "sélectionné")
        .Issue(this.visa_attente, "liste d'attente")
        .Issue(this.inscrire_au_comite, "ajourné")
        .Issue(this.sans_aide, "écarté")
    )

    # Convention et première moitié
    visa_notification = Carrefour().Issue(this.viser_notification, "visa attendu").Issue(this.notifier, "sans visa")
    viser_notification = Etape("viser").Next(this.visa_notification)
    notifier = Etape("notifier", RESPONSABLE).Next(this.signature)
    signature = flow.Split().Always(this.signer_ars).Always(this.signer_porteur)
    signer_ars = Etape("signer", RESPONSABLE).Next(this.signatures_reunies)
    signer_porteur = Etape("signer", PORTEUR).Next(this.signatures_reunies)
    signatures_reunies = flow.Join().Next(this.visa_convention)
    visa_convention = (
        Carrefour().Issue(this.viser_convention, "visa attendu").Issue(this.signer_convention, "sans visa")
    )
    viser_convention = Etape("viser").Next(this.visa_convention)
    signer_convention = Etape("signer_convention", RESPONSABLE).Next(this.certifier_1)
    certifier_1 = Etape("certifier", RESPONSABLE).Next(this.ordonnancer_1)
    ordonnancer_1 = Etape("ordonnancer", RESPONSABLE).Next(this.executer_1)
    executer_1 = Etape("executer", COMPTABLE, "rejeter").Next(this.paiement_1)
    paiement_1 = Carrefour().Issue(this.verser_premiere_moitie, "exécuté").Issue(this.certifier_1, "rejeté")
    verser_premiere_moitie = Etape("verser_premiere_moitie", COMPTABLE).Next(this.deploiement)

    # Preuve de l'usage
    deploiement = flow.Split().Always(this.declarer_usages).Always(this.prononcer_vsr).Always(this.delai_des_cibles)
    declarer_usages = Etape("declarer_usages", PORTEUR).Next(this.preuves_reunies)
    prononcer_vsr = Etape("prononcer_vsr", PORTEUR).Next(this.preuves_reunies)
    preuves_reunies = flow.Join().Next(this.soumettre_usages)
    soumettre_usages = Etape("soumettre_usages", PORTEUR).Next(this.constater_cibles)
    constater_cibles = Etape("constater_cibles", RESPONSABLE, "refuser_usages", "constater_echec").Next(
        this.verification
    )
    verification = Carrefour().Issue(this.certifier_2, "cibles atteintes").Issue(this.deploiement, "usages refusés")
    delai_des_cibles = Carrefour().Issue(this.constater_echec, "délai dépassé")
    constater_echec = Etape("constater_echec", RESPONSABLE, "proroger").Next(this.cloturer_reversement)

    # Seconde moitié et clôture
    certifier_2 = Etape("certifier", RESPONSABLE).Next(this.ordonnancer_2)
    ordonnancer_2 = Etape("ordonnancer", RESPONSABLE).Next(this.executer_2)
    executer_2 = Etape("executer", COMPTABLE, "rejeter").Next(this.paiement_2)
    paiement_2 = Carrefour().Issue(this.verser_seconde_moitie, "exécuté").Issue(this.certifier_2, "rejeté")
    verser_seconde_moitie = Etape("verser_seconde_moitie", COMPTABLE).Next(this.cloturer)
    cloturer = Etape("cloturer", INSTRUCTEUR).Next(this.clos)
    cloturer_reversement = Etape("cloturer", COMPTABLE).Next(this.clos)

    sans_aide = flow.End()
    clos = flow.End()


def step(noeud: str) -> Etape:
    """The human task of that name. Raises: KeyError."""
    etape = InstructionFlow.instance.node(noeud)
    if not isinstance(etape, Etape):
        raise KeyError(noeud)
    return etape
