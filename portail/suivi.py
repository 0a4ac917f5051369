"""The porteur's one page on a filed dossier: the answer first, then what she must do, then the whole path."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects
from django.urls import NoReverseMatch, reverse

from aap.delais import echeance_cibles
from aap.ecarts import Changement, ecarts
from aap.examen import facts
from aap.models import Dossier, Etat, PieceFournie, Recu
from aap.services import AUTRE
from accompagnement.annotation import shared_with_porteur
from accompagnement.models import Annotation
from comptes.roles import Role
from conventions.querysets import alive, due_date
from instruction import argent, ensemble, fiche
from instruction.actes.catalogue import ACTES
from instruction.argent import LigneAide
from instruction.compteur import Compteur, Mouvement, measure
from instruction.ensemble import Grappe
from instruction.libelles import PROJETS, SANS_AIDE, Badge, actions, badge
from instruction.recit import ENTRE_SOI, TUS, step, titles
from instruction.taches import Tache, tasks
from instruction.tours import Tour, turn
from moteur.erreurs import Refus, unless_silent
from moteur.models import Entree
from moteur.texte import en_euros, en_toutes_lettres
from portail.chronologie import Acte, Jalon, Moitie, timeline
from portail.recours import Recours, remedies

#: Where the porteur does each thing asked of her: name of a page, and the step it opens where there are several.
PAGES: Mapping[str, tuple[str, ...]] = {
    "deposer": ("portail:etape", "depot"),
    "completer": ("portail:complements",),
    "declarer_usages": ("portail:usages",),
    "prononcer_vsr": ("portail:usages",),
    "soumettre_usages": ("portail:usages",),
    "signer": ("agir", "signer"),
}
#: Decisions told first: state → title, whether it closes the dossier against the porteur.
DECISIONS: Mapping[Etat, tuple[str, bool]] = {
    Etat.IRRECEVABLE: ("Votre dossier a été déclaré irrecevable", True),
    Etat.REORIENTE: ("Votre dossier a été réorienté vers un autre appel à projets", True),
    Etat.NON_RETENU: ("Votre dossier n'a pas été retenu", True),
    Etat.EN_REVERSEMENT: ("L'ARS a constaté l'échec du déploiement", True),
    Etat.LISTE_ATTENTE: ("Votre dossier est en liste d'attente", False),
    Etat.SELECTIONNE: ("Votre dossier est sélectionné", False),
    Etat.NOTIFIE: ("Votre dossier est retenu", False),
    Etat.ABANDONNE: ("Vous avez abandonné le projet", False),
}
#: The same, for a step back that left its reason; without one, the dossier came there the usual way.
RENVOIS: Mapping[Etat, str] = {
    Etat.INSTRUIT: "Le comité a ajourné votre dossier",
    Etat.EN_DEPLOIEMENT: "L'ARS a renvoyé vos déclarations d'usage",
}


@dataclass(frozen=True, kw_only=True)
class AFaire:
    """A thing asked of the porteur. `adresse`: where she does it, empty while no page does; `passee`: too late."""

    action: str
    quoi: str
    echeance: date | None
    passee: bool
    adresse: str
    motif: str


@dataclass(frozen=True, kw_only=True)
class Decision:
    """A decision told first. `recours`: how to contest it, None when there is nothing to contest."""

    titre: str
    le: date | None
    motif: str
    suite: str
    recours: Recours | None


@dataclass(frozen=True, kw_only=True)
class Document:
    """A document in its last version. `versions`: how many were given."""

    libelle: str
    piece: PieceFournie
    versions: int


@dataclass(frozen=True, kw_only=True)
class Suivi:
    """Everything the page shows. `attention`: what was said of the risks of the dossier, and shared with her.

    `silences`: what the rule set does not say, in the words of the refusal.
    `abandon`: where she gives the project up, empty once it is too late.
    """

    dossier: Dossier
    badge: Badge
    projet: str
    tour: Tour
    a_faire: list[AFaire]
    decision: Decision | None
    phrase_aide: str
    lignes: list[LigneAide]
    jalons: list[Jalon]
    compteur: Compteur | None
    changements: list[Changement]
    recus: list[Recu]
    documents: list[Document]
    grappe: Grappe
    attention: list[Annotation]
    abandon: str
    silences: list[str]

    @property
    def a_venir(self) -> list[Jalon]:
        """What comes next, where the dossier is excepted."""
        return [jalon for jalon in self.jalons if jalon.moment == "a_venir"]


def read(dossier: Dossier, jour: date) -> Suivi:
    """`dossier`: filed, come through `fiche.load`. A fixed number of queries."""
    prefetch_related_objects(
        [dossier], *fiche.needed(dossier), Prefetch("recus", Recu.objects.select_related("entree"))
    )
    faits, silences = facts(dossier), list[str]()
    actes = _acts(dossier)
    taches = unless_silent(lambda: tasks(dossier), list[Tache](), silences)
    aide = _aid(dossier, silences)
    return Suivi(
        dossier=dossier,
        badge=badge(dossier.etat),
        projet=PROJETS[dossier.projet],
        tour=turn(taches, dossier.etat, jour, porteur=True),
        a_faire=[_to_do(tache, dossier, jour) for tache in taches if tache.role == Role.PORTEUR],
        decision=_decision(dossier, actes),
        phrase_aide=argent.money(dossier, aide),
        lignes=[argent.aid_line(ligne) for ligne in aide.get("lignes", [])],
        jalons=timeline([acte for acte, _ in actes], dossier.etat, _expected(dossier), _halves(dossier)),
        compteur=measure([un for _, un in actes if un is not None], jour),
        changements=ecarts(dossier, jour),
        recus=list(dossier.recus.all()),
        documents=_documents(dossier),
        grappe=ensemble.summarize(faits),
        attention=list(shared_with_porteur(dossier)),
        abandon=reverse("agir", args=[dossier.pk, "abandonner"]) if ACTES["abandonner"].leaves(dossier.etat) else "",
        silences=list(dict.fromkeys(silences)),
    )


def due(dossier: Dossier, action: str) -> Tache | None:
    """That thing asked of the porteur, when it has a date."""
    miennes = (tache for tache in tasks(dossier) if tache.role == Role.PORTEUR and tache.echeance)
    return next((tache for tache in miennes if tache.action == action), None)


def _aid(dossier: Dossier, silences: list[str]) -> dict[str, Any]:
    if dossier.etat in SANS_AIDE:
        return {}
    return unless_silent(lambda: argent.aid(dossier, facts(dossier)), dict[str, Any](), silences)


def _acts(dossier: Dossier) -> list[tuple[Acte, Mouvement | None]]:
    """The journal of the dossier, the oldest first: as people read it, and as the clock does.

    One query, and one more where some were written under a delegation.
    """
    lues = Entree.objects.filter(chaine=dossier.chaine).exclude(action__in=TUS + ENTRE_SOI).select_related("par")
    entrees = list(lues.order_by("rang"))
    titres = titles(entrees)
    return [_act(entree, dossier, titres) for entree in entrees]


def _act(entree: Entree, dossier: Dossier, titres: Mapping[int, str]) -> tuple[Acte, Mouvement | None]:
    atteint = entree.vers if entree.objet == dossier.cle else None
    acte = Acte(etape=step(entree, dossier, titres), atteint=atteint)
    if atteint is None:
        return acte, None
    echeance = entree.donnees.get("echeance")
    mouvement = Mouvement(
        le=entree.le, vers=atteint, echeance=date.fromisoformat(echeance) if isinstance(echeance, str) else None
    )
    return acte, mouvement


def _to_do(tache: Tache, dossier: Dossier, jour: date) -> AFaire:
    passee = tache.echeance is not None and tache.echeance < jour
    return AFaire(
        action=tache.action, quoi=actions()[tache.action], echeance=tache.echeance, passee=passee,
        adresse=_address(tache.action, dossier), motif=dossier.motif if tache.action == "completer" else "",
    )  # fmt: skip


def _address(action: str, dossier: Dossier) -> str:
    page = PAGES.get(action)
    if page is None:
        return ""
    nom, *etape = page
    try:
        return reverse(nom, args=[dossier.pk, *etape])
    except NoReverseMatch:
        return ""


def _decision(dossier: Dossier, actes: Sequence[tuple[Acte, Mouvement | None]]) -> Decision | None:
    etat = Etat(dossier.etat)
    titre, defavorable = DECISIONS.get(etat) or (RENVOIS.get(etat, "") if dossier.motif else "", False)
    if not titre:
        return None
    prise = next((acte.etape for acte, _ in reversed(actes) if acte.atteint == etat), None)
    return Decision(
        titre=titre, le=prise.le if prise else None, motif=dossier.motif, suite=_suite(dossier),
        recours=remedies() if defavorable else None,
    )  # fmt: skip


def _suite(dossier: Dossier) -> str:
    """What the decision means next, as a sentence."""
    if dossier.etat == Etat.REORIENTE:
        return f"Appel à projets indiqué : {dossier.aap_reorientation}."
    if dossier.etat == Etat.LISTE_ATTENTE:
        return f"Votre rang : {dossier.rang_attente}. Un dossier en attente est retenu si des crédits se libèrent."
    if dossier.etat == Etat.SELECTIONNE:
        return "La décision vous sera notifiée par l'ARS, puis la convention ouverte à la signature."
    if dossier.etat == Etat.NOTIFIE:
        return "La convention est ouverte à la signature."
    return ""


def _expected(dossier: Dossier) -> dict[int, str]:
    """Phase → what is expected of it and by when, as far as it is known."""
    attendus = {6: _targets_due(dossier)}
    if dossier.etat != Etat.EN_VERIFICATION:
        attendus[7] = "Dès que vous aurez soumis les usages de tous les ESSMS."
    if dossier.seance:
        attendus[4] = f"Séance du {en_toutes_lettres(dossier.seance)}."
    if dossier.aap.limite_engagement:
        attendus[5] = f"À signer au plus tard le {en_toutes_lettres(dossier.aap.limite_engagement)}."
    return attendus


def _targets_due(dossier: Dossier) -> str:
    """By when the targets are due: the day once it is signed; before, the latest it can be."""
    limite = due_date(dossier)
    if limite:
        return f"Cibles d'usage à atteindre au plus tard le {en_toutes_lettres(limite)}."
    engagement = dossier.aap.limite_engagement
    if engagement is None:
        return ""
    try:
        limite = echeance_cibles(dossier.aap.regles, dossier.type_projet, engagement)
    except Refus:
        return ""
    return (
        f"Pour une convention signée le dernier jour, cibles à atteindre au plus tard le {en_toutes_lettres(limite)}."
    )


def _halves(dossier: Dossier) -> dict[int, Moitie]:
    """The two payments: rank → how much and when."""
    versements = argent.payments(dossier)
    moities = {
        1: Moitie(phrase="La moitié de l'aide, à la signature de la convention."),
        2: Moitie(phrase="L'autre moitié, à l'atteinte des cibles d'usage."),
    }
    for rang in moities:
        if (versement := alive(versements, rang)) is not None:
            quand = argent.when(versement, dossier)
            phrase = en_euros(versement.montant) + ("." if versement.execute_le else f" {quand}.")
            moities[rang] = Moitie(phrase=phrase, execute_le=versement.execute_le)
    return moities


def _documents(dossier: Dossier) -> list[Document]:
    """The last version of each document, in the order of the rule set; documents nobody asked for are each one."""
    libelles = {piece.code: piece.libelle for piece in dossier.aap.regles.pieces}
    versions: dict[str, list[PieceFournie]] = {}
    for piece in dossier.pieces.all():
        versions.setdefault(f"{AUTRE}:{piece.pk}" if piece.code == AUTRE else piece.code, []).append(piece)
    rangs = {code: rang for rang, code in enumerate(libelles)}
    ordre = sorted(versions, key=lambda code: (rangs.get(code, len(rangs)), code))
    return [
        Document(libelle=libelles.get(code, "Autre document"), piece=versions[code][0], versions=len(versions[code]))
        for code in ordre
    ]
