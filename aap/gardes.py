"""What must hold before a dossier moves, as far as the AAP and the dossier itself know."""

from collections.abc import Collection, Mapping
from typing import get_args

from aap import visas
from aap.eligibilite import non_satisfaites
from aap.examen import check_eligibility, compute_aid, facts, missing_documents
from aap.models import Dossier, Etat
from aap.ouverture import OUVERTURE
from aap.regles import Decision
from aap.saisie import unfilled
from aap.services import AUTRE
from aap.titres import TITRES
from moteur.erreurs import Code, Refus
from moteur.machine import Machine, Passage
from moteur.models import Entree
from moteur.porte import Garde, garde
from moteur.texte import cite, en_liste, en_toutes_lettres


@garde(Dossier, "deposer")
def window_open(dossier: Dossier, passage: Passage) -> None:
    """One of the AAP's windows takes this project today (regles.md §6)."""
    faits = facts(dossier)
    secteurs = [essms.secteur for essms in faits.essms if essms.secteur]
    fenetres = [
        fenetre
        for fenetre in dossier.aap.fenetres.all()
        if fenetre.takes(faits.projet, secteurs, multi_region=len(faits.regions) > 1)
    ]
    if any(fenetre.is_open(passage.jour) for fenetre in fenetres):
        return
    dates = [
        f"{fenetre.code} du {en_toutes_lettres(fenetre.ouvre)} au {en_toutes_lettres(fenetre.dernier_jour)}"
        for fenetre in fenetres
    ]
    quand = (
        f"Fenêtres prévues pour ce projet : {' ; '.join(dates)}." if dates else "Aucune n'est prévue pour ce projet."
    )
    raise Refus(
        Code.FENETRE_FERMEE,
        f"Aucune fenêtre de dépôt n'est ouverte le {en_toutes_lettres(passage.jour)}. {quand}",
        fenetres=[fenetre.code for fenetre in fenetres],
    )


@garde(Dossier, "deposer")
def documents_provided(dossier: Dossier, passage: Passage) -> None:
    """Every document due at filing is there."""
    if manquantes := missing_documents(dossier):
        noms = " ; ".join(piece.libelle for piece in manquantes)
        raise Refus(
            Code.PIECE_MANQUANTE,
            f"Fournissez d'abord : {noms}.",
            pieces=[piece.code for piece in manquantes],
        )


@garde(Dossier, "deposer", "completer")
def sections_filled(dossier: Dossier, passage: Passage) -> None:
    """What was opened here is filled in here; what came as a file, or from a scenario, brought its own form."""
    if not Entree.objects.filter(objet=dossier.cle, action=OUVERTURE).exists():
        return
    if manques := [manque for manque_de in unfilled(dossier).values() for manque in manque_de]:
        raise Refus(
            Code.DONNEES_INVALIDES,
            f"Répondez d'abord à : {' ; '.join(manque.libelle for manque in manques)}",
            champs=[manque.champ for manque in manques],
        )


@garde(Dossier, "deposer", "completer")
def members_open(dossier: Dossier, passage: Passage) -> None:
    """Nobody asks for aid for an establishment that has closed (regles.md §12.11)."""
    fermes = dossier.grappe.membres.presents().filter(essms__ferme_le__lte=passage.jour).select_related("essms")
    if noms := [f"{un.essms} (le {en_toutes_lettres(un.essms.ferme_le)})" for un in fermes if un.essms.ferme_le]:
        raise Refus(
            Code.DONNEES_INVALIDES,
            f"Ces ESSMS ont fermé : {en_liste(noms)}. Retirez-les de la grappe, puis recommencez.",
            finess=[un.essms.finess for un in fermes],
        )


@garde(Dossier, "demander_complements")
def due_date_ahead(dossier: Dossier, passage: Passage) -> None:
    """The porteur is given a day that has not passed."""
    if passage.donnees["echeance"] < passage.jour.isoformat():
        raise Refus(Code.DONNEES_INVALIDES, "L'échéance des compléments est déjà passée : choisissez un jour à venir.")


@garde(Dossier, "demander_complements")
def reopened_known(dossier: Dossier, passage: Passage) -> None:
    """What is re-opened by name is a document the rule set knows, or one nobody asked for."""
    connues = {piece.code for piece in dossier.aap.regles.pieces} | {AUTRE}
    if inconnues := sorted(set(passage.donnees["pieces"]) - connues):
        raise Refus(
            Code.DONNEES_INVALIDES,
            f"Le règlement ne connaît pas la pièce {cite(inconnues[0])}. Pièces : {', '.join(sorted(connues))}.",
            pieces=sorted(connues),
        )


