"""Regional or national call, minimum size and filing limit. Source: regles.md §1 E3 and "Routing", §6."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from aap.faits import Territoire
from aap.regles import Fenetre, Regles, exiger

Guichet = Literal["regional", "national"]


@dataclass(frozen=True, kw_only=True)
class Orientation:
    """Where a grappe goes. `echeance`: printed filing limit of its window, None when the texts give none."""

    guichet: Guichet
    minimum: int
    recevable: bool
    echeance: date | None
    reference: str


def router(regles: Regles, *, essms: int, regions: int, territoire: str) -> Orientation:
    """Route a grappe of `essms` distinct eligible ESSMS over `regions` regions.

    Raises: Refus REGLE_NON_RENSEIGNEE when the rule set lacks a threshold.
    """
    choix = guichet(regles, essms=essms, regions=regions)
    minimum = minimum_essms(regles, territoire)
    fenetre = _window(regles, choix, multi_region=regions > 1)
    seuil = regles.routage.national_a_partir_de
    return Orientation(
        guichet=choix,
        minimum=minimum,
        recevable=essms >= minimum,
        echeance=fenetre.limite if fenetre else None,
        reference=seuil.source if seuil else "",
    )


def guichet(regles: Regles, *, essms: int, regions: int) -> Guichet:
    """National from the threshold on, and only over enough regions (one in 2022, two in 2024)."""
    routage = regles.routage
    seuil = exiger(routage.national_a_partir_de, "routage.national_a_partir_de", regles.code)
    if essms < seuil:
        return "regional"
    minimum = exiger(routage.regions_minimum_national, "routage.regions_minimum_national", regles.code)
    return "national" if regions >= minimum else "regional"


def minimum_essms(regles: Regles, territoire: str) -> int:
    """Smallest grappe of this territory (`Territoire` value)."""
    cle = Territoire(territoire).value.replace("-", "_")
    valeur = getattr(regles.eligibilite.minimum_essms, cle)
    minimum: int = exiger(valeur, f"eligibilite.minimum_essms.{cle}", regles.code)
    return minimum


def _window(regles: Regles, choix: Guichet, *, multi_region: bool) -> Fenetre | None:
    for fenetre in regles.calendrier.fenetres:
        if fenetre.guichet == choix and fenetre.multi_region in (None, multi_region):
            return fenetre
    return None
