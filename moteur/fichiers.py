"""A JSON file that somebody wrote: read whole, and its faults told by line and column."""

import json
from pathlib import Path

from moteur.erreurs import Code, Refus

ILLISIBLES: dict[type[OSError], str] = {
    FileNotFoundError: "il n'existe pas",
    IsADirectoryError: "c'est un dossier, donnez le fichier",
    PermissionError: "vos droits ne le permettent pas",
}


def read_json(chemin: Path, taille_max: int, quoi: str, *, decimaux: type[float | str] = float) -> object:
    """The content of a JSON file. `taille_max`: bytes. `quoi`: what it should be, "un scénario".

    `decimaux`: str keeps the decimal numbers of others as they wrote them, to the last digit.

    Raises: Refus DONNEES_INVALIDES saying what to do.
    """
    try:
        if chemin.stat().st_size > taille_max:
            raise _invalid(f"{chemin} dépasse {taille_max // 2**20} Mo : ce n'est sans doute pas {quoi}.")
        octets = chemin.read_bytes()
    except OSError as erreur:
        pourquoi = ILLISIBLES.get(type(erreur), "vérifiez le disque et les droits")
        raise _invalid(f"{chemin} ne peut être lu : {pourquoi}.") from None
    return parse_json(octets, str(chemin), decimaux=decimaux)


def parse_json(octets: bytes, origine: str, *, decimaux: type[float | str] = float) -> object:
    """Parse JSON in UTF-8. `origine`: how to name it. Raises: Refus DONNEES_INVALIDES with line and column."""
    try:
        texte = octets.decode("utf-8-sig")
    except UnicodeDecodeError as erreur:
        ligne = octets[: erreur.start].count(b"\n") + 1
        raise _invalid(
            f"{origine}, ligne {ligne} : ce n'est pas de l'UTF-8. Réenregistrez le fichier en UTF-8."
        ) from None

    def refuse(constante: str) -> None:
        raise _invalid(f"{origine} : {constante} n'est pas un nombre admis. Écrivez-le en chiffres.")

    try:
        return json.loads(texte, parse_float=decimaux, parse_constant=refuse)
    except json.JSONDecodeError as erreur:
        raise _invalid(
            f"{origine}, ligne {erreur.lineno}, colonne {erreur.colno} : ce n'est pas du JSON valable. "
            "Vérifiez les guillemets, les virgules et les accolades autour de cet endroit.",
            ligne=erreur.lineno,
            colonne=erreur.colno,
        ) from None
    except (ValueError, RecursionError):
        raise _invalid(
            f"{origine} : ce n'est pas du JSON lisible, un nombre y est trop long ou ses objets sont trop emboîtés."
        ) from None


def to_json(valeur: object) -> bytes:
    """The same, readable, to be parsed again to the same value: half a surrogate pair is written as its escape."""
    texte = json.dumps(valeur, ensure_ascii=False, indent=1)
    return f"{texte}\n".encode("utf-8", "backslashreplace")


def _invalid(message: str, **details: object) -> Refus:
    return Refus(Code.DONNEES_INVALIDES, message, **details)
