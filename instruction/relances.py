"""Tasks of the agents said in time: to whoever took one, else to her team; then to the responsables once it is late.

When is data (fixtures/relances.toml). Each is one outbox row under a unique key: twice, or on two machines, is as once.
"""

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from aap.delais import add_working_days, working_days
from comptes.models import Affectation
from comptes.roles import Role
from instruction.corbeille.absences import deputies
from instruction.libelles import actions, nom_role
from instruction.models import TacheSuivie
from instruction.querysets import LOURDES
from moteur import horloge
from moteur.models import Envoi
from moteur.texte import INSECABLE, cite, en_liste, en_toutes_lettres

FICHIER = Path(__file__).resolve().parents[1] / "fixtures" / "relances.toml"
LOT = 500


class Seuils(BaseModel):
    """Working days before the day a task is due, then after it. `source`: who chose them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: Annotated[str, Field(min_length=1)]
    rappels: Annotated[tuple[Annotated[int, Field(ge=0, le=60)], ...], Field(min_length=1)]
    signalement: Annotated[int, Field(ge=1, le=60)]


@dataclass(frozen=True, kw_only=True)
class Suivi:
    """What was said of a task. `a`: the responsables it was told to, by name."""

    relancee_le: date | None = None
    signalee_le: date | None = None
    a: str = ""


@cache
def thresholds() -> Seuils:
    with FICHIER.open("rb") as fichier:
        return Seuils.model_validate(tomllib.load(fichier))


def remind() -> int:
    """Write what is to be said today and was not yet; how many rows are new."""
    jour = horloge.aujourdhui()
    proches = TacheSuivie.objects.open().exclude(role=Role.PORTEUR)
    proches = proches.filter(pour_le__lte=add_working_days(jour, max(thresholds().rappels)))
    cles = list(proches.order_by("pk").values_list("pk", flat=True))
    return sum(_remind(cles[debut : debut + LOT], jour) for debut in range(0, len(cles), LOT))


def _remind(cles: Sequence[int], jour: date) -> int:
    lues = TacheSuivie.objects.filter(pk__in=cles).select_related("process").order_by("pk")
    taches = list(lues.defer(*(f"process__{nom}" for nom in LOURDES)))
    gens = deputies(taches, jour)
    envois = [envoi for tache in taches for envoi in _due(tache, jour, gens.get(tache.pk))]
    avant = Envoi.objects.filter(cle__in=[envoi.cle for envoi in envois]).count()
    Envoi.objects.bulk_create(envois, ignore_conflicts=True)
    return len(envois) - avant


def _due(tache: TacheSuivie, jour: date, a: list[int] | None) -> Iterator[Envoi]:
    """`a`: who has it in hand, None when nobody took it.

    What the law dates is reminded of with its other dates (courriels.rappels): here, only told once it is late.
    """
    reste, retard = working_days(jour, tache.pour_le), working_days(tache.pour_le, jour)
    if tache.echeance is None and (seuil := _threshold(tache, reste)) is not None:
        sujet = "relancer" if a else "relancer_equipe"
        quand = f"à faire au plus tard le {en_toutes_lettres(tache.pour_le)}"
        yield _row(tache, sujet, reminder_key(tache, seuil), quand, a)
    if retard >= thresholds().signalement:
        devait = f"devait être fait le {en_toutes_lettres(tache.pour_le)}"
        quand = f"{devait}, {retard}{INSECABLE}jours ouvrés de retard" if retard > 1 else devait
        yield _row(tache, "signaler_retard", report_key(tache), quand)


def _threshold(tache: TacheSuivie, reste: int) -> int | None:
    """The tightest that was reached; None when it already was as the task opened."""
    seuil = next((un for un in sorted(thresholds().rappels) if reste <= un), None)
    if seuil is None or working_days(horloge.jour(tache.created), tache.pour_le) <= seuil:
        return None
    return seuil


def _row(tache: TacheSuivie, sujet: str, cle: str, quand: str, a: list[int] | None = None) -> Envoi:
    quoi = f"{cite(actions()[tache.action])} ({nom_role(tache.role).partition(' (')[0]})"
    charge = {
        "objet": f"dossier:{tache.process.dossier_id}",
        "tache": tache.pk,
        "action": tache.action,
        "role": tache.role,
        "echeance": tache.pour_le.isoformat(),
        "a": a,
        "alerte": f"{quoi} : {quand}.",
    }
    return Envoi(sujet=f"dossier.{sujet}", charge=charge, cle=cle, cree_le=horloge.maintenant())


def reminder_key(tache: TacheSuivie, seuil: int) -> str:
    return f"relance:tache:{tache.pk}:{tache.pour_le}:{seuil}"


def report_key(tache: TacheSuivie) -> str:
    return f"signalement:tache:{tache.pk}:{tache.pour_le}"


def told(taches: Iterable[TacheSuivie]) -> dict[int, Suivi]:
    """What was said of each, by key; in two queries at most."""
    datees = [tache for tache in taches if tache.pour_le]
    cles = {report_key(tache): tache for tache in datees}
    cles |= {reminder_key(tache, seuil): tache for tache in datees for seuil in thresholds().rappels}
    dits = dict(Envoi.objects.filter(cle__in=cles).order_by("pk").values_list("cle", "cree_le")) if cles else {}
    jours = {cle: horloge.jour(le) for cle, le in dits.items() if cle}
    noms = _Responsables({tache.region_id for cle, tache in cles.items() if cle in dits and cle == report_key(tache)})
    return {tache.pk: _followed(tache, jours, noms) for tache in datees}


class _Responsables:
    """Who held that role in these regions, on any day. One query, and none without a region."""

    def __init__(self, regions: set[str | None]) -> None:
        lues = Affectation.objects.filter(role=Role.RESPONSABLE, region__in=[un for un in regions if un])
        self._lues = list(lues.select_related("utilisateur").order_by("pk")) if regions else []

    def names(self, region: str | None, jour: date) -> str:
        return en_liste([
            str(une.utilisateur) for une in self._lues
            if une.region_id == region and une.du <= jour and (une.au is None or jour <= une.au)
        ])  # fmt: skip


def _followed(tache: TacheSuivie, jours: dict[str, date], noms: _Responsables) -> Suivi:
    signalee = jours.get(report_key(tache))
    relances = (jours.get(reminder_key(tache, seuil)) for seuil in thresholds().rappels)
    return Suivi(
        relancee_le=max((jour for jour in relances if jour), default=None),
        signalee_le=signalee,
        a=noms.names(tache.region_id, signalee) if signalee else "",
    )
