"""The evaluations of a dossier as its page shows them: sealed, or criterion by criterion with their spread."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from aap.models import Dossier
from instruction.regard import Regard
from moteur.texte import INSECABLE
from scoring.lecture import are_sealed
from scoring.models import Evaluation

CENT = 100


@dataclass(frozen=True, kw_only=True)
class Critere:
    """One line: each evaluator's mark in percent of the scale, None where she gave none; `ecart` in points."""

    libelle: str
    notes: list[Decimal | None]
    ecart: Decimal


@dataclass(frozen=True, kw_only=True)
class Marques:
    """`requises`: None where the rule set does not say; `criteres`: empty while sealed."""

    evaluations: list[Evaluation]
    requises: int | None
    scellees: bool
    mienne: bool
    criteres: list[Critere]
    phrase: str


def read(dossier: Dossier, evaluations: Sequence[Evaluation], regard: Regard) -> Marques | None:
    """What this reader sees of them; None for who is not of the house. No query."""
    if not regard.interne:
        return None
    regles = dossier.aap.regles.instruction.evaluations_requises
    scellees = regard.deport or are_sealed(dossier, evaluations, regard.lecteur.pk, regard.roles)
    criteres = [] if scellees else _criteria(dossier, evaluations)
    requises = regles.valeur if regles else None
    return Marques(
        evaluations=list(evaluations),
        requises=requises,
        scellees=scellees,
        mienne=any(une.evaluateur_id == regard.lecteur.pk for une in evaluations),
        criteres=criteres,
        phrase=_sentence(len(evaluations), requises, criteres),
    )


def _criteria(dossier: Dossier, evaluations: Sequence[Evaluation]) -> list[Critere]:
    grille = dossier.aap.regles.grille
    connus = {critere.code: critere.libelle for critere in grille.criteres} if grille else {}
    notes = [une.notes for une in evaluations]
    codes = [*connus, *sorted({code for unes in notes for code in unes} - connus.keys())]
    return [_criterion(connus.get(code, code), [unes.get(code) for unes in notes]) for code in codes if notes]


def _criterion(libelle: str, parts: Sequence[str | None]) -> Critere:
    notes = [None if part is None else Decimal(part) * CENT for part in parts]
    donnees = [note for note in notes if note is not None]
    ecart = max(donnees) - min(donnees) if donnees else Decimal(0)
    return Critere(libelle=libelle, notes=notes, ecart=ecart)


def _sentence(rendues: int, requises: int | None, criteres: Sequence[Critere]) -> str:
    sur = f" sur {requises}" if requises else ""
    mot = "évaluations rendues" if rendues > 1 else "évaluation rendue"
    debut = f"{rendues}{INSECABLE}{mot}{sur}"
    donnees = [note for critere in criteres for note in critere.notes if note is not None]
    if not donnees:
        return f"{debut}."
    moyenne = round(Fraction(sum(donnees)) / len(donnees))
    phrase = f"{debut} : {moyenne}{INSECABLE}% de l'échelle en moyenne simple"
    large = max(criteres, key=lambda critere: critere.ecart)
    if rendues < 2:
        return f"{phrase}."
    if not large.ecart:
        return f"{phrase}, sans aucun écart."
    points = f"{large.ecart.normalize():f}".replace(".", ",")
    return f"{phrase}, {points}{INSECABLE}points d'écart au plus ({large.libelle})."
