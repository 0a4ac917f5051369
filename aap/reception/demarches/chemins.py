"""Paths into a dossier of our format: "porteur.finess_ej", "depenses[0].montant_ht"."""

import re
import types
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

_PAS = re.compile(r"([a-z_]+)(?:\[(\d)\])?")


def split(chemin: str) -> list[tuple[str, int | None]]:
    """[("depenses", 0), ("montant_ht", None)]. Raises: ValueError when it is no path."""
    pas = [_PAS.fullmatch(part) for part in chemin.split(".")]
    if not all(pas):
        raise ValueError(f"« {chemin} » n'est pas un chemin (attendu, par exemple, porteur.finess_ej)")
    return [(un[1], int(un[2]) if un[2] else None) for un in pas if un]


def put(objet: dict[str, Any], chemin: str, valeur: Any) -> None:
    """Write at that path, making what lies on the way."""
    *pas, (derniere, _) = split(chemin)
    for nom, rang in pas:
        suivant = objet.setdefault(nom, {} if rang is None else [])
        if rang is not None:
            suivant += [{} for _ in range(rang + 1 - len(suivant))]
            suivant = suivant[rang]
        objet = suivant
    objet[derniere] = valeur


def leaf(modele: type[BaseModel], chemin: str) -> Any:
    """The type the format gives to that path: str, bool, Decimal, list[EssmsRecu]…

    Raises: ValueError, in French, when the format has no such path.
    """
    type_: Any = modele
    for nom, rang in split(chemin):
        champs = type_.model_fields if isinstance(type_, type) and issubclass(type_, BaseModel) else {}
        if nom not in champs:
            raise ValueError(f"« {chemin} » n'existe pas dans un dossier ; à cet endroit : {_choices(champs)}")
        type_ = _bare(champs[nom].annotation)
        if rang is not None:
            type_ = element(type_)
    return type_


def element(type_: Any) -> Any:
    """EssmsRecu of list[EssmsRecu]; the type itself when it is no list."""
    return _bare(get_args(type_)[0]) if get_origin(type_) is list else type_


def _bare(type_: Any) -> Any:
    """Without `Annotated` and `| None`."""
    while get_origin(type_) in (Annotated, Union, types.UnionType):
        type_ = get_args(type_)[0]
    return type_


def _choices(champs: dict[str, Any]) -> str:
    return ", ".join(sorted(champs)) or "rien de plus"
