"""A value of a text: what it says, where it is written, how sure we are."""

from typing import Annotated, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, StringConstraints

from moteur.erreurs import Code, Refus

T = TypeVar("T")

Confiance = Literal["verifie", "une_source", "a_confirmer"]
Texte = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Section(BaseModel):
    """Base of every part of a rule set: closed (an unknown key is an error) and immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Valeur(Section, Generic[T]):
    """One value of the texts, with its source and its confidence."""

    valeur: T
    source: Texte
    confiance: Confiance


def exiger(valeur: Valeur[T] | None, chemin: str, reglement: str = "") -> T:
    """The value, or a refusal: what the texts do not give is never replaced by a default.

    Raises: Refus REGLE_NON_RENSEIGNEE, details {"regle": chemin, "reglement": code of the rule set}.
    """
    if valeur is not None:
        return valeur.valeur
    ou = f"le règlement {reglement}" if reglement else "ce règlement"
    raise Refus(
        Code.REGLE_NON_RENSEIGNEE,
        f"La règle « {chemin} » n'est pas renseignée dans {ou} : aucun texte connu ne la donne. "
        "Faites-la compléter et publier par l'administrateur des règlements avant de recommencer.",
        regle=chemin,
        reglement=reglement,
    )
