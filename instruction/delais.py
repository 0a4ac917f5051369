"""When a task of the agency is due: working days from its opening, the clock stopped while the porteur owes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject
from viewflow.workflow.status import STATUS

from aap.delais import add_working_days, working_days
from aap.models import Aap, Dossier
from aap.objectifs import Accordes, granted
from aap.querysets import DossierQuerySet
from comptes.roles import Role
from instruction.models import TacheSuivie
from instruction.querysets import OUVERTES
from instruction.taches import Tache
from moteur import horloge

#: A spell of a step: the day it opened, the day it closed.
Passe = tuple[date, date]


def due_day(ouverture: date, jours: int, suspendues: Iterable[Passe] = ()) -> date:
    """The working day on which `jours` working days are used up, counted from `ouverture`.

    `suspendues`: earlier spells of the same step that the porteur's turn stopped; what they used is not given again.
    However late it was then, the next working day is given.
    """
    deja = sum(working_days(ouverte, close) for ouverte, close in suspendues)
    return add_working_days(ouverture, max(jours - deja, 1))


def with_objectives(
    attendues: Sequence[Tache],
    suivies: Sequence[TacheSuivie],
    gardees: Mapping[tuple[str, int], TacheSuivie],
    aap: Aap,
) -> list[Tache]:
    """Each with the day the agency gives itself. That of a task in `gardees` was settled when it opened, and stays."""
    nouvelles = [t for t in attendues if t.cle not in gardees and t.role != Role.PORTEUR]
    jours = _settled(nouvelles, suivies, granted(aap)) if nouvelles else {}
    jours |= {cle: tache.objectif for cle, tache in gardees.items()}
    return [replace(tache, objectif=jours.get(tache.cle)) for tache in attendues]


def with_kept_objectives(dossiers: DossierQuerySet) -> DossierQuerySet:
    """Each with the objectives of its open tasks, as `dated` reads them; in the same query."""
    ouvertes = TacheSuivie.objects.open().filter(process__dossier=OuterRef("pk"), objectif__isnull=False)
    lignes = ouvertes.order_by("pk").values(une=JSONObject(etape="flow_task", tour="tour", objectif="objectif"))
    avec: DossierQuerySet = dossiers.annotate(objectifs_gardes=ArraySubquery(lignes))
    return avec


def dated(taches: Sequence[Tache], dossier: Dossier) -> list[Tache]:
    """The tasks of a dossier come through `with_kept_objectives`, each with the day the agency gives itself."""
    lignes: list[dict[str, Any]] = dossier.objectifs_gardes  # type: ignore[attr-defined]  # annotated
    gardes = {(un["etape"].rpartition(".")[2], un["tour"]): date.fromisoformat(un["objectif"]) for un in lignes}
    return [replace(tache, objectif=gardes.get(tache.cle)) for tache in taches]


def _settled(
    nouvelles: Iterable[Tache], suivies: Sequence[TacheSuivie], accordes: Accordes
) -> dict[tuple[str, int], date | None]:
    jours: dict[tuple[str, int], date | None] = {}
    for tache in nouvelles:
        passees = [suivie for suivie in suivies if suivie.cle == tache.cle]
        ouverte = next((suivie for suivie in passees if suivie.status in OUVERTES), None)
        le = ouverte.created if ouverte else horloge.maintenant()
        donnes = accordes.given(tache.action, le)
        jours[tache.cle] = due_day(horloge.jour(le), donnes, _suspended(passees)) if donnes else None
    return jours


def _suspended(passees: Sequence[TacheSuivie]) -> list[Passe]:
    """Spells of one step that were not done, since it was last done. `passees`: the oldest first."""
    closes = [tache for tache in passees if tache.finished]
    faites = [rang for rang, tache in enumerate(closes, start=1) if tache.status == STATUS.DONE]
    restes = closes[faites[-1] if faites else 0 :]
    return [(horloge.jour(tache.created), horloge.jour(tache.finished)) for tache in restes]
