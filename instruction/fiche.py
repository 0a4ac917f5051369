"""One dossier, read whole for its page: the answer first, then what proves it. A fixed number of queries."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from django.db.models import prefetch_related_objects

from aap.complements import Reponse, answers
from aap.cumuls import Confrontation, confront
from aap.ecarts import Changement, ecarts
from aap.eligibilite import Verdict
from aap.examen import check_eligibility, compute_aid, context, facts, remember
from aap.faits import Faits
from aap.models import Dossier
from aap.querysets import DossierQuerySet
from accompagnement.querysets import with_levels_in_row
from comptes.models import Departement
from conventions.models import EtatVersement, Reversement, Versement
from instruction.constats import Regle, explain
from instruction.grades.lecture import LigneRisque, in_short, risk_lines_in_row
from instruction.libelles import (
    COMPTES,
    PHASES,
    POSTES,
    PROJETS,
    SANS_AIDE,
    SECTEURS,
    TERMINES,
    Badge,
    actions,
    badge,
    badge_versement,
    nom_role,
    phase,
)  # fmt: skip
from instruction.recit import Etape, tell
from instruction.taches import Tache, tasks
from instruction.tours import Tour, due_date, turn
from moteur.erreurs import unless_silent
from moteur.texte import INSECABLE, en_euros, en_liste, en_toutes_lettres
from usages.calcul import Cible
from usages.verification import targets


@dataclass(frozen=True, kw_only=True)
class AFaire:
    """A task in words."""

    quoi: str
    role: str
    echeance: date | None


@dataclass(frozen=True, kw_only=True)
class LigneAide:
    poste: str
    quantite: str
    taux: str
    montant: str
    reference: str


@dataclass(frozen=True, kw_only=True)
class Paiement:
    versement: Versement
    badge: Badge
    quand: str


@dataclass(frozen=True, kw_only=True)
class Usage:
    """A target with the words of its formula."""

    cible: Cible
    libelle: str
    haut: str
    bas: str

    @property
    def confirmee(self) -> bool:
        return self.cible.confiance != "a_confirmer"


@dataclass(frozen=True, kw_only=True)
class Grappe:
    """The grappe in numbers: (name, how many ESSMS), most numerous first."""

    essms: int
    secteurs: list[tuple[str, int]]
    departements: list[tuple[str, int]]
    ogs: list[tuple[str, int]]


@dataclass(frozen=True, kw_only=True)
class Fiche:
    """Everything the page shows. `complements`: until the convention; afterwards the history tells them.

    `risques`: the five axes, none for the porteur, who reads elsewhere what is shared with her.
    `silences`: what the rule set does not say, in the words of the refusal.
    """

    dossier: Dossier
    badge: Badge
    projet: str
    tour: Tour
    phase: int | None
    phases: int
    nom_phase: str
    phase_suivante: str
    termine: bool
    a_faire: list[AFaire]
    phrase_aide: str
    aide_fixee: bool
    lignes: list[LigneAide]
    avertissements: list[str]
    versements: list[Paiement]
    grappe: Grappe
    commandes_sons: list[Confrontation]
    regles: list[Regle]
    usages: list[Usage]
    historique: list[Etape]
    changements: list[Changement]
    complements: list[Reponse]
    risques: list[LigneRisque]
    silences: list[str]

    @property
    def deport(self) -> bool:
        """Whether a declared interest shuts its reader out, where she was looked up (`with_deport`)."""
        return getattr(self.dossier, "deport", False)

    @property
    def depuis(self) -> datetime | None:
        """When the dossier came to its state; None while nothing moved it."""
        return next((etape.le for etape in self.historique if etape.principale), None)

    @property
    def bilan_regles(self) -> str:
        """The verdicts as one sentence."""
        issues = Counter(regle.issue for regle in self.regles)
        phrase = f"{count(issues['ok'], 'règle satisfaite', 'règles satisfaites')} sur {len(self.regles)}"
        if issues["levee"]:
            phrase += f", {count(issues['levee'], 'levée par dérogation', 'levées par dérogation')}"
        if issues["ko"]:
            phrase += f" ; {count(issues['ko'], 'bloque', 'bloquent')} la recevabilité"
        return f"{phrase}."

    @property
    def bilan_sons(self) -> str:
        """The SONS orders as one sentence."""
        genees = sum(not une.is_compatible for une in self.commandes_sons)
        phrase = count(len(self.commandes_sons), "commande connue", "commandes connues") + " de l'agence de paiement"
        return f"{phrase}, {count(genees, 'incompatible', 'incompatibles') if genees else 'aucune incompatible'}."

    @property
    def bilan_risques(self) -> str:
        """The five axes as one sentence."""
        return in_short(self.risques)

    @property
    def bilan_usages(self) -> str:
        """The targets as one sentence."""
        atteintes = sum(usage.cible.atteinte is True for usage in self.usages)
        return f"{count(atteintes, 'cible atteinte', 'cibles atteintes')} sur {len(self.usages)}."


def load(dossiers: DossierQuerySet) -> DossierQuerySet:
    """With each dossier, in the same query, what its page always needs."""
    avec = dossiers.with_rules().select_related("aap__region", "convention", "reversement", "vsr")
    lus: DossierQuerySet = with_levels_in_row(avec.annotate(limite_cibles=due_date()))
    return lus


def read(dossier: Dossier, jour: date, *, porteur: bool) -> Fiche:
    """`dossier`: come through `load`. `porteur`: said to the porteur herself."""
    prefetch_related_objects([dossier], *needed(dossier))
    faits = facts(dossier)
    contexte = remember(dossier, context(dossier, faits))
    silences: list[str] = []
    taches = unless_silent(lambda: tasks(dossier), list[Tache](), silences)
    aide = {} if dossier.etat in SANS_AIDE else unless_silent(lambda: aid(dossier, faits), dict[str, Any](), silences)
    rang = phase(dossier.etat)
    return Fiche(
        dossier=dossier,
        badge=badge(dossier.etat),
        projet=PROJETS[dossier.projet],
        tour=turn(taches, dossier.etat, jour, porteur=porteur),
        phase=rang,
        phases=len(PHASES),
        nom_phase=PHASES[rang - 1][0] if rang else "",
        phase_suivante=PHASES[rang][0] if rang and rang < len(PHASES) else "",
        termine=dossier.etat in TERMINES,
        a_faire=[
            AFaire(quoi=actions()[tache.action], role=nom_role(tache.role), echeance=tache.echeance) for tache in taches
        ],
        phrase_aide=money(dossier, aide),
        aide_fixee=dossier.aide is not None,
        lignes=[aid_line(ligne) for ligne in aide.get("lignes", [])],
        avertissements=list(aide.get("avertissements", [])),
        versements=[payment(versement, dossier) for versement in payments(dossier)],
        grappe=summarize(faits),
        commandes_sons=confront(dossier, faits, contexte),
        regles=[
            explain(verdict, dossier.aap.regles)
            for verdict in unless_silent(lambda: check_eligibility(dossier, faits, contexte), list[Verdict](), silences)
        ],
        usages=measured(dossier, silences),
        historique=tell(dossier, porteur=porteur),
        changements=ecarts(dossier, jour),
        complements=[] if _has_convention(dossier) else answers(dossier),
        risques=[] if porteur or dossier.depose_le is None else risk_lines_in_row(dossier),
        silences=list(dict.fromkeys(silences)),
    )


def count(quantite: int, un: str, plusieurs: str) -> str:
    """3 règles satisfaites."""
    return f"{quantite}{INSECABLE}{plusieurs if quantite >= 2 else un}"


def needed(dossier: Dossier) -> list[str]:
    """What the calculations read, brought in one query each; payments and usage come with a convention only."""
    toujours = ["derogations", "pieces"]
    if not _has_convention(dossier):
        return toujours
    return [*toujours, "convention__versements", "declarations__mesures"]


def _has_convention(dossier: Dossier) -> bool:
    return getattr(dossier, "convention", None) is not None


def aid(dossier: Dossier, faits: Faits) -> dict[str, Any]:
    """The aid granted, frozen at selection; before, the aid as it would be computed today."""
    return dossier.financement or compute_aid(dossier, faits).as_dict()


def money(dossier: Dossier, aide: Mapping[str, Any]) -> str:
    """The money of the dossier as one sentence."""
    if dossier.etat in SANS_AIDE:
        return f"Aucune aide ne sera versée : le dossier est « {dossier.libelle_etat} »."
    if dossier.aide is None:
        if not aide:
            return "L'aide ne peut pas encore être estimée."
        return f"Aide estimée à {en_euros(Decimal(str(aide['total'])))}. Elle sera fixée à la sélection du dossier."
    versements = [un for un in payments(dossier) if un.etat not in (EtatVersement.REJETE, EtatVersement.ANNULE)]
    if not versements:
        return f"{en_euros(dossier.aide)} accordés. Les deux versements seront fixés à la signature de la convention."
    parts = [f"{en_euros(versement.montant)} {when(versement, dossier)}" for versement in versements]
    return f"{en_euros(dossier.aide)} : {en_liste(parts)}.{_asked_back(dossier)}"


def _asked_back(dossier: Dossier) -> str:
    """What is asked back, as a second sentence; empty when nothing is."""
    reversement: Reversement | None = getattr(dossier, "reversement", None)
    if reversement is None:
        return ""
    return f" Reversement de {en_euros(reversement.montant)} : {reversement.libelle_etat.lower()}."


def payments(dossier: Dossier) -> list[Versement]:
    return list(dossier.convention.versements.all()) if _has_convention(dossier) else []


def when(versement: Versement, dossier: Dossier) -> str:
    if versement.execute_le:
        return f"versés le {en_toutes_lettres(versement.execute_le)}"
    if versement.rang == 1:
        return "à la signature de la convention"
    limite: date | None = dossier.limite_cibles  # type: ignore[attr-defined]  # annotated by load
    return "à l'atteinte des cibles" + (f", au plus tard le {en_toutes_lettres(limite)}" if limite else "")


def payment(versement: Versement, dossier: Dossier) -> Paiement:
    quand = when(versement, dossier)
    if versement.etat in (EtatVersement.REJETE, EtatVersement.ANNULE):
        quand = versement.motif
    return Paiement(versement=versement, badge=badge_versement(versement.etat), quand=quand)


def aid_line(ligne: Mapping[str, object]) -> LigneAide:
    return LigneAide(
        poste=POSTES[str(ligne["poste"])],
        quantite=str(ligne["quantite"]),
        taux=str(ligne["taux"]),
        montant=str(ligne["montant"]),
        reference=str(ligne["reference"]),
    )


def summarize(faits: Faits) -> Grappe:
    noms_og = {og.finess: og.nom for og in faits.ogs}
    noms_departements = _departements()
    return Grappe(
        essms=len(faits.essms),
        secteurs=_count(SECTEURS.get(str(un.secteur), "Secteur à préciser") for un in faits.essms),
        departements=_count(noms_departements.get(un.departement, un.departement) for un in faits.essms),
        ogs=_count(noms_og.get(un.og, un.og) for un in faits.essms),
    )


def _count(noms: Iterable[str]) -> list[tuple[str, int]]:
    return sorted(Counter(noms).items(), key=lambda paire: (-paire[1], paire[0]))


@cache
def _departements() -> Mapping[str, str]:
    """Names of the 101 départements, read once per process: reference data that migrations alone change."""
    return {departement.code: str(departement) for departement in Departement.objects.all()}


def measured(dossier: Dossier, silences: list[str]) -> list[Usage]:
    """Each target with its formula; what the rule set does not say is added to `silences`."""
    if not _has_convention(dossier):
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
