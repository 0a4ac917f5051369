"""Answers of one OG taken up for another, so that the same ones are not typed again. Pure.

What an answer copied would make false is not taken up: the form says which fields are an OG's own (`Champ.propre`).
"""

from collections.abc import Iterable

from aap.champs import Saisies, check, form
from aap.models.saisie import Section


def taken_up(section: Section, saisies: Saisies, *, de: str, pour: str) -> dict[str, str]:
    """{field of `pour`: answer of `de`}: those that `pour` has not given, and that `de` gave in an understood way."""
    fautes = check(section, saisies)
    reprises = {}
    for champ in form(section).champs:
        source, cible = f"{de}.{champ.nom}", f"{pour}.{champ.nom}"
        donnee = "" if champ.propre or source in fautes else _answer(saisies, source)
        if donnee and not _answer(saisies, cible):
            reprises[cible] = donnee
    return reprises


def lender(section: Section, saisies: Saisies, ogs: Iterable[str], *, pour: str) -> str:
    """The OG to take answers up from, for one that has given none: of those that give the most, the first. "": none."""
    if any(_answer(saisies, f"{pour}.{champ.nom}") for champ in form(section).champs):
        return ""
    apports = {og: len(taken_up(section, saisies, de=og, pour=pour)) for og in ogs if og != pour}
    meilleur = max(apports, key=lambda og: apports[og], default="")
    return meilleur if apports.get(meilleur) else ""


def _answer(saisies: Saisies, nom: str) -> str:
    return str(saisies[nom]["valeur"]).strip() if nom in saisies else ""
