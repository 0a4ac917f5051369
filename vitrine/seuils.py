"""Where a grappe stands before each threshold of its rule set, in a sentence. A silent rule set gives none."""

from collections.abc import Iterator
from itertools import chain

from aap.regles import Regles
from moteur.texte import INSECABLE, soigner
from vitrine.formes import FORMES


def sentences(regles: Regles, essms: int, nombre_regions: int) -> list[str]:
    """For so many ESSMS retained, over so many regions."""
    phrases = (_national(regles, essms, nombre_regions), _reduced(regles, essms), _small(regles), _ceiling(regles))
    return [soigner(phrase) for phrase in chain(*phrases)]


def _national(regles: Regles, essms: int, nombre_regions: int) -> Iterator[str]:
    seuil, minimum = regles.routage.national_a_partir_de, regles.routage.regions_minimum_national
    if seuil is None or minimum is None:
        return
    ou = f", dans au moins {minimum.valeur}{INSECABLE}régions" if minimum.valeur > 1 else ""
    manque = seuil.valeur - essms
    if manque > 0:
        suite = f"Il vous en manque {manque} : vous relevez de l'appel de votre région."
    elif nombre_regions >= minimum.valeur:
        suite = "Vous y êtes."
    else:
        suite = "Vous en avez assez, mais dans trop peu de régions : vous relevez de l'appel de votre région."
    yield f"À {_essms(seuil.valeur)}{ou}, vous relevez de l'appel national. {suite}"


def _reduced(regles: Regles, essms: int) -> Iterator[str]:
    seuil = regles.bareme.seuil
    if seuil is None:
        return
    doute = " À confirmer : les textes se contredisent au seuil même." if _unsure(regles) else ""
    if essms < seuil.valeur:
        yield f"Tous vos ESSMS sont au taux plein. Le taux réduit commence autour de {_essms(seuil.valeur)}.{doute}"
    else:
        yield f"Le taux réduit s'applique aux ESSMS qui suivent le seuil de {_essms(seuil.valeur)}.{doute}"


def _unsure(regles: Regles) -> bool:
    mode = regles.bareme.mode_seuil
    return mode is None or mode.confiance == "a_confirmer"


def _small(regles: Regles) -> Iterator[str]:
    seuil = regles.eligibilite.petit_og_moins_de
    if seuil is not None:
        yield (
            f"Un organisme est petit s'il gère moins de {_essms(seuil.valeur)} en tout, dans la grappe ou ailleurs. "
            "L'équipement et l'AMOA lui sont réservés."
        )


def _ceiling(regles: Regles) -> Iterator[str]:
    forfait = regles.bareme.forfait
    if forfait and forfait.og_unique_plafond:
        yield f"Un organisme gestionnaire seul est compté pour {_essms(forfait.og_unique_plafond.valeur)} au plus."


def _essms(nombre: int) -> str:
    return FORMES["essms"](nombre)