@garde(Dossier, "completer")
def complements_in_time(dossier: Dossier, passage: Passage) -> None:
    """Up to the due date included."""
    if dossier.echeance and passage.jour > dossier.echeance:
        raise Refus(
            Code.DELAI_DEPASSE,
            f"Les compléments étaient attendus au plus tard le {en_toutes_lettres(dossier.echeance)} : "
            "écrivez à votre ARS, qui décide de la suite.",
            echeance=dossier.echeance.isoformat(),
        )


@garde(Dossier, "declarer_irrecevable")
def complements_expired(dossier: Dossier, passage: Passage) -> None:
    """While complements are awaited, nobody closes before their due date has passed."""
    if dossier.etat == Etat.A_COMPLETER and dossier.echeance and passage.jour <= dossier.echeance:
        raise Refus(
            Code.DELAI_NON_ECHU,
            f"Le porteur a jusqu'au {en_toutes_lettres(dossier.echeance)} inclus pour compléter son dossier : "
            "attendez le lendemain.",
            echeance=dossier.echeance.isoformat(),
        )


@garde(Dossier, "declarer_recevable")
def eligible(dossier: Dossier, passage: Passage) -> None:
    """Every eligibility rule passes, or a responsable waived it."""
    if echecs := non_satisfaites(check_eligibility(dossier)):
        codes = [verdict.regle for verdict in echecs]
        titres = en_liste([f"{TITRES[code]} ({code})" for code in codes])
        raise Refus(
            Code.REGLE_NON_SATISFAITE,
            f"Règles non satisfaites : {titres}. Demandez des compléments, faites déroger un responsable avec un "
            "motif, ou déclarez le dossier irrecevable.",
            regles=codes,
            verdicts=[verdict.as_dict() for verdict in echecs],
        )


@garde(Dossier, "selectionner", "signer_convention")
def still_alone(dossier: Dossier, passage: Passage) -> None:
    """Nobody has been funded, or filed first, for one of its ESSMS since it was received (regles.md §12.11)."""
    if pris := [verdict for verdict in non_satisfaites(check_eligibility(dossier)) if verdict.regle == "UNICITE"]:
        raise Refus(
            Code.REGLE_NON_SATISFAITE,
            "Un ESSMS de cette grappe est désormais retenu par un autre dossier : ajournez ou écartez celui-ci.",
            regles=["UNICITE"],
            verdicts=[verdict.as_dict() for verdict in pris],
        )


@garde(Dossier, "selectionner")
def aid_due(dossier: Dossier, passage: Passage) -> None:
    """The rule set gives an aid to grant."""
    if compute_aid(dossier).total <= 0:
        raise Refus(
            Code.DONNEES_INVALIDES,
            "Le barème ne donne aucune aide à ce projet : écartez-le, ou corrigez le projet avec le porteur.",
        )


@garde(Dossier, "notifier", "signer_convention")
def commitment_in_time(dossier: Dossier, passage: Passage) -> None:
    """Credits are committed before the hard date of the AAP, else of its rule set (regles.md §5)."""
    limite = dossier.aap.limite_engagement
    if limite and passage.jour > limite:
        raise Refus(
            Code.DELAI_DEPASSE,
            f"Les crédits de cet appel à projets s'engageaient au plus tard le {en_toutes_lettres(limite)} : "
            "ce dossier ne peut plus être engagé sur cette enveloppe.",
            dernier_engagement=limite.isoformat(),
        )


def _only_with_visas(transition: str) -> Garde:
    def visas_given(dossier: Dossier, passage: Passage) -> None:
        """Whoever must agree before has, on what is decided now, and is somebody else."""
        visas.check(dossier, transition, passage)

    return visas_given


for _decision in get_args(Decision):
    garde(Dossier, _decision)(_only_with_visas(_decision))


def follow_dossier(modele: type[Machine], etats: Mapping[str, Collection[Etat]]) -> None:
    """These transitions of what depends on a dossier come with the dossier's own, which has just put it in one
    of these states: nobody crosses them alone."""
    for transition, admis in etats.items():
        garde(modele, transition)(_only_while(admis))


def _only_while(admis: Collection[Etat]) -> Garde:
    def dossier_leads(objet: Machine, passage: Passage) -> None:
        """The dossier has just moved, and leads this one."""
        dossier = objet.racine()
        if dossier.etat not in admis:
            raise Refus(
                Code.TRANSITION_INTERDITE,
                "Cet acte ne se fait pas seul, il suit un acte sur le dossier : agissez sur le dossier, qui est "
                f"« {dossier.libelle_etat} ».",
                etat=dossier.etat,
            )

    return dossier_leads
