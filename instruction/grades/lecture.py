"""The risks of a dossier in words: five axes, each with its level, its trend and who masters it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Prefetch

from aap.models import Dossier
from accompagnement.affectation import advisers, followers
from accompagnement.annotation import may_annotate
from accompagnement.models import (
    ACHEVEES,
    GRAVITE,
    ActionPlan,
    Annotation,
    AvisGrades,
    Axe,
    Maitrise,
    Niveau,
    NiveauCourant,
    PhasePlan,
    Risque,
    StatutAction,
    SuiviAction,
)
from comptes.models import Region, Utilisateur
from moteur.texte import en_liste

#: How each level is drawn beside its name: never the colour alone.
SIGNES: Mapping[str, str] = {
    Niveau.FORT: "●●●", Niveau.MODERE: "●●○", Niveau.FAIBLE_OU_NUL: "●○○", Niveau.NON_EVALUE: "○○○",
}  # fmt: skip
TENDANCES: Mapping[str, tuple[str, str]] = {
    "hausse": ("↗", "en hausse"), "baisse": ("↘", "en baisse"), "stable": ("→", "stable"), "": ("", ""),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class LigneRisque:
    """One axis of a dossier. `annotation`: the current one, None when nobody evaluated it."""

    dossier: int
    axe: Axe
    niveau: Niveau
    tendance: str
    annotation: Annotation | None

    @property
    def libelle(self) -> str:
        return str(self.axe.label)

    @property
    def signe(self) -> str:
        return SIGNES[self.niveau]

    @property
    def fleche(self) -> str:
        return TENDANCES[self.tendance][0]

    @property
    def tendance_dite(self) -> str:
        return TENDANCES[self.tendance][1]

    @property
    def sans_mesure(self) -> bool:
        """Strong, and nobody masters it."""
        return self.annotation is not None and (self.niveau, self.annotation.maitrise) == (
            Niveau.FORT,
            Maitrise.AUCUNE,
        )


@dataclass(frozen=True, kw_only=True)
class Axes:
    """One axis on its page: the line, all that was said of it (the latest first), by whom they differ."""

    ligne: LigneRisque
    passees: list[Annotation]
    desaccord: str


@dataclass(frozen=True, kw_only=True)
class Panneau:
    """The page of the risks of a dossier. `partages`: the causes it shares."""

    dossier: Dossier
    axes: list[Axes]
    partages: list[Risque]
    annote: bool


@dataclass(frozen=True, kw_only=True)
class ActionVue:
    action: ActionPlan
    suivis: list[SuiviAction]
    retard: bool
    achevee: bool
    statuts: "list[tuple[str, str]]"

    @property
    def dernier(self) -> SuiviAction:
        return self.suivis[0]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The support plan by phase, and who follows the dossier. `possibles`: advisers who could, for who may name one."""

    dossier: Dossier
    phases: list[tuple[PhasePlan, list[ActionVue]]]
    retards: int
    total: int
    conseillers: list[Utilisateur]
    possibles: list[Utilisateur]
    planifie: bool


def risk_lines(dossier: Dossier) -> list[LigneRisque]:
    """The five axes. `dossier`: come through `accompagnement.querysets.with_levels`, else one query."""
    niveaux: dict[str, NiveauCourant] = {un.axe: un for un in dossier.niveaux.all()}
    return [_line(dossier, axe, niveaux.get(axe.value)) for axe in Axe]


def risk_lines_in_row(dossier: Dossier) -> list[LigneRisque]:
    """The same from `accompagnement.querysets.with_levels_in_row`: no query, and no more of each annotation than is
    told on a line."""
    lus: dict[str, dict[str, str]] = {un["axe"]: un for un in dossier.niveaux_lus}  # type: ignore[attr-defined]
    return [_line(dossier, axe, _level(lus[axe.value]) if axe.value in lus else None) for axe in Axe]


def _level(lu: Mapping[str, str]) -> NiveauCourant:
    annotation = Annotation(
        axe=lu["axe"], niveau=lu["niveau"], maitrise=lu["maitrise"], organisation=lu["organisation"],
        region=Region(nom=lu["region"]) if lu["region"] else None, le=datetime.fromisoformat(lu["le"]),
    )  # fmt: skip
    return NiveauCourant(
        axe=lu["axe"], niveau=lu["niveau"], maitrise=lu["maitrise"], precedent=lu["precedent"], annotation=annotation
    )


