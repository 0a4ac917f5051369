"""One champ of a dossier, whatever its type: what is typed is read by key, what is unknown is kept as it came."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from moteur.texte import cite

#: What the API says about a champ, and not in it. `columns` repeats the value for its own tables.
ENTOURAGE = frozenset({"id", "champDescriptorId", "__typename", "label", "updatedAt", "prefilled", "columns", "level"})
#: Champs that only lay out the form. Older versions of the API give them as empty TextChamp.
DE_MISE_EN_PAGE = frozenset({"HeaderSectionChamp", "ExplicationChamp"})
REPETITION = "RepetitionChamp"
#: Where it holds its rows, which are champs of their own.
RANGEES = frozenset({"rows", "champs"})


class Nature(StrEnum):
    """Where a value sits in the dossier: in the form, in the officer's notes, in a repeated block, at its head."""

    CHAMP = "champ"
    ANNOTATION = "annotation"
    LIGNE = "ligne"
    ENTETE = "entete"
    FICHIER = "fichier"


@dataclass(frozen=True, eq=False)
class Champ:
    """`brut`: the JSON as received. `lieu`: the row it sits in, in words. Two equal champs are two champs."""

    nature: Nature
    brut: Mapping[str, Any]
    lieu: str = ""
    lignes: tuple[tuple["Champ", ...], ...] = field(default=())

    @property
    def descripteur(self) -> str:
        return _text(self.brut.get("champDescriptorId"))

    @property
    def type(self) -> str:
        return _text(self.brut.get("__typename"))

    @property
    def libelle(self) -> str:
        return _text(self.brut.get("label"))

    @property
    def texte(self) -> str:
        return _text(self.brut.get("stringValue"))

    @property
    def valeur(self) -> Any:
        """What it holds, JSON-ready: its text when there is nothing else, else all its own keys."""
        ailleurs = ENTOURAGE | RANGEES if self.lignes else ENTOURAGE
        propre = {cle: _lasting(valeur) for cle, valeur in self.brut.items() if cle not in ailleurs}
        if self.lignes:
            propre["lignes"] = len(self.lignes)
        return propre["stringValue"] if propre.keys() == {"stringValue"} else propre

    @property
    def is_blank(self) -> bool:
        return _is_blank(self.valeur)

    @property
    def designation(self) -> str:
        """Champ « Numéro FINESS » (ligne 4 de « Établissements »): how an officer finds it in the form."""
        nom = f"Champ {cite(self.libelle)}"
        return f"{nom} ({self.lieu})" if self.lieu else nom

    def walk(self) -> Iterator["Champ"]:
        """Itself, then the champs of its rows, at any depth."""
        yield self
        for ligne in self.lignes:
            for champ in ligne:
                yield from champ.walk()

    def as_kept(self) -> dict[str, Any]:
        """As it is listed among what was not taken over."""
        return {
            "nature": self.nature.value,
            "libelle": self.libelle,
            "type": self.type,
            "id": _text(self.brut.get("id")),
            "lieu": self.lieu,
            "valeur": self.valeur,
        }


def read_champ(brut: object, nature: Nature, lieu: str = "") -> Champ:
    """One champ and, for a repeated block, its rows. What is not an object is kept under the key `valeur`."""
    if not isinstance(brut, Mapping):
        return Champ(nature, {"valeur": brut}, lieu)
    if brut.get("__typename") != REPETITION:
        return Champ(nature, brut, lieu)
    libelle = cite(_text(brut.get("label")))
    lignes = tuple(
        tuple(read_champ(champ, Nature.LIGNE, f"ligne {rang} de {libelle}") for champ in ligne)
        for rang, ligne in enumerate(_rows(brut), start=1)
    )
    return Champ(nature, brut, lieu, lignes)


def _rows(brut: Mapping[str, Any]) -> list[list[object]]:
    """Rows of a repeated block; the API used to give its champs flat: they are then one row.

    A block of another shape gives no row: it is kept whole, as it came.
    """
    rangees = brut.get("rows", [{"champs": brut["champs"]}] if brut.get("champs") else [])
    lignes = [rangee.get("champs") if isinstance(rangee, Mapping) else None for rangee in _list(rangees)]
    return [_list(ligne) for ligne in lignes] if all(isinstance(ligne, list) for ligne in lignes) else []


def _list(valeur: object) -> list[Any]:
    return valeur if isinstance(valeur, list) else []


def _lasting(valeur: Any) -> Any:
    """Without the addresses of files: signed anew at each export, dead within the hour."""
    if isinstance(valeur, list):
        return [_lasting(sous) for sous in valeur]
    if isinstance(valeur, Mapping):
        fichier = "checksum" in valeur
        return {cle: _lasting(sous) for cle, sous in valeur.items() if not (fichier and cle == "url")}
    return valeur


def _text(valeur: object) -> str:
    return valeur if isinstance(valeur, str) else ""


def _is_blank(valeur: object) -> bool:
    if isinstance(valeur, str):
        return not valeur.strip()
    if isinstance(valeur, Mapping):
        return all(_is_blank(sous) for sous in valeur.values())
    return valeur is None or valeur == []
