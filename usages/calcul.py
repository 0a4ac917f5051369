"""Usage indicators: exact ratios against the targets of the rule set. Source: regles.md §4, §12.15, §12.16.

Counts only, never a person. Compared unrounded: 69.99 fails 70. A zero denominator is not computable.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil

from aap.regles import Confiance, Indicateur, Regles, exiger
from grappes.categories import Secteur
from moteur.erreurs import Code, Refus

COMPTES = (
    "personnes",
    "dossiers_actifs",
    "dossiers_avec_projet",
    "dossiers_avec_evenement",
    "messages_mss",
    "dmp_alimentes",
)


@dataclass(frozen=True, kw_only=True)
class Mesure:
    """Counts of one ESSMS for one month (three months for the first messages and documents).

    Raises: Refus DONNEES_INVALIDES when a count is negative or not a whole number.
    """

    finess: str
    secteur: Secteur | None
    personnes: int
    dossiers_actifs: int
    dossiers_avec_projet: int
    dossiers_avec_evenement: int
    messages_mss: int
    dmp_alimentes: int
    eligible_sons: bool = True

    def __post_init__(self) -> None:
        for nom in COMPTES:
            nombre = getattr(self, nom)
            if isinstance(nombre, bool) or not isinstance(nombre, int) or nombre < 0:
                raise Refus(
                    Code.DONNEES_INVALIDES,
                    f"ESSMS {self.finess} : « {nom} » vaut {nombre!r}. Donnez un entier positif ou nul.",
                    finess=self.finess,
                    champ=nom,
                )


@dataclass(frozen=True, kw_only=True)
class Cible:
    """One indicator judged. `valeur` and `atteinte` are None when it cannot be computed.

    `valeur` is for display: two decimals, half up, but never shown as reaching a target it misses.
    """

    indicateur: str
    valeur: Decimal | None
    cible: Decimal
    atteinte: bool | None
    numerateur: int
    denominateur: int
    confiance: Confiance
    reference: str

    @property
    def requis(self) -> int:
        """The least count above the line that reaches the target, the other staying as it is."""
        return ceil(Fraction(self.cible) * self.denominateur / 100)

    @property
    def distance(self) -> Decimal | None:
        """Points from what is shown up to the target; 0 when it is reached, None when it cannot be computed."""
        return None if self.valeur is None else max(self.cible - self.valeur, Decimal(0))

    def as_dict(self) -> dict[str, object]:
        return {
            "indicateur": self.indicateur,
            "valeur": None if self.valeur is None else str(self.valeur),
            "cible": format(self.cible.normalize(), "f"),
            "atteinte": self.atteinte,
        }


def evaluer(regles: Regles, mesures: Sequence[Mesure]) -> list[Cible]:
    """Indicators summed over the ESSMS they apply to, in the order of the rule set.

    An exempt ESSMS counts on neither side; an indicator that applies to none is left out.
    Raises: Refus REGLE_NON_RENSEIGNEE.
    """
    if not regles.usages.indicateurs:
        exiger(None, "usages.indicateurs", regles.code)
    cibles = []
    for indicateur in regles.usages.indicateurs:
        concernees = [mesure for mesure in mesures if applies(indicateur, mesure)]
        if concernees:
            cibles.append(_judge(regles, indicateur, concernees))
    return cibles


def evaluer_par_essms(regles: Regles, mesures: Sequence[Mesure]) -> dict[str, list[Cible]]:
    """The same indicators for each ESSMS alone, by FINESS ET (regles.md §5, policy 1)."""
    par_essms: dict[str, list[Mesure]] = {}
    for mesure in mesures:
        par_essms.setdefault(mesure.finess, []).append(mesure)
    return {finess: evaluer(regles, siennes) for finess, siennes in par_essms.items()}


def cibles_atteintes(cibles: Sequence[Cible]) -> bool:
    """Every target proven. Nothing measured proves nothing: False on an empty list."""
    return bool(cibles) and all(cible.atteinte is True for cible in cibles)


def applies(indicateur: Indicateur, mesure: Mesure) -> bool:
    """Is this ESSMS held to this indicator? See the exemptions of the rule set."""
    return not any(
        exemption.secteur == mesure.secteur and not (exemption.si_non_eligible_sons and mesure.eligible_sons)
        for exemption in indicateur.exemptions
    )


def _judge(regles: Regles, indicateur: Indicateur, mesures: Sequence[Mesure]) -> Cible:
    chemin = f"usages.indicateurs.{indicateur.code}"
    haut = exiger(indicateur.numerateur, f"{chemin}.numerateur", regles.code)
    bas = exiger(indicateur.denominateur, f"{chemin}.denominateur", regles.code)
    cible = exiger(indicateur.cible, f"{chemin}.cible", regles.code)
    numerateur = sum(getattr(mesure, haut) for mesure in mesures)
    denominateur = sum(getattr(mesure, bas) for mesure in mesures)
    atteinte = None
    if denominateur:
        atteinte = Fraction(numerateur * 100) >= Fraction(cible) * denominateur
    return Cible(
        indicateur=indicateur.code,
        valeur=_displayed(numerateur, denominateur, cible, atteinte=atteinte),
        cible=cible,
        atteinte=atteinte,
        numerateur=numerateur,
        denominateur=denominateur,
        confiance=indicateur.cible.confiance if indicateur.cible else "a_confirmer",
        reference=indicateur.cible.source if indicateur.cible else "",
    )


def _displayed(numerateur: int, denominateur: int, cible: Decimal, *, atteinte: bool | None) -> Decimal | None:
    if atteinte is None:
        return None
    centiemes, reste = divmod(numerateur * 10000, denominateur)
    arrondi = Decimal(centiemes + (1 if 2 * reste >= denominateur else 0)).scaleb(-2)
    if not atteinte and arrondi >= cible:
        return Decimal(centiemes).scaleb(-2)
    return arrondi
