"""What the software must be when a convention is signed. Source: regles.md §1 E19 (instruction 2025/100)."""

from collections.abc import Collection
from dataclasses import dataclass

from aap.regles import Indicateur, Regles, exiger
from grappes.categories import Secteur


@dataclass(frozen=True, kw_only=True)
class Signabilite:
    """`motif`: code, empty when it may be signed. `cibles_exigees`: families of targets, DUI, MSS, DMP."""

    signable: bool
    motif: str
    cibles_exigees: tuple[str, ...]
    reference: str


def solution_signable(
    regles: Regles,
    secteurs: Collection[Secteur],
    statut_solution: str,
    *,
    eligible_sons: bool = True,
) -> Signabilite:
    """May a convention be signed with a software of this status, for a grappe of these sectors?

    Raises: Refus REGLE_NON_RENSEIGNEE when the rule set says nothing of these sectors.
    """
    condition = regles.convention
    vises = exiger(condition.secteurs, "convention.secteurs", regles.code)
    admis = exiger(condition.statuts_solution, "convention.statuts_solution", regles.code)
    concerne = eligible_sons and bool(set(secteurs) & set(vises))
    if not set(secteurs) <= set(vises):
        exiger(None, "convention.secteurs", regles.code)
    signable = not concerne or statut_solution in admis
    return Signabilite(
        signable=signable,
        motif="" if signable else "SOLUTION_NON_CANDIDATE",
        cibles_exigees=_families(regles, secteurs, eligible_sons=eligible_sons),
        reference=condition.statuts_solution.source if condition.statuts_solution else "",
    )


def _families(regles: Regles, secteurs: Collection[Secteur], *, eligible_sons: bool) -> tuple[str, ...]:
    """Families of indicators to which at least one of the sectors is held, in the order of the rule set."""
    tenus = [
        indicateur.code.rstrip("123")
        for indicateur in regles.usages.indicateurs
        if any(not _is_exempt(indicateur, secteur, eligible_sons=eligible_sons) for secteur in secteurs)
    ]
    return tuple(dict.fromkeys(tenus))


def _is_exempt(indicateur: Indicateur, secteur: Secteur, *, eligible_sons: bool) -> bool:
    return any(
        exemption.secteur is secteur and not (exemption.si_non_eligible_sons and eligible_sons)
        for exemption in indicateur.exemptions
    )
