"""The support plan of a dossier: actions are planned, then followed note after note. Nothing is changed or removed."""

from typing import Annotated

from django.db.models import Max
from pydantic import Field, StringConstraints

from aap.models import Dossier
from accompagnement.annotation import organisation_of
from accompagnement.models import ACHEVEES, ActionPlan, Intervenant, PhasePlan, StatutAction, SuiviAction
from accompagnement.suivis import ACCOMPAGNANTS, SUIVIS
from moteur.erreurs import Code, Refus
from moteur.machine import Passage
from moteur.porte import acte
from moteur.signature import Jour

Intitule = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Precision = Annotated[str, StringConstraints(strip_whitespace=True, max_length=150)]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=5_000)]
RangAction = Annotated[int, Field(ge=1, le=10_000)]


@acte(Dossier, "Planifier une action", dans=SUIVIS, par=ACCOMPAGNANTS)
def planifier_action(
    dossier: Dossier,
    passage: Passage,
    *,
    phase: PhasePlan,
    intitule: Intitule,
    intervenant: Intervenant,
    pour_le: Jour,
    precision: Precision = "",
) -> ActionPlan:
    """Say who does what in which phase, and by when. `precision`: the person or the firm."""
    dernier = dossier.actions_plan.aggregate(rang=Max("rang"))["rang"] or 0
    action = ActionPlan.objects.create(
        dossier=dossier, rang=dernier + 1, phase=phase, intitule=intitule, intervenant=intervenant, precision=precision
    )
    _note(action, passage, StatutAction.A_FAIRE, pour_le, "")
    return action


@acte(Dossier, "Suivre une action", dans=SUIVIS, par=ACCOMPAGNANTS)
def suivre_action(
    dossier: Dossier,
    passage: Passage,
    *,
    rang: RangAction,
    statut: StatutAction,
    note: Note = "",
    pour_le: Jour | None = None,
) -> SuiviAction:
    """Note where an action is. `rang`: its rank in the plan; `pour_le`: another day, else the one it had.

    Raises: Refus DONNEES_INVALIDES when the plan has no such action, or when nothing new is said.
    """
    suivie = dossier.actions_plan.filter(rang=rang).first()
    if suivie is None:
        raise Refus(Code.DONNEES_INVALIDES, f"Le plan n'a pas d'action n° {rang} : relisez-le puis recommencez.")
    avant = suivie.suivis.order_by("-pk")[0]
    jour = pour_le or avant.pour_le
    if not note and (statut, jour) == (avant.statut, avant.pour_le):
        raise Refus(Code.DONNEES_INVALIDES, "Ce suivi ne dit rien de nouveau : changez le statut, ou écrivez une note.")
    if avant.statut in ACHEVEES and not note:
        raise Refus(Code.DONNEES_INVALIDES, "Cette action était achevée : écrivez pourquoi elle est reprise.")
    return _note(suivie, passage, statut, jour, note)


def _note(action: ActionPlan, passage: Passage, statut: StatutAction, pour_le: Jour, note: str) -> SuiviAction:
    return SuiviAction.objects.create(
        action=action, statut=statut, pour_le=pour_le, note=note, par_id=passage.par.pk,
        organisation=organisation_of(passage), le=passage.le,
    )  # fmt: skip