def in_short(lignes: Sequence[LigneRisque]) -> str:
    """The five axes as one sentence, the worst first."""
    noms = {niveau: [ligne.libelle for ligne in lignes if ligne.niveau == niveau] for niveau in Niveau}
    parts = [f"{niveau.label.lower()} : {en_liste(noms[niveau])}" for niveau in Niveau if noms[niveau]]
    phrase = " ; ".join(parts)
    return f"{phrase[0].upper()}{phrase[1:]}."


def _line(dossier: Dossier, axe: Axe, courant: NiveauCourant | None) -> LigneRisque:
    if courant is None:
        return LigneRisque(dossier=dossier.pk, axe=axe, niveau=Niveau.NON_EVALUE, tendance="", annotation=None)
    return LigneRisque(
        dossier=dossier.pk, axe=axe, niveau=Niveau(courant.niveau), annotation=courant.annotation,
        tendance=trend(courant.precedent, courant.niveau),
    )  # fmt: skip


def trend(avant: str, apres: str) -> str:
    """ "hausse", "baisse" or "stable"; empty where there is nothing to compare."""
    if Niveau.NON_EVALUE in (avant or Niveau.NON_EVALUE, apres):
        return ""
    ecart = GRAVITE[Niveau(apres)] - GRAVITE[Niveau(avant)]
    return "stable" if ecart == 0 else "hausse" if ecart > 0 else "baisse"


def read_risks(dossier: Dossier, lecteur: Utilisateur) -> Panneau:
    """All that was ever said of the risks of a dossier, axis by axis. Three queries."""
    historique: dict[str, list[Annotation]] = {axe.value: [] for axe in Axe}
    for annotation in dossier.annotations.with_authors().order_by("-pk"):
        historique[annotation.axe].append(annotation)
    return Panneau(
        dossier=dossier,
        axes=[_axis(ligne, historique[ligne.axe.value]) for ligne in risk_lines(dossier)],
        partages=list(Risque.objects.filter(liens__dossier=dossier, liens__fin_le__isnull=True)),
        annote=may_annotate(dossier, lecteur),
    )


def _axis(ligne: LigneRisque, annotations: list[Annotation]) -> Axes:
    return Axes(ligne=ligne, passees=annotations[1:], desaccord=_other_voice(annotations))


def _other_voice(annotations: Sequence[Annotation]) -> str:
    """What the other organisation last said, where it is not the current level. The latest annotation first."""
    if not annotations:
        return ""
    courante = annotations[0]
    autre = next((une for une in annotations if une.organisation != courante.organisation), None)
    if autre is None or autre.niveau == courante.niveau:
        return ""
    return f"{autre.auteur} l'avait évalué « {autre.get_niveau_display()} »"


def read_plan(dossier: Dossier, lecteur: Utilisateur, jour: date, *, nomme: bool) -> Plan:
    """The plan, with every note. `nomme`: the reader may name an adviser."""
    suivis = Prefetch("suivis", SuiviAction.objects.select_related("par").order_by("-pk"))
    actions = [_action(un, jour) for un in dossier.actions_plan.order_by("rang").prefetch_related(suivis)]
    conseillers = list(followers(dossier))
    return Plan(
        dossier=dossier,
        phases=[(phase, [un for un in actions if un.action.phase == phase]) for phase in PhasePlan],
        retards=sum(un.retard for un in actions),
        total=len(actions),
        conseillers=conseillers,
        possibles=[un for un in advisers(dossier.aap.region_id, jour) if un not in conseillers] if nomme else [],
        planifie=may_annotate(dossier, lecteur),
    )


def _action(action: ActionPlan, jour: date) -> ActionVue:
    suivis = list(action.suivis.all())
    achevee = suivis[0].statut in ACHEVEES
    return ActionVue(
        action=action,
        suivis=suivis,
        achevee=achevee,
        retard=not achevee and suivis[0].pour_le < jour,
        statuts=StatutAction.choices,
    )


def opinions(dossier: Dossier) -> "list[tuple[AvisGrades, list[tuple[str, str]]]]":
    """The opinions given, the latest first, each with the levels it froze: (axis, level) in French."""
    return [(avis, frozen_levels(avis.risques)) for avis in dossier.avis_grades.select_related("par").order_by("-pk")]


def frozen_levels(risques: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(str(axe.label), str(Niveau(risques.get(axe.value, Niveau.NON_EVALUE)).label)) for axe in Axe]
