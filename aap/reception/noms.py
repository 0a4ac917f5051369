"""Does the name somebody wrote belong to the number beside it? Names are cut short in every way: compare loosely.

What makes a name its own are its words outside the vocabulary of the categories ("EHPAD", "résidence", "foyer"). Two
names agree when more than half of the own words of the shorter one are found in the other: whole, cut short
("RES" for "résidence"), or with a slip of the keyboard.
"""

from difflib import SequenceMatcher
from functools import cache

from grappes.categories import every
from grappes.recherche import VIDES, normalize

#: Two words this alike are one, misspelt: "tileuls" and "tilleuls" (0.93), not "lilas" and "lianes" (0.73).
PRESQUE = 0.85
#: A word cut shorter than this says nothing.
ABREGE = 3
COURANTS = frozenset(["st", "ste", "association", "asso", "fondation", "groupe", "ccas", "cias", "les", "ehpad"])


def agree(dit: str, *officiels: str) -> bool:
    """Whether `dit` may be one of these official names. A name without a word of its own contradicts nothing."""
    mots = own_words(dit)
    connus = [propres for officiel in officiels if (propres := own_words(officiel))]
    return not mots or not connus or any(_alike(mots, connu) for connu in connus)


def _alike(mots: list[str], autres: list[str]) -> bool:
    court, long = sorted((mots, autres), key=len)
    communs = sum(any(_same(mot, candidat) for candidat in long) for mot in court)
    return communs * 2 > len(court)


def own_words(nom: str) -> list[str]:
    """Words that are not those of every name; a lone letter is none ("n° 3" is "3")."""
    mots = [mot for mot in normalize(nom).split() if len(mot) > 1 or mot.isdigit()]
    return [mot for mot in mots if mot not in VIDES and mot not in COURANTS and not _is_generic(mot)]


def _same(un: str, autre: str) -> bool:
    court, long = sorted((un, autre), key=len)
    if any(mot.isdigit() for mot in (court, long)):
        return court == long
    if len(court) >= ABREGE and long.startswith(court):
        return True
    return SequenceMatcher(None, court, long).ratio() >= PRESQUE


@cache
def _is_generic(mot: str) -> bool:
    """A word of a category, or its beginning: "residence", "resid"."""
    return any(connu == mot or (len(mot) >= ABREGE and connu.startswith(mot)) for connu in _vocabulary())


@cache
def _vocabulary() -> frozenset[str]:
    mots = (mot for connue in every() for mot in normalize(connue.libelle).split())
    return frozenset(mot for mot in mots if not mot.isdigit())
