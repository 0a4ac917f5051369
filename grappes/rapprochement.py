"""Who could join whom: suggestions for an OG that looks for a grappe, the most useful first. Pure, and explained.

The minimum size is that of a rule set: the caller gives it, since it depends on where all the ESSMS are.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from moteur.texte import INSECABLE, en_liste

#: Smallest grappe whose ESSMS are in these regions (INSEE codes). Source: aap.routage.minimum_essms.
Minimum = Callable[[Collection[str]], int]


@dataclass(frozen=True, kw_only=True)
class Candidat:
    """One side: a demand, or a draft grappe still open. `cle`: "demande:12", unique. `ogs`: FINESS EJ.

    `nombre`: ESSMS it brings. `secteurs`, `departements`, `regions`: codes.
    """

    cle: str
    nom: str
    ogs: frozenset[str]
    projet: str
    nombre: int
    secteurs: frozenset[str]
    departements: frozenset[str]
    regions: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """A candidate and why. `total`: ESSMS together; `manque`: how many are still missing to the minimum."""

    candidat: Candidat
    total: int
    manque: int
    raisons: tuple[str, ...]

    @property
    def complete(self) -> bool:
        return self.manque == 0


def suggest(demande: Candidat, candidats: Iterable[Candidat], minimum: Minimum) -> list[Suggestion]:
    """Those of the same type of project, first who completes the grappe at once, then who leaves least missing, then
    the same sector, département and region. The key breaks ties, so the order is total."""
    compatibles = [_weigh(demande, candidat, minimum) for candidat in candidats if _is_compatible(demande, candidat)]
    return sorted(compatibles, key=lambda une: _rank(demande, une))


def _is_compatible(demande: Candidat, candidat: Candidat) -> bool:
    """Another one, of other OGs, for the same type of project: one software, bought or upgraded, per grappe (E15)."""
    return candidat.cle != demande.cle and candidat.projet == demande.projet and candidat.ogs.isdisjoint(demande.ogs)


def _weigh(demande: Candidat, candidat: Candidat, minimum: Minimum) -> Suggestion:
    total = demande.nombre + candidat.nombre
    seuil = minimum(demande.regions | candidat.regions)
    manque = max(0, seuil - total)
    return Suggestion(
        candidat=candidat, total=total, manque=manque, raisons=(_count(total, seuil, manque), *_near(demande, candidat))
    )


def _rank(demande: Candidat, une: Suggestion) -> tuple[int, bool, bool, bool, str]:
    candidat = une.candidat
    return (
        une.manque,
        candidat.secteurs.isdisjoint(demande.secteurs),
        candidat.departements.isdisjoint(demande.departements),
        candidat.regions.isdisjoint(demande.regions),
        candidat.cle,
    )


def _count(total: int, seuil: int, manque: int) -> str:
    debut = f"À vous deux : {total}{INSECABLE}ESSMS"
    if not manque:
        return f"{debut}, le minimum de {seuil} est atteint."
    return f"{debut}, il en manquerait encore {manque} pour atteindre le minimum de {seuil}."


def _near(demande: Candidat, candidat: Candidat) -> Iterable[str]:
    if secteurs := sorted(demande.secteurs & candidat.secteurs):
        yield f"Même secteur : {en_liste(secteurs)}."
    if departements := sorted(demande.departements & candidat.departements):
        yield f"Même département : {en_liste(departements)}."
    elif not demande.regions.isdisjoint(candidat.regions):
        yield "Même région."
