"""One dossier, read whole for its page: the answer first, then what proves it. A fixed number of queries."""

from datetime import date
from typing import Any

from aap.complements import answers
from aap.cumuls import confront
from aap.ecarts import ecarts, members
from aap.eligibilite import Contexte, Verdict, pieces_requises
from aap.examen import check_eligibility, context, facts, remember
from aap.faits import Faits
from aap.models import Dossier
from aap.querysets import DossierQuerySet
from accompagnement.querysets import with_levels_in_row
from instruction import historique
from instruction.argent import aid, aid_line, has_convention, money, payment, payments
from instruction.avis import read_opinion
from instruction.compteur import Mouvement, measure
from instruction.constats import Regle, explain
from instruction.contenu import AFaire, Fiche, Usage
from instruction.delais import dated, with_kept_objectives
from instruction.documents.lecture import listed, said
from instruction.echanges.resume import sum_up
from instruction.ensemble import detail, summarize
from instruction.grades.lecture import risk_lines_in_row
from instruction.historique import Choix
from instruction.libelles import COMPTES, PHASES, PROJETS, SANS_AIDE, TERMINES, actions, badge, nom_role, phase
from instruction.marques import read as read_marks
from instruction.matiere import gather
from instruction.notes.lecture import last as last_notes
from instruction.parties import read_convention
from instruction.regard import Regard
from instruction.taches import Tache, tasks
from instruction.tours import due_date, turn
from moteur import horloge
from moteur.erreurs import unless_silent
from moteur.models import Entree
from moteur.texte import en_toutes_lettres
from usages.calcul import Cible
from usages.verification import targets


def load(dossiers: DossierQuerySet) -> DossierQuerySet:
    """With each dossier, in the same query, what its page always needs."""
    avec = dossiers.with_rules().select_related("aap__region", "convention", "reversement", "vsr", "instructeur")
    lus: DossierQuerySet = with_levels_in_row(with_kept_objectives(avec.annotate(limite_cibles=due_date())))
    return lus


def read(dossier: Dossier, regard: Regard, jour: date, choix: Choix | None = None) -> Fiche:
    """`dossier`: come through `load`. `choix`: the page of the history asked for."""
    choix = choix or Choix()
    lu = gather(dossier, regard, choix, jour)
    membres = members(dossier)
    faits = facts(dossier, [un for un in membres if un.parti_le is None])
    contexte = remember(dossier, context(dossier, faits, sons_lues=bool(lu.sons)))
    silences: list[str] = []
    taches = unless_silent(lambda: tasks(dossier), list[Tache](), silences)
    taches = dated(taches, dossier) if regard.interne else taches
    aide = {} if dossier.etat in SANS_AIDE else unless_silent(lambda: aid(dossier, faits), dict[str, Any](), silences)
    documents = listed(dossier, pieces_requises(dossier.aap.regles, faits))
    regles = _rules(dossier, faits, contexte, regard, silences)
    return Fiche(
        dossier=dossier,
        regard=regard,
        badge=badge(dossier.etat),
        projet=PROJETS[dossier.projet],
        tour=turn(taches, dossier.etat, jour, porteur=not regard.interne),
        depuis=lu.mouvements[-1].le if lu.mouvements else None,
        horloge=measure([_move(un) for un in lu.mouvements], jour),
        **_phase(dossier.etat),
        termine=dossier.etat in TERMINES,
        a_faire=[
            AFaire(
                quoi=actions()[un.action],
                role=nom_role(un.role),
                echeance=un.echeance,
                objectif=None if un.echeance else un.objectif,
            )
            for un in taches
        ],
        phrase_aide=money(dossier, aide),
        aide_fixee=dossier.aide is not None,
        lignes=[aid_line(ligne) for ligne in aide.get("lignes", [])],
        avertissements=list(aide.get("avertissements", [])),
        versements=[payment(versement, dossier) for versement in payments(dossier)],
        convention=read_convention(dossier, lu.signataires, lu.signatures),
        grappe=summarize(faits),
        organismes=detail(faits, membres),
        commandes_sons=confront(dossier, faits, contexte),
        regles=regles,
        documents=documents,
        bilan_documents=said(documents),
        recus=lu.recus,
        marques=read_marks(dossier, list(dossier.evaluations.all()), regard),
        avis=read_opinion(list(dossier.avis_grades.all())) if regard.interne else None,
        echanges=sum_up(lu.messages, lu.lus),
        carnet=last_notes(lu.notes, lu.mentions, lu.collegues, regard),
        usages=measured(dossier, silences),
        historique=historique.tell(lu.journal, dossier, choix, lu.delegations),
        changements=ecarts(dossier, jour, membres),
        complements=[] if has_convention(dossier) else answers(dossier),
        risques=risk_lines_in_row(dossier) if regard.interne and dossier.depose_le else [],
        silences=list(dict.fromkeys(silences)),
    )


def needed(dossier: Dossier) -> list[str]:
    """What the calculations read, brought in one query each; payments and usage come with a convention only."""
    toujours = ["derogations", "pieces"]
    if not has_convention(dossier):
        return toujours
    return [*toujours, "convention__versements", "declarations__mesures"]


def _rules(dossier: Dossier, faits: Faits, contexte: Contexte, regard: Regard, silences: list[str]) -> list[Regle]:
    """The verdicts in words; who waived a rule is told to the agency."""
    verdicts = unless_silent(lambda: check_eligibility(dossier, faits, contexte), list[Verdict](), silences)
    levees = {
        une.regle: f"{une.par}, le {en_toutes_lettres(horloge.jour(une.le))}"
        for une in dossier.derogations.all()
        if regard.interne
    }
    return [explain(verdict, dossier.aap.regles, levees.get(verdict.regle, "")) for verdict in verdicts]


def _phase(etat: str) -> dict[str, Any]:
    rang = phase(etat)
    return {
        "phase": rang,
        "phases": len(PHASES),
        "nom_phase": PHASES[rang - 1][0] if rang else "",
        "phase_suivante": PHASES[rang][0] if rang and rang < len(PHASES) else "",
    }


def _move(entree: Entree) -> Mouvement:
    echeance = entree.donnees.get("echeance")
    limite = date.fromisoformat(echeance) if isinstance(echeance, str) else None
    return Mouvement(le=entree.le, vers=str(entree.vers), echeance=limite)


def measured(dossier: Dossier, silences: list[str]) -> list[Usage]:
    """Each target with its formula; what the rule set does not say is added to `silences`."""
    if not has_convention(dossier):
        return []
    indicateurs = {indicateur.code: indicateur for indicateur in dossier.aap.regles.usages.indicateurs}
    usages = []
    for cible in unless_silent(lambda: targets(dossier), list[Cible](), silences):
        indicateur = indicateurs[cible.indicateur]  # type: ignore[index]
        assert indicateur.numerateur is not None  # a target was computed from both
        assert indicateur.denominateur is not None
        haut, bas = COMPTES[indicateur.numerateur.valeur], COMPTES[indicateur.denominateur.valeur]
        usages.append(Usage(cible=cible, libelle=indicateur.libelle, haut=haut, bas=bas))
    return usages
