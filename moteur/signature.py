"""The data of an act, read by the annotations of the function that carries it out.

`def deposer(self, passage, *, motif: Motif, echeance: date)` accepts {"motif": "...", "echeance":
"2022-05-01"} and nothing else: the page, the API, the command and the bulk action send the same thing.
"""

import inspect
import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, ValidationError, create_model
from pydantic.fields import FieldInfo

from moteur.erreurs import Code, Refus

#: A reason: some text, never blank, kept as typed.
Motif = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=5000)]

#: Years a date of this business may bear: anything else is a slip of the keyboard.
ANNEES = (2000, 2100)


def _day(valeur: object) -> object:
    """Only 2022-05-01 is read as a day: not a number of seconds, not 20220501."""
    if isinstance(valeur, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", valeur):
        if not ANNEES[0] <= int(valeur[:4]) <= ANNEES[1]:
            raise ValueError(f"année entre {ANNEES[0]} et {ANNEES[1]} attendue")
        return valeur
    if isinstance(valeur, date):
        return valeur
    raise ValueError(MESSAGES["date_type"])


#: A calendar day.
Jour = Annotated[date, BeforeValidator(_day)]

MESSAGES = {
    "missing": "clé obligatoire absente",
    "extra_forbidden": "clé inconnue",
    "string_too_short": "texte vide",
    "string_too_long": "texte trop long ({max_length} caractères au plus)",
    "string_type": "texte attendu",
    "string_pattern_mismatch": "format inattendu (motif {pattern})",
    "bool_type": "true ou false attendu",
    "bool_parsing": "true ou false attendu",
    "int_type": "nombre entier attendu",
    "int_parsing": "nombre entier attendu",
    "int_from_float": "nombre entier attendu",
    "decimal_type": "nombre décimal attendu, entre guillemets",
    "decimal_parsing": "nombre décimal attendu, par exemple \"0.80\"",
    "decimal_max_places": "{decimal_places} décimales au plus",
    "decimal_max_digits": "nombre trop grand ({max_digits} chiffres au plus)",
    "decimal_whole_digits": "nombre trop grand ({whole_digits} chiffres avant la virgule au plus)",
    "finite_number": "nombre fini attendu",
    "date_type": "date attendue, par exemple 2022-05-01",
    "date_parsing": "date attendue, par exemple 2022-05-01",
    "date_from_datetime_parsing": "date attendue, par exemple 2022-05-01",
    "date_from_datetime_inexact": "date attendue, par exemple 2022-05-01",
    "datetime_type": "instant attendu, par exemple 2022-04-01T10:00:00+02:00",
    "datetime_parsing": "instant attendu, par exemple 2022-04-01T10:00:00+02:00",
    "timezone_aware": "fuseau horaire absent, par exemple 2022-04-01T10:00:00+02:00",
    "greater_than": "valeur trop petite (plus de {gt} attendu)",
    "greater_than_equal": "valeur trop petite ({ge} au moins)",
    "less_than_equal": "valeur trop grande ({le} au plus)",
    "enum": "valeur inconnue (possibles : {expected})",
    "literal_error": "valeur inconnue (possibles : {expected})",
    "list_type": "liste attendue",
    "dict_type": "objet attendu",
    "model_type": "objet attendu",
    "too_short": "trop peu d'éléments ({min_length} au moins)",
    "too_long": "trop d'éléments ({max_length} au plus)",
}  # fmt: skip


def unstorable(brut: object) -> str | None:
    """Path of the first text PostgreSQL cannot keep (a NUL, half a surrogate pair), or None."""
    pile: list[tuple[str, object]] = [("", brut)]
    while pile:
        chemin, valeur = pile.pop()
        if isinstance(valeur, str) and ("\0" in valeur or not valeur.isprintable() and _is_broken(valeur)):
            return chemin.removeprefix(".")
        if isinstance(valeur, Mapping):
            for cle, sous in valeur.items():
                lisible = f"{chemin}.{ascii(cle)[1:-1]}"
                pile += [(lisible, sous), (lisible, cle)]
        elif isinstance(valeur, list):
            pile += [(f"{chemin}[{i}]", sous) for i, sous in enumerate(valeur)]
    return None


def _is_broken(texte: str) -> bool:
    return any("\ud800" <= lettre <= "\udfff" for lettre in texte)


def lire(fonction: Callable[..., Any], donnees: Mapping[str, Any]) -> dict[str, Any]:
    """Read `donnees` as the keyword-only parameters of `fonction`.

    Raises: Refus MOTIF_REQUIS (the reason is absent or blank), else DONNEES_INVALIDES, naming each key.
    """
    if (chemin := unstorable(donnees)) is not None:
        raise Refus(Code.DONNEES_INVALIDES, f"{chemin} : ce texte contient un caractère illisible ; retapez-le.")
    try:
        lu = _modele(inspect.unwrap(fonction)).model_validate(dict(donnees))
    except ValidationError as erreur:
        fautes = fautes_de(erreur)
        if any(faute["chemin"] == "motif" for faute in fautes):
            raise Refus(Code.MOTIF_REQUIS, "Donnez le motif de cet acte : il sera montré et conservé.") from None
        phrase = " ; ".join(f"{faute['chemin']} : {faute['message']}" for faute in fautes)
        raise Refus(Code.DONNEES_INVALIDES, f"Données à corriger — {phrase}.", fautes=fautes) from None
    return {nom: getattr(lu, nom) for nom in type(lu).model_fields}


def jsonable(fonction: Callable[..., Any], valides: Mapping[str, Any]) -> dict[str, Any]:
    """The same data, JSON-ready, for the journal."""
    brut: dict[str, Any] = _modele(inspect.unwrap(fonction))(**valides).model_dump(mode="json")
    return brut


def cles(fonction: Callable[..., Any]) -> frozenset[str]:
    """Names of the data `fonction` takes."""
    return frozenset(_modele(inspect.unwrap(fonction)).model_fields)


def champs(fonction: Callable[..., Any]) -> Mapping[str, FieldInfo]:
    """The data `fonction` takes, each with its type and its bounds: what a page asks for."""
    return _modele(inspect.unwrap(fonction)).model_fields


def fautes_de(erreur: ValidationError, prefixe: str = "") -> list[dict[str, str]]:
    """Each fault of a pydantic error as {"chemin": "evenements[3].le", "message": French}."""
    return [{"chemin": prefixe + _chemin(f["loc"]), "message": _phrase(dict(f))} for f in erreur.errors()]


def _chemin(loc: tuple[int | str, ...]) -> str:
    texte = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc)
    return texte.removeprefix(".")


def _phrase(faute: dict[str, Any]) -> str:
    contexte = faute.get("ctx", {})
    if faute["type"] == "value_error":
        return str(contexte["error"])
    return MESSAGES.get(faute["type"], "valeur invalide").format_map(contexte)


@cache
def _modele(fonction: Callable[..., Any]) -> type[BaseModel]:
    parametres = inspect.signature(fonction, eval_str=True).parameters.values()
    champs: dict[str, Any] = {
        p.name: (p.annotation, ... if p.default is p.empty else p.default)
        for p in parametres
        if p.kind is p.KEYWORD_ONLY
    }
    config = ConfigDict(extra="forbid", arbitrary_types_allowed=False)
    return create_model(fonction.__qualname__, __config__=config, **champs)
