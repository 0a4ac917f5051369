"""What the page of the objectives of a call shows, in two queries."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from aap.models import Aap, Objectif
from aap.objectifs import granted, may_fix
from aap.regles import INTERNES
from comptes.models import Utilisateur
from comptes.roles import Role
from instruction.etapes import Etape
from instruction.libelles import actions
from instruction.parcours import plan
from moteur import horloge
from moteur.texte import INSECABLE, en_liste


@dataclass(frozen=True, kw_only=True)
class Delai:
    """One kind of task. `jours`: working days for those that open today; `source`: of the rule set, when it gives them.

    `ensuite`: what is already fixed for later, in words.
    """

    action: str
    quoi: str
    qui: str
    jours: int | None
    source: str
    ensuite: str


@dataclass(frozen=True, kw_only=True)
class Changement:
    """What was fixed at once: when, by whom, from which day, in words."""

    le: datetime
    par: str
    du: date
    quoi: list[str]


@dataclass(frozen=True, kw_only=True)
class Page:
    aap: Aap
    delais: list[Delai]
    changements: list[Changement]
    peut_fixer: bool


def readable(lecteur: Utilisateur, jour: date) -> QuerySet[Aap]:
    """The calls whose objectives this person may read: those of her agency or GRADeS; a porteur reads none."""
    appels = Aap.objects.filter(rejeu=None).select_related("region")
    return appels if lecteur.lit_tout(jour) else appels.filter(region__in=lecteur.regions_lues(jour))


def read(aap: Aap, lecteur: Utilisateur) -> Page:
    fixes = list(Objectif.objects.filter(aap=aap).select_related("fixe_par").order_by("-pk"))
    return Page(aap=aap, delais=_delays(aap, fixes), changements=_changes(fixes), peut_fixer=may_fix(lecteur, aap))


def _delays(aap: Aap, fixes: Sequence[Objectif]) -> list[Delai]:
    accordes, maintenant, qui = granted(aap), horloge.maintenant(), _who()
    sources: dict[str, str] = {delai.action: delai.source for delai in aap.regles.delais.taches}
    return [
        Delai(
            action=action,
            quoi=actions()[action],
            qui=qui[action],
            jours=accordes.given(action, maintenant),
            source=sources.get(action, ""),
            ensuite="" if action in sources else _later(action, fixes, horloge.jour(maintenant)),
        )
        for action in INTERNES
    ]


def _who() -> dict[str, str]:
    """Action → the roles it falls to, in words."""
    roles: dict[str, list[str]] = {}
    for noeud in plan.nodes().values():
        if isinstance(noeud, Etape) and noeud.role != Role.PORTEUR:
            roles[noeud.action] = sorted({*roles.get(noeud.action, ()), plan.who(noeud)})
    return {action: en_liste(noms) for action, noms in roles.items()}


def _later(action: str, fixes: Sequence[Objectif], jour: date) -> str:
    """ "10 jours à compter du 3 janvier 2027"; empty when nothing is to change."""
    avenir = sorted((f.du, -f.pk, f.jours_ouvres) for f in fixes if f.action == action and f.du > jour)
    return " ; ".join(f"{days(jours)} à compter du {du:%d/%m/%Y}" for du, _, jours in avenir[:1])


def _changes(fixes: Sequence[Objectif]) -> list[Changement]:
    """The latest first; what was fixed together stays together."""
    lots: dict[tuple[datetime, int], list[Objectif]] = {}
    for fixe in fixes:
        lots.setdefault((fixe.fixe_le, fixe.fixe_par_id), []).append(fixe)
    return [
        Changement(le=le, par=str(lot[0].fixe_par), du=lot[0].du, quoi=list(_said(lot)))
        for (le, _), lot in lots.items()
    ]


def _said(lot: Sequence[Objectif]) -> Iterator[str]:
    for fixe in sorted(lot, key=lambda un: INTERNES.index(un.action)):
        yield f"{actions()[fixe.action]} : {days(fixe.jours_ouvres)}"


def days(jours: int | None) -> str:
    """Working days, in words."""
    return (
        f"{jours}{INSECABLE}jour{'s' if jours > 1 else ''} ouvré{'s' if jours > 1 else ''}"
        if jours
        else "sans objectif"
    )
