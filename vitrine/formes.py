"""How a value of a rule set is written for people, and what is said of one that the texts do not give."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from aap.regles import Valeur
from instruction.libelles import COMPTES, SECTEURS
from moteur.texte import INSECABLE, en_euros, en_liste, en_pourcent, en_toutes_lettres
from ui.templatetags.francais import nombre

SILENCE = "Les textes connus ne le disent pas."
CONFIANCES: Mapping[str, str] = {
    "verifie": "vérifié",
    "une_source": "une seule source",
    "a_confirmer": "à confirmer",
}
FORMES: Mapping[str, Callable[[Any], str]] = {
    "essms": lambda valeur: f"{nombre(valeur)}{INSECABLE}ESSMS",
    "euros": lambda valeur: en_euros(Decimal(valeur)),
    "jour": en_toutes_lettres,
    "mesure": lambda valeur: COMPTES[valeur],
    "mois": lambda valeur: f"{nombre(valeur)}{INSECABLE}mois",
    "nombre": lambda valeur: nombre(valeur),
    "oui_non": lambda valeur: "oui" if valeur else "non",
    "part": lambda valeur: f"{nombre(Decimal(valeur) * 100)}{INSECABLE}%",
    "pourcent": lambda valeur: en_pourcent(Decimal(valeur)),
    "secteurs": lambda valeur: en_liste([SECTEURS[un].lower() for un in valeur]),
    "texte": lambda valeur: str(valeur).replace("_", " "),
}


@dataclass(frozen=True, kw_only=True)
class Dite:
    """One rule in words. `source` and `confiance` are empty where the texts are silent (`silence`)."""

    quoi: str
    dit: str
    source: str = ""
    confiance: str = ""

    @property
    def silence(self) -> bool:
        return not self.confiance

    @property
    def a_confirmer(self) -> bool:
        return self.confiance == CONFIANCES["a_confirmer"]


def say(quoi: str, valeur: Valeur[Any] | None, forme: str) -> Dite:
    """What the rule set says on that point, with where it is written and how sure we are."""
    if valeur is None:
        return Dite(quoi=quoi, dit=SILENCE)
    return Dite(
        quoi=quoi,
        dit=FORMES[forme](valeur.valeur),
        source=valeur.source,
        confiance=CONFIANCES[valeur.confiance],
    )
