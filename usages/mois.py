"""Which months a dossier declares, and over how long each one is measured. Source: regles.md §4."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from aap.models import Dossier
from usages.models import Declaration, EtatDeclaration


@dataclass(frozen=True, kw_only=True)
class MoisDeclare:
    """A month of the deployment. `echu`: it is over, so it is due. `declaration`: the one that counts, if any."""

    premier: date
    dernier: date
    echu: bool
    declaration: Declaration | None

    @property
    def code(self) -> str:
        return f"{self.premier:%Y-%m}"

    @property
    def a_declarer(self) -> bool:
        """Due, and nothing stands for it: never declared, or refused."""
        return self.echu and (self.declaration is None or self.declaration.etat == EtatDeclaration.REFUSEE)


@dataclass(frozen=True)
class Periode:
    """What the messages and documents of a declaration are counted over, both days included."""

    du: date
    au: date
    duree: int

    @property
    def is_longer(self) -> bool:
        return self.duree > 1


def months(dossier: Dossier, jour: date) -> list[MoisDeclare]:
    """The months of the deployment, from the convention to the current one, the latest first."""
    debut = dossier.convention.engagee_le
    par_mois: dict[date, Declaration] = {}
    for declaration in sorted(dossier.declarations.all(), key=_standing):
        par_mois[declaration.mois] = declaration
    mois, premier = [], jour.replace(day=1)
    while debut and premier >= debut.replace(day=1):
        dernier = premier + relativedelta(months=1, days=-1)
        mois.append(
            MoisDeclare(premier=premier, dernier=dernier, echu=dernier < jour, declaration=par_mois.get(premier))
        )
        premier = (premier - timedelta(days=1)).replace(day=1)
    return mois


def period(dossier: Dossier, mois: date) -> Periode:
    """The month itself; for the first measure, as many months before its end as the rule set says."""
    return Periode(
        du=mois - relativedelta(months=length(dossier, mois) - 1),
        au=mois + relativedelta(months=1, days=-1),
        duree=length(dossier, mois),
    )


def length(dossier: Dossier, mois: date) -> int:
    """How many months of messages and documents a declaration of that month counts."""
    premiere = dossier.aap.regles.usages.premiere_mesure_mois
    return premiere.valeur if premiere and previous(dossier.declarations.all(), mois) is None else 1


def previous(declarations: Iterable[Declaration], mois: date) -> Declaration | None:
    """The last declaration of an earlier month, one that was not refused where there is one."""
    avant = [une for une in declarations if une.mois < mois]
    return max(avant, key=lambda une: (une.etat != EtatDeclaration.REFUSEE, une.mois, une.pk), default=None)


def _standing(declaration: Declaration) -> tuple[bool, int]:
    return declaration.etat != EtatDeclaration.REFUSEE, declaration.pk
