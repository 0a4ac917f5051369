"""The name a person gives a file: shown and handed back as it is, never used as a path. Pure."""

import unicodedata

from aap.documents.erreurs import Ecarte

LONGUEUR = 200
CHEMINS = frozenset('/\\:<>"|?*')


def check_name(nom: str) -> str:
    """The name to keep, spaces put right. Raises: Ecarte."""
    propre = unicodedata.normalize("NFC", "".join(" " if unicodedata.category(un) == "Zs" else un for un in nom))
    propre = " ".join(propre.split(" ")).strip(" ")
    if len(propre) > LONGUEUR:
        raise Ecarte(
            f"Le nom du fichier a {len(propre)} caractères : {LONGUEUR} au plus. "
            "Renommez-le plus court, puis renvoyez-le."
        )
    if not propre.isprintable():
        raise Ecarte(
            "Le nom du fichier contient un caractère invisible, qui peut en cacher la vraie nature. Renommez-le en "
            "lettres et chiffres, par exemple « lettre d'engagement.pdf », puis renvoyez-le."
        )
    if not CHEMINS.isdisjoint(propre):
        raise Ecarte(
            f'Le nom « {propre} » contient un chemin ou un signe réservé. Renommez le fichier sans / \\ : < > " | ? *, '
            "puis renvoyez-le."
        )
    if not propre.strip(". "):
        raise Ecarte("Ce fichier n'a pas de nom. Nommez-le, par exemple « rib.pdf », puis renvoyez-le.")
    return propre


def extension(nom: str) -> str:
    """What follows the last dot, lower case; empty without one. ".pdf" alone is a name, not an extension."""
    base, point, fin = nom.rpartition(".")
    return fin.lower() if point and base else ""
