"""What an agent has to do, the most urgent first, in a fixed number of queries."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from operator import or_

from django.db.models import Exists, OuterRef, Q, Value
from django.urls import reverse

from aap.models import Etat
from comptes.models import Affectation, Delegation, Utilisateur
from comptes.roles import DELEGABLES, Role
from grappes.models import Interet
from instruction.actes.catalogue import page_of
from instruction.corbeille import absences
from instruction.libelles import actions
from instruction.models import Parcours, TacheSuivie
from instruction.objectifs.lecture import readable
from instruction.querysets import LOURDES, TacheQuerySet
from instruction.relances import Suivi, told
from instruction.tours import delay, urgency
from moteur import horloge

#: Whose tasks are shown: in the address, and in words.
LOTS: Mapping[str, str] = {"moi": "Mes tâches", "libres": "À prendre", "equipe": "Toute l'équipe"}
HABITUEL = "moi"
#: Of each group, at most; the rest is behind a link to the list.
PAR_GROUPE = 100
#: Counted, at most.
PLAFOND = 500
SEMAINE = 7
AGENTS = frozenset(Role) - {Role.PORTEUR}


@dataclass(frozen=True, kw_only=True)
class Ligne:
    """One task: what to do, on which dossier, since when, by when; what was said of it since.

    `adresse`: where she does it, else where the dossier is read. `absente`: in whose absence she does it; empty
    otherwise.
    """

    tache: TacheSuivie
    quoi: str
    adresse: str
    depuis: date
    delai: str
    urgence: str
    mienne: bool
    suivi: Suivi
    absente: str = ""


@dataclass(frozen=True, kw_only=True)
class Groupe:
    """`total`: how many there are, at most `PLAFOND` (`plus`: more), though `lignes` stops at `PAR_GROUPE`."""

    titre: str
    total: int
    plus: bool
    lignes: list[Ligne]


@dataclass(frozen=True, kw_only=True)
class Corbeille:
    """Everything the page shows. `ailleurs`: dossiers in her charge where somebody else is awaited.

    `absences`: her own, today; `peut_s_absenter`: she holds a role that a deputy may exercise.
    `appels`: those whose objectives she may read.
    """

    lot: str
    comptes: dict[str, int]
    plafond: int
    groupes: list[Groupe]
    reportees: list[Ligne]
    ailleurs: int
    equipe: list[Utilisateur]
    absences: list[Delegation]
    appels: list[str]
    peut_s_absenter: bool


def hers(agent: Utilisateur, jour: date) -> TacheQuerySet:
    """The open tasks of her roles, in her regions: what she may do or take. None of a dossier she keeps out of."""
    # A condition per role and région, and nothing else: the index that sorts them is then read in order.
    tenus = [(role, code) for role, codes in agent.roles_au(jour).items() if role in AGENTS for code in codes]
    if not tenus:
        return TacheSuivie.objects.none()
    miennes = TacheSuivie.objects.open().filter(reduce(or_, (Q(role=role, region=code) for role, code in tenus)))
    # Asked of each task that is read, which are few: the dossiers she keeps out of are sought among them all otherwise.
    grappe = OuterRef(OuterRef("process__dossier__grappe"))
    siens = Interet.objects.en_vigueur(jour).filter(personne=agent).touching(grappe)
    return miennes.filter(~Exists(siens))


def read(agent: Utilisateur, lot: str, jour: date) -> Corbeille:
    """`lot`: one of LOTS; empty: hers, or those to take when none is hers."""
    siennes, suppleances = hers(agent, jour), absences.replaced(agent, jour)
    a_elle = absences.of(agent, suppleances)
    visibles = siennes.filter(Q(reportee_au=None) | Q(reportee_au__lte=jour))
    comptes = _counts(visibles, a_elle)
    lot = lot or (HABITUEL if comptes[HABITUEL] or not comptes["libres"] else "libres")
    parts = _parts(_of_lot(visibles, lot, a_elle), jour)
    reportees = _first(siennes.filter(a_elle, reportee_au__gt=jour)) if lot == "moi" else []
    suivis = told([*reportees, *(tache for _, _, taches in parts for tache in taches)])

    def line(tache: TacheSuivie) -> Ligne:
        return _line(tache, agent, jour, suivis.get(tache.pk, Suivi()), absences.absent(tache, suppleances))

    return Corbeille(
        lot=lot,
        comptes=comptes,
        plafond=PLAFOND,
        groupes=[
            Groupe(titre=titre, total=min(total, PLAFOND), plus=total > PLAFOND, lignes=[*map(line, taches)])
            for titre, total, taches in parts
        ],
        reportees=[*map(line, reportees)],
        ailleurs=_elsewhere(agent),
        equipe=team(agent, jour),
        absences=absences.away(agent, jour),
        appels=list(readable(agent, jour).order_by("code").values_list("code", flat=True)),
        peut_s_absenter=not DELEGABLES.isdisjoint(agent.roles_propres_au(jour)),
    )


def count(agent: Utilisateur, jour: date) -> int:
    """How many tasks are hers today: the figure of the header."""
    visibles = hers(agent, jour).filter(Q(reportee_au=None) | Q(reportee_au__lte=jour))
    return visibles.filter(absences.of(agent, absences.replaced(agent, jour))).count()


def _of_lot(taches: TacheQuerySet, lot: str, a_elle: Q) -> TacheQuerySet:
    return {"moi": taches.filter(a_elle), "libres": taches.filter(owner=None), "equipe": taches}[lot]


def _counts(taches: TacheQuerySet, a_elle: Q) -> dict[str, int]:
    return _up_to({lot: _of_lot(taches, lot, a_elle) for lot in LOTS})


def _up_to(lots: Mapping[str, TacheQuerySet]) -> dict[str, int]:
    """How many in each, up to one more than the ceiling, in one query."""
    parts = [
        lot.order_by().values(nom=Value(nom))[: PLAFOND + 1] for nom, lot in lots.items() if not lot.query.is_empty()
    ]
    if not parts:
        return dict.fromkeys(lots, 0)
    comptes = Counter(parts[0].union(*parts[1:], all=True).values_list("nom", flat=True))
    return {nom: comptes[nom] for nom in lots}


def _parts(taches: TacheQuerySet, jour: date) -> list[tuple[str, int, list[TacheSuivie]]]:
    """Late, this week, then the rest: the dated first. Title, how many there are, the first of them."""
    semaine = jour + timedelta(days=SEMAINE)
    parts = {
        "En retard": Q(pour_le__lt=jour),
        "Cette semaine": Q(pour_le__gte=jour, pour_le__lte=semaine),
        "Ensuite": Q(pour_le__gt=semaine),
        "Sans échéance": Q(pour_le=None),
    }
    totaux = _up_to({titre: taches.filter(q) for titre, q in parts.items()})
    return [(titre, totaux[titre], _first(taches.filter(q))) for titre, q in parts.items() if totaux[titre]]


def _first(taches: TacheQuerySet) -> list[TacheSuivie]:
    lues = taches.select_related("process__aap", "owner").defer(*(f"process__{nom}" for nom in LOURDES))
    return list(lues.order_by("pour_le", "pk")[:PAR_GROUPE])


def _line(tache: TacheSuivie, agent: Utilisateur, jour: date, suivi: Suivi, absente: str) -> Ligne:
    reste = (tache.pour_le - jour).days if tache.pour_le else None
    mienne, dossier = tache.owner_id == agent.pk or bool(absente), tache.process.dossier_id
    return Ligne(
        tache=tache,
        quoi=actions()[tache.action],
        adresse=page_of(tache.action, dossier) if mienne or not tache.owner_id else reverse("dossier", args=[dossier]),
        depuis=horloge.jour(tache.created),
        delai=delay(reste),
        urgence=urgency(reste),
        mienne=mienne,
        suivi=suivi,
        absente=absente,
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
