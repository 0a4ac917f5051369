"""The fields people fill in: their shape, what is wrong with an answer, what is missing. Pure.

The forms are data (fixtures/formulaires/): a section repeated per OG names its fields "310000010.postes".
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any, Literal

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from pydantic import BaseModel, ConfigDict

from aap.models.saisie import Section
from moteur.erreurs import Code, Refus
from moteur.signature import ANNEES

DOSSIER = Path(__file__).resolve().parents[1] / "fixtures" / "formulaires"
Nature = Literal[
    "texte", "texte_long", "oui_non", "case", "choix", "date", "entier", "montant", "courriel", "telephone"
]
Saisies = Mapping[str, Mapping[str, Any]]


class Champ(BaseModel):
    """One question. `colonne`: the column of the dossier its answer decides, if any.

    `propre`: the answer of one OG says nothing of another's, a count for instance: never taken up (aap.reprise).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    nom: str
    libelle: str
    nature: Nature
    aide: str = ""
    choix: dict[str, str] = {}
    longueur: int = 200
    obligatoire: bool = False
    colonne: str = ""
    propre: bool = False

    @property
    def reponses(self) -> dict[str, str]:
        """The answers to choose from: value → words; empty when the answer is typed."""
        return {"oui": "Oui", "non": "Non"} if self.nature == "oui_non" else self.choix


class Formulaire(BaseModel):
    """A section. `par`: repeated for each OG, or each small one. `piece`: the document that it stands for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    titre: str
    par: Literal["", "og", "petit_og"] = ""
    piece: str = ""
    champs: tuple[Champ, ...]


@dataclass(frozen=True)
class Manque:
    """A required answer that is not there, or not right: which field, in whose words."""

    champ: str
    libelle: str
    raison: str


@cache
def form(section: Section) -> Formulaire:
    """The form of a section."""
    with (DOSSIER / f"{section.value}.toml").open("rb") as fichier:
        return Formulaire.model_validate(tomllib.load(fichier))


def field_of(section: Section, nom: str) -> Champ:
    """The field of that name, whatever OG it is asked of. Raises: Refus DONNEES_INVALIDES."""
    formulaire = form(section)
    court = nom.partition(".")[2] if formulaire.par else nom
    for champ in formulaire.champs:
        if champ.nom == court:
            return champ
    raise Refus(Code.DONNEES_INVALIDES, f"La section « {section.label} » n'a pas de champ « {nom} ».", champ=nom)


def check(section: Section, saisies: Saisies) -> dict[str, str]:
    """{field: sentence} for each answer typed that cannot be understood."""
    fautes = {}
    for nom, saisie in saisies.items():
        try:
            parse(field_of(section, nom), saisie["valeur"])
        except ValueError as erreur:
            fautes[nom] = str(erreur)
    return fautes


def columns(section: Section, saisies: Saisies) -> dict[str, Any]:
    """Columns of the dossier that the answers decide, those understood: {column: value}."""
    lues = {}
    for champ in form(section).champs:
        if champ.colonne and champ.nom in saisies:
            try:
                valeur = parse(champ, saisies[champ.nom]["valeur"])
            except ValueError:
                continue
            if valeur is not None:
                lues[champ.colonne] = valeur
    return lues


def missing(section: Section, saisies: Saisies, ogs: Iterable[str] = ("",)) -> list[Manque]:
    """What is still to answer, or to answer better. `ogs`: whom a repeated section is asked of."""
    formulaire = form(section)
    manques = []
    for og in ogs if formulaire.par else ("",):
        for champ in formulaire.champs:
            nom = f"{og}.{champ.nom}" if og else champ.nom
            try:
                valeur = parse(champ, saisies.get(nom, {"valeur": ""})["valeur"])
            except ValueError as erreur:
                manques.append(Manque(nom, champ.libelle, str(erreur)))
                continue
            if (
                champ.obligatoire
                and valeur in (None, "", False)
                and not (champ.nature == "oui_non" and valeur is False)
            ):
                manques.append(Manque(nom, champ.libelle, _to_fill(champ)))
    return manques


def parse(champ: Champ, texte: str) -> Any:
    """The answer as a value; None when blank. Raises: ValueError with the French sentence to show."""
    texte = texte.strip()
    if not texte:
        return "" if champ.nature in ("texte", "texte_long") else None
    return _LECTURES[champ.nature](champ, texte)


def _to_fill(champ: Champ) -> str:
    if champ.nature == "case":
        return "Cochez cette case pour déposer le dossier."
    return "Répondez par oui ou par non." if champ.nature == "oui_non" else "Répondez à cette question."


def _text(champ: Champ, texte: str) -> str:
    if len(texte) > champ.longueur:
        raise ValueError(f"{len(texte)} caractères : {champ.longueur} au plus. Raccourcissez votre réponse.")
    return texte


def _choice(champ: Champ, texte: str) -> str:
    if texte not in champ.choix:
        raise ValueError("Choisissez l'une des réponses proposées.")
    return texte


def _yes_no(champ: Champ, texte: str) -> bool:
    if texte not in ("oui", "non"):
        raise ValueError("Répondez par oui ou par non.")
    return texte == "oui"


def _ticked(champ: Champ, texte: str) -> bool:
    return texte == "oui"


def _day(champ: Champ, texte: str) -> date:
    ecrite = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", texte)
    try:
        jour = date(*(int(part) for part in reversed(ecrite.groups()))) if ecrite else date.fromisoformat(texte)
    except ValueError:
        raise ValueError(f"« {texte} » n'est pas une date. Écrivez-la comme 31/12/2026.") from None
    if not ANNEES[0] <= jour.year <= ANNEES[1]:
        raise ValueError(f"L'année {jour.year} est sans doute une faute de frappe. Écrivez la date comme 31/12/2026.")
    return jour


def _integer(champ: Champ, texte: str) -> int:
    chiffres = re.sub(r"\s", "", texte)
    if not re.fullmatch(r"\d{1,6}", chiffres):
        raise ValueError(f"« {texte} » n'est pas un nombre entier. Écrivez par exemple 12.")
    return int(chiffres)


def _amount(champ: Champ, texte: str) -> Decimal:
    ecrit = re.sub(r"[\s€]", "", texte).replace(",", ".")
    try:
        montant = Decimal(ecrit) if re.fullmatch(r"\d{1,10}(\.\d{1,2})?", ecrit) else None
    except InvalidOperation:
        montant = None
    if montant is None:
        raise ValueError(f"« {texte} » n'est pas un montant. Écrivez-le en euros et centimes, par exemple 12 500,00.")
    return montant.quantize(Decimal("0.01"))


def _email(champ: Champ, texte: str) -> str:
    try:
        validate_email(texte)
    except ValidationError:
        raise ValueError(f"« {texte} » n'est pas une adresse. Écrivez-la comme prenom.nom@association.fr.") from None
    return texte


def _phone(champ: Champ, texte: str) -> str:
    chiffres = re.sub(r"[\s.\-()]", "", texte)
    if not re.fullmatch(r"(\+\d{8,14}|0\d{9})", chiffres):
        raise ValueError(f"« {texte} » n'est pas un numéro de téléphone. Écrivez dix chiffres, ou +33 et la suite.")
    return chiffres


_LECTURES: Mapping[str, Callable[[Champ, str], Any]] = {
    "texte": _text,
    "texte_long": _text,
    "choix": _choice,
    "oui_non": _yes_no,
    "case": _ticked,
    "date": _day,
    "entier": _integer,
    "montant": _amount,
    "courriel": _email,
    "telephone": _phone,
}
