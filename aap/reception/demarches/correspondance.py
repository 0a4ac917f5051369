"""The mapping file of one démarche: which champ feeds which field of a dossier. Guide: docs/echange."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_origin

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError, model_validator

from aap.reception.demarches.chemins import element, leaf
from aap.reception.schema import DossierRecu, PieceRecue
from moteur.erreurs import Code, Refus
from moteur.signature import fautes_de
from moteur.texte import en_liste

DOSSIER = Path(__file__).resolve().parents[3] / "fixtures" / "demarches"
_CODE = re.compile(r"[a-z0-9-]+")

Texte = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
#: What a TOML file gives a field outright. Days and amounts in quotes.
Constante = Annotated[str | bool | int, Field(union_mode="smart")]
Conversion = Literal["texte", "oui_non", "date", "montant", "entier", "choix", "finess", "repetition", "piece"]
#: What each conversion makes: it must be what the field takes. Without a line: a text, or a word of a list.
PRODUIT: dict[str, Any] = {"oui_non": bool, "date": date, "montant": Decimal, "entier": int, "repetition": list}
#: Where documents go, whichever champ they come from.
PIECES = "pieces"


class Partie(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Regle(Partie):
    """One champ, found by `id` (champDescriptorId), else by its exact `libelle`, and the field it feeds.

    `choix`: for each answer of the form, our value. `piece`: code of the document. `champs`, `constantes`: for a
    repeated block, the champs of each row and what each row says besides.
    """

    libelle: Texte
    id: str = ""
    vers: str = ""
    conversion: Conversion = "texte"
    choix: dict[str, str | bool] = {}
    piece: str = ""
    champs: tuple["Regle", ...] = ()
    constantes: dict[str, Constante] = {}

    @model_validator(mode="after")
    def _check(self) -> Self:
        besoins = {"choix": bool(self.choix), "piece": bool(self.piece), "repetition": bool(self.champs)}
        for conversion, present in besoins.items():
            cle = "champs" if conversion == "repetition" else conversion
            if present != (self.conversion == conversion):
                raise ValueError(f"la clé « {cle} » va avec la conversion « {conversion} », et l'une demande l'autre")
        if (self.conversion == "piece") == bool(self.vers):
            raise ValueError("« vers » est obligatoire, sauf pour une pièce, qui va toujours dans « pieces »")
        return self

    @property
    def chemin(self) -> str:
        return self.vers or PIECES


class Entete(Partie):
    """A value at the head of the dossier (`de`: "usager.email") and the field it feeds."""

    de: Texte
    vers: Texte
    conversion: Literal["texte", "date", "finess"] = "texte"


class Decoratifs(Partie):
    """Champs that only lay out the form, by exact label or by id. One that holds an answer is kept all the same."""

    libelles: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()


class Correspondance(Partie):
    """The mapping of one démarche, known by its number. `constantes`: fields its form does not ask."""

    code: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+$")]
    intitule: Texte
    demarche: Annotated[int, Field(ge=1)]
    constantes: dict[str, Constante] = {}
    entetes: tuple[Entete, ...] = ()
    champs: tuple[Regle, ...] = ()
    annotations: tuple[Regle, ...] = ()
    decoratifs: Decoratifs = Decoratifs()

    @property
    def source(self) -> str:
        """Whose numbers its dossiers bear, in a Reception."""
        return f"demarches-simplifiees:{self.demarche}"

    @model_validator(mode="after")
    def _check(self) -> Self:
        fautes = [*_faults(self.champs, DossierRecu, "champs"), *_faults(self.annotations, DossierRecu, "annotations")]
        fautes += _head_faults(self.entetes)
        fautes += _constant_faults(self.constantes, DossierRecu, "constantes")
        chemins = [regle.chemin for regle in (*self.champs, *self.annotations)]
        fautes += _clashes([*chemins, *(entete.vers for entete in self.entetes), *self.constantes, "identifiant"])
        if fautes:
            raise ValueError(" ; ".join(fautes))
        return self


def charger(toml: str) -> Correspondance:
    """Parse and validate. Raises: Refus DONNEES_INVALIDES naming the TOML path of every fault."""
    try:
        return Correspondance.model_validate(tomllib.loads(toml))
    except tomllib.TOMLDecodeError as erreur:
        raise Refus(
            Code.DONNEES_INVALIDES,
            f"La correspondance n'est pas un fichier TOML lisible ({erreur}). Corrigez cet endroit.",
        ) from erreur
    except ValidationError as erreur:
        fautes = fautes_de(erreur)
        phrase = " ; ".join(" : ".join(filter(None, (f["chemin"], f["message"]))) for f in fautes)
        raise Refus(
            Code.DONNEES_INVALIDES, f"Correspondance à corriger — {phrase}. Corrigez le fichier.", fautes=fautes
        ) from erreur


def lire_fichier(code: str) -> Correspondance:
    """The mapping of that code. Raises: Refus DONNEES_INVALIDES when unknown or at fault."""
    fichier = DOSSIER / f"{code}.toml"
    if _CODE.fullmatch(code) is None or not fichier.is_file():
        connues = sorted(f.stem for f in DOSSIER.glob("*.toml"))
        raise Refus(
            Code.DONNEES_INVALIDES,
            f"La correspondance « {code} » n'existe pas. Choisissez parmi : {', '.join(connues)}, "
            "ou écrivez-en une (docs/echange/demarches-simplifiees.md).",
            connues=connues,
        )
    return charger(fichier.read_bytes().decode("utf-8"))


def _faults(regles: Iterable[Regle], modele: type[BaseModel], ou: str) -> Iterator[str]:
    for rang, regle in enumerate(regles):
        ici = f"{ou}[{rang}]"
        if regle.conversion == "piece":
            continue
        try:
            type_ = leaf(modele, regle.vers)
        except ValueError as erreur:
            yield f"{ici}.vers : {erreur}"
            continue
        yield from _conversion_faults(regle, type_, ici)
        if regle.conversion == "repetition" and get_origin(type_) is list:
            yield from _row_faults(regle, element(type_), ici)


def _conversion_faults(regle: Regle, type_: Any, ici: str) -> Iterator[str]:
    produit = {type(valeur) for valeur in regle.choix.values()} or {PRODUIT.get(regle.conversion, str)}
    if produit != {_taken(type_)}:
        permises = [nom for nom in ("texte", "choix", "finess", *PRODUIT) if PRODUIT.get(nom, str) is _taken(type_)]
        yield (
            f"{ici}.conversion : « {regle.conversion} » ne convient pas à « {regle.vers} » ; "
            f"possibles : {en_liste(permises) or 'aucune, visez un champ plus précis'}"
        )
    for valeur in regle.choix.values():
        yield from _value_fault(valeur, type_, f"{ici}.choix")


def _taken(type_: Any) -> Any:
    """Family of values a field takes: words of a closed list are texts too."""
    if get_origin(type_) is list:
        return list
    if isinstance(type_, type) and issubclass(type_, BaseModel):
        return BaseModel
    return type_ if type_ in PRODUIT.values() else str


def _row_faults(regle: Regle, modele: type[BaseModel], ici: str) -> Iterator[str]:
    if modele is PieceRecue:
        if any(une.conversion != "piece" for une in regle.champs) or regle.constantes:
            yield f"{ici}.champs : dans un bloc de pièces, chaque champ est de conversion « piece », sans constante"
        return
    yield from _faults(regle.champs, modele, f"{ici}.champs")
    yield from _constant_faults(regle.constantes, modele, f"{ici}.constantes")
    sous = [une.chemin for une in regle.champs if une.conversion != "piece"]
    yield from (f"{ici}.{phrase}" for phrase in _clashes([*sous, *regle.constantes]))


def _head_faults(entetes: Iterable[Entete]) -> Iterator[str]:
    regles = [Regle(libelle=e.de, vers=e.vers, conversion=e.conversion) for e in entetes]
    return _faults(regles, DossierRecu, "entetes")


def _constant_faults(constantes: Mapping[str, Constante], modele: type[BaseModel], ou: str) -> Iterator[str]:
    for chemin, valeur in constantes.items():
        try:
            type_ = leaf(modele, chemin)
        except ValueError as erreur:
            yield f"{ou}.{chemin} : {erreur}"
        else:
            yield from _value_fault(valeur, type_, f"{ou}.{chemin}")


def _value_fault(valeur: Constante, type_: Any, ici: str) -> Iterator[str]:
    try:
        TypeAdapter(type_).validate_python(valeur)
    except ValidationError as erreur:
        yield f"{ici} : « {valeur} » n'est pas accepté ({fautes_de(erreur)[0]['message']})"


def _clashes(chemins: list[str]) -> Iterator[str]:
    """A field fed twice, or a list fed whole and by its elements. Whole lists add up."""
    for rang, chemin in enumerate(chemins):
        for autre in chemins[:rang]:
            court, long = sorted((chemin, autre), key=len)
            if (court == long and not _is_list(court)) or long.startswith((f"{court}.", f"{court}[")):
                yield f"vers : « {long} » est alimenté deux fois (aussi par « {court} ») ; gardez-en un"


def _is_list(chemin: str) -> bool:
    return chemin in (PIECES, "depenses", "grappe.essms")
