"""What an agent has to do, the most urgent first, in a fixed number of queries."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, F, Q

from aap.models import Dossier, Etat
from comptes.models import Affectation, Utilisateur
from comptes.roles import Role
from instruction.libelles import actions
from instruction.models import Parcours, TacheSuivie
from instruction.querysets import LOURDES, TacheQuerySet
from instruction.relances import Suivi, told
from instruction.tours import delay, urgency
from moteur import horloge

#: Whose tasks are shown: in the address, and in words.
LOTS: Mapping[str, str] = {"moi": "Mes tâches", "libres": "À prendre", "equipe": "Toute l'équipe"}
HABITUEL = "moi"
#: Of each group, at most; the rest is behind a link to the list.
PAR_GROUPE = 100
SEMAINE = 7
AGENTS = frozenset(Role) - {Role.PORTEUR}


@dataclass(frozen=True, kw_only=True)
class Ligne:
    """One task: what to do, on which dossier, since when, by when; what was said of it since."""

    tache: TacheSuivie
    quoi: str
    depuis: date
    delai: str
    urgence: str
    mienne: bool
    suivi: Suivi


@dataclass(frozen=True, kw_only=True)
class Groupe:
    """`total`: how many there are, though `lignes` stops at `PAR_GROUPE`."""

    titre: str
    total: int
    lignes: list[Ligne]


@dataclass(frozen=True, kw_only=True)
class Corbeille:
    """Everything the page shows. `ailleurs`: dossiers in her charge where somebody else is awaited."""

    lot: str
    comptes: dict[str, int]
    groupes: list[Groupe]
    reportees: list[Ligne]
    ailleurs: int
    equipe: list[Utilisateur]


def hers(agent: Utilisateur, jour: date) -> TacheQuerySet:
    """The open tasks of her roles, in her regions: what she may do or take. None of a dossier she keeps out of."""
    miens = Q(pk=None)
    for role, regions in agent.roles_au(jour).items():
        if role in AGENTS:
            miens |= Q(role=role, region__in=[code for code in regions if code])
            miens |= Q(role=role, region=None) if None in regions else Q(pk=None)
    deports = Dossier.objects.deported(agent, jour).order_by().values("pk")
    return TacheSuivie.objects.open().filter(miens).exclude(process__dossier__in=deports)


def read(agent: Utilisateur, lot: str, jour: date) -> Corbeille:
    """`lot`: one of LOTS."""
    siennes = hers(agent, jour)
    visibles = siennes.filter(Q(reportee_au=None) | Q(reportee_au__lte=jour))
    parts = _parts(_of_lot(visibles, lot, agent), jour)
    reportees = _first(siennes.filter(owner=agent, reportee_au__gt=jour)) if lot == "moi" else []
    suivis = told([*reportees, *(tache for _, _, taches in parts for tache in taches)])
    return Corbeille(
        lot=lot,
        comptes=_counts(visibles, agent),
        groupes=[
            Groupe(titre=titre, total=total, lignes=[_line(tache, agent, jour, suivis) for tache in taches])
            for titre, total, taches in parts
        ],
        reportees=[_line(tache, agent, jour, suivis) for tache in reportees],
        ailleurs=_elsewhere(agent),
        equipe=team(agent, jour),
    )


def count(agent: Utilisateur, jour: date) -> int:
    """How many tasks are hers today: the figure of the header."""
    return hers(agent, jour).filter(Q(reportee_au=None) | Q(reportee_au__lte=jour), owner=agent).count()


def _of_lot(taches: TacheQuerySet, lot: str, agent: Utilisateur) -> TacheQuerySet:
    return {"moi": taches.filter(owner=agent), "libres": taches.filter(owner=None), "equipe": taches}[lot]


def _counts(taches: TacheQuerySet, agent: Utilisateur) -> dict[str, int]:
    compte: dict[str, int] = taches.order_by().aggregate(
        moi=Count("pk", filter=Q(owner=agent)), libres=Count("pk", filter=Q(owner=None)), equipe=Count("pk")
    )
    return compte


def _parts(taches: TacheQuerySet, jour: date) -> list[tuple[str, int, list[TacheSuivie]]]:
    """Late, this week, then the rest: the dated first. Title, how many there are, the first of them."""
    semaine = jour + timedelta(days=SEMAINE)
    parts = {
        "En retard": Q(pour_le__lt=jour),
        "Cette semaine": Q(pour_le__gte=jour, pour_le__lte=semaine),
        "Ensuite": Q(pour_le__gt=semaine) | Q(pour_le=None),
    }
    totaux = taches.order_by().aggregate(**{f"n{rang}": Count("pk", filter=q) for rang, q in enumerate(parts.values())})
    return [
        (titre, totaux[f"n{rang}"], _first(taches.filter(q)))
        for rang, (titre, q) in enumerate(parts.items())
        if totaux[f"n{rang}"]
    ]


def _first(taches: TacheQuerySet) -> list[TacheSuivie]:
    lues = taches.select_related("process__aap", "owner").defer(*(f"process__{nom}" for nom in LOURDES))
    return list(lues.order_by(F("pour_le").asc(nulls_last=True), "created", "pk")[:PAR_GROUPE])


def _line(tache: TacheSuivie, agent: Utilisateur, jour: date, suivis: Mapping[int, Suivi]) -> Ligne:
    reste = (tache.pour_le - jour).days if tache.pour_le else None
    return Ligne(
        tache=tache,
        quoi=actions()[tache.action],
        depuis=horloge.jour(tache.created),
        delai=delay(reste),
        urgence=urgency(reste),
        mienne=tache.owner_id == agent.pk,
        suivi=suivis.get(tache.pk, Suivi()),
    )


def _elsewhere(agent: Utilisateur) -> int:
    """Dossiers in her charge that wait for the porteur or the GRADeS."""
    siens = Parcours.objects.filter(instructeur=agent, acteur__in=("porteur", "grades"))
    return siens.exclude(etat=Etat.BROUILLON).count()


def team(agent: Utilisateur, jour: date) -> list[Utilisateur]:
    """Those to whom she may hand a task over: who holds one of her roles where she does."""
    meme = Q(pk=None)
    for role, regions in agent.roles_au(jour).items():
        if role in AGENTS:
            meme |= Q(role=role, region__in=[code for code in regions if code])
    collegues = Affectation.objects.valides_le(jour).filter(meme).values("utilisateur")
    siens = Utilisateur.objects.filter(pk__in=collegues, is_active=True).exclude(pk=agent.pk)
    return list(siens.order_by("last_name", "first_name", "username"))
