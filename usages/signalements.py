"""What makes a person review a declaration by hand, and nothing else does. Pure. Source: systemes.md §3."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction

from moteur.texte import MOIS, cite, soigner
from usages.chiffres import LIBELLES

SEUIL = Fraction(20, 100)
#: Counted over the whole period of a declaration, which is longer for the first one: compared month for month.
CUMULES = frozenset({"messages_mss", "dmp_alimentes"})
EFFECTIF = "personnes"


class Motif(StrEnum):
    IDENTIFICATION = "identification"
    EFFECTIF = "effectif"
    VARIATION = "variation"
    DEJA_DECLARE = "deja_declare"


@dataclass(frozen=True, kw_only=True)
class Releve:
    """The figures of a month, by FINESS ET then count. `duree`: months of messages and documents they add up."""

    mois: date
    duree: int
    chiffres: Mapping[str, Mapping[str, int]]
    corrections: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Signalement:
    """One thing to explain. `finess`: empty when it is about the whole month; `compte`: empty when about no count."""

    motif: Motif
    phrase: str
    finess: str = ""
    compte: str = ""


def flag(releve: Releve, precedent: Releve | None, *, deja_declare: bool) -> list[Signalement]:
    """All that must be explained in these figures, by ESSMS; one never declared before varies from nothing."""
    signalements = []
    if deja_declare:
        phrase = f"Une déclaration existe déjà pour {_month(releve.mois)} : celle-ci la remplacera."
        signalements.append(Signalement(motif=Motif.DEJA_DECLARE, phrase=phrase))
    for finess in sorted({*releve.chiffres, *releve.corrections}):
        signalements += _of_essms(finess, releve, precedent)
    return signalements


def _of_essms(finess: str, releve: Releve, precedent: Releve | None) -> Iterator[Signalement]:
    if correction := releve.corrections.get(finess, "").strip():
        phrase = f"Vous proposez de corriger ses données d'identification : {cite(correction)}."
        yield Signalement(motif=Motif.IDENTIFICATION, finess=finess, phrase=soigner(phrase))
    avant = precedent.chiffres.get(finess) if precedent else None
    if avant is None or precedent is None:
        return
    for compte, nombre in releve.chiffres.get(finess, {}).items():
        if compte == EFFECTIF:
            if nombre != avant[compte]:
                phrase = f"{LIBELLES[compte]} : {nombre}, contre {avant[compte]} en {_month(precedent.mois)}."
                yield Signalement(motif=Motif.EFFECTIF, finess=finess, compte=compte, phrase=soigner(phrase))
        elif phrase := _variation(compte, nombre, releve, avant[compte], precedent):
            yield Signalement(motif=Motif.VARIATION, finess=finess, compte=compte, phrase=soigner(phrase))


def _variation(compte: str, nombre: int, releve: Releve, avant: int, precedent: Releve) -> str:
    """The sentence on a figure that varies by more than the threshold; empty for the others."""
    ici = Fraction(nombre, releve.duree if compte in CUMULES else 1)
    la = Fraction(avant, precedent.duree if compte in CUMULES else 1)
    if abs(ici - la) <= SEUIL * la:
        return ""
    moyenne = " en moyenne mensuelle" if compte in CUMULES and releve.duree != precedent.duree else ""
    depuis = f"par rapport à {_month(precedent.mois)}{moyenne} ({nombre} contre {avant})"
    if not la:
        return f"{LIBELLES[compte]} : {nombre}, contre aucun en {_month(precedent.mois)}."
    return f"{LIBELLES[compte]} : {_percent((ici - la) / la)} {depuis}."


def _percent(part: Fraction) -> str:
    """+27 %, −26,7 %: to the tenth, without a useless zero."""
    exact = Decimal(part.numerator) * 100 / Decimal(part.denominator)
    dixiemes = abs(exact).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
    return f"{'−' if part < 0 else '+'}{f'{dixiemes:f}'.removesuffix('.0').replace('.', ',')} %"


def _month(mois: date) -> str:
    return f"{MOIS[mois.month - 1]} {mois.year}"
