"""What a list may be sorted by, and where its next page starts: never by counting rows from the first."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import BooleanField, F, Func, Q, QuerySet, Value


@dataclass(frozen=True)
class Ordre:
    """A column of `Parcours` or what `told_to` adds, never NULL, indexed with the key. `lire`: its value in a mark."""

    champ: str
    lire: Any = str


#: By name in the address; "-" before it reverses.
ORDRES: Mapping[str, Ordre] = {
    "echeance": Ordre("limite_lue", date.fromisoformat),
    "reference": Ordre("reference"),
    "porteur": Ordre("porteur"),
    "essms": Ordre("essms", int),
    "etat": Ordre("rang", int),
    "aide": Ordre("aide_tri", Decimal),
    "depot": Ordre("depose_tri", date.fromisoformat),
}
HABITUEL = "echeance"


@dataclass(frozen=True, kw_only=True)
class Repere:
    """A mark between two pages: what was sorted by and the key of the last row seen, and which way to go on."""

    valeur: Any
    pk: int
    avant: bool = False

    def __str__(self) -> str:
        brut = json.dumps([str(self.valeur), self.pk, int(self.avant)], ensure_ascii=False)
        return base64.urlsafe_b64encode(brut.encode()).decode().rstrip("=")


class Apres(Func):
    """(a, b) > (c, d): compared as rows, so that PostgreSQL starts its index there, however many share one value."""

    output_field = BooleanField()

    def __init__(self, *valeurs: Any, descend: bool) -> None:
        super().__init__(*valeurs)
        self.descend = descend

    def as_sql(self, compiler: Any, connection: Any, **contexte: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        lus = [compiler.compile(un) for un in self.get_source_expressions()]
        a, b, c, d = (sql for sql, _ in lus)
        signe = "<" if self.descend else ">"
        return f"({a}, {b}) {signe} ({c}, {d})", [valeur for _, valeurs in lus for valeur in valeurs]


def read_mark(texte: str, tri: str) -> Repere | None:
    """The mark of an address, None when it is none: the first page then."""
    try:
        valeur, pk, avant = json.loads(base64.urlsafe_b64decode(texte + "=" * (-len(texte) % 4)))
        return Repere(valeur=ORDRES[tri.removeprefix("-")].lire(valeur), pk=int(pk), avant=bool(avant))
    except (ValueError, TypeError, ArithmeticError):
        return None


def page(lignes: "QuerySet[Any]", tri: str, repere: Repere | None, taille: int) -> tuple[list[Any], str, str]:
    """One page of `lignes`, and the marks of the pages before and after it; empty where there is none."""
    champ, sens = ORDRES[tri.removeprefix("-")].champ, tri.startswith("-")
    recule = repere is not None and repere.avant
    descend = sens is not recule
    if repere is not None:
        lignes = lignes.filter(_beyond(champ, repere, descend=descend))
    prefixe = "-" if descend else ""
    trouvees = list(lignes.order_by(f"{prefixe}{champ}", f"{prefixe}pk")[: taille + 1])
    encore, trouvees = len(trouvees) > taille, trouvees[:taille]
    if recule:
        trouvees.reverse()
    if not trouvees:
        return [], "", ""
    precedente = str(_mark(trouvees[0], champ, avant=True)) if (encore if recule else repere is not None) else ""
    suivante = str(_mark(trouvees[-1], champ, avant=False)) if (recule or encore) else ""
    return trouvees, precedente, suivante


def _mark(ligne: Any, champ: str, *, avant: bool) -> Repere:
    return Repere(valeur=getattr(ligne, champ), pk=ligne.pk, avant=avant)


def _beyond(champ: str, repere: Repere, *, descend: bool) -> Q:
    """Rows past the mark."""
    return Q(Apres(F(champ), F("pk"), Value(repere.valeur), Value(repere.pk), descend=descend))
