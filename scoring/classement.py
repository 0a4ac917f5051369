"""Ranking of candidates by points, explained criterion by criterion. Source: regles.md §7.

Exact arithmetic (Fraction): a mean over three evaluators never loses a tie or makes one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from aap.regles import Critere, Grille, exiger
from moteur.erreurs import Code, Refus

DECIMALES = 4
UNIFORME = "uniforme"


@dataclass(frozen=True, kw_only=True)
class Candidat:
    """`notes`: one mapping per evaluator, criterion code to share of its scale, 0 to 1."""

    ref: str
    depose_le: datetime
    notes: tuple[Mapping[str, Decimal], ...]


@dataclass(frozen=True, kw_only=True)
class Classe:
    """A ranked candidate. `points`: per criterion, mean over evaluators × weight; `total`: their sum."""

    rang: int
    ref: str
    depose_le: datetime
    total: Fraction
    points: Mapping[str, Fraction]

    def as_dict(self) -> dict[str, object]:
        """JSON-ready; points shown with four decimals, the order having been decided on the exact ones."""
        return {
            "rang": self.rang,
            "ref": self.ref,
            "total": show_points(self.total),
            "points": {critere: show_points(points) for critere, points in self.points.items()},
        }


def classer(grille: Grille, candidats: Sequence[Candidat]) -> list[Classe]:
    """Best first: points, then earliest filing, then reference. The order of `candidats` plays no part.

    Raises: Refus REGLE_NON_RENSEIGNEE (no weight), EVALUATIONS_INCOMPLETES, DONNEES_INVALIDES.
    """
    _check_candidates(candidats)
    poids = {
        critere.code: Fraction(exiger(critere.poids, f"grille.criteres.{critere.code}.poids"))
        for critere in grille.criteres
    }
    notes = [(candidat, _points(poids, candidat)) for candidat in candidats]
    notes.sort(key=lambda paire: (-sum(paire[1].values()), paire[0].depose_le, paire[0].ref))
    return [
        Classe(
            rang=rang,
            ref=candidat.ref,
            depose_le=candidat.depose_le,
            total=sum(points.values(), Fraction(0)),
            points=points,
        )
        for rang, (candidat, points) in enumerate(notes, start=1)
    ]


def valider_notes(grille: Grille, notes: Mapping[str, str | Decimal]) -> dict[str, Decimal]:
    """One share per criterion, from {"uniforme": x} or one entry per criterion.

    Raises: Refus DONNEES_INVALIDES naming the criterion.
    """
    codes = [critere.code for critere in grille.criteres]
    if set(notes) == {UNIFORME}:
        return dict.fromkeys(codes, _share(UNIFORME, notes[UNIFORME]))
    for inconnu in sorted(set(notes) - set(codes)):
        raise _invalid(inconnu, f"n'est pas dans la grille. Critères : {', '.join(codes)}")
    for critere in grille.criteres:
        if critere.code not in notes:
            raise _missing(critere)
    return {code: _share(code, notes[code]) for code in codes}


def show_points(points: Fraction) -> str:
    """Four decimals, half up."""
    echelle = 10**DECIMALES
    unites = (2 * points.numerator * echelle + points.denominator) // (2 * points.denominator)
    return str(Decimal(unites).scaleb(-DECIMALES))


def _points(poids: Mapping[str, Fraction], candidat: Candidat) -> dict[str, Fraction]:
    for notes in candidat.notes:
        for manquant in sorted(set(poids) - set(notes)):
            raise _invalid(manquant, f"n'est pas noté par chaque évaluateur du dossier {candidat.ref}")
    return {
        critere: valeur * sum(Fraction(notes[critere]) for notes in candidat.notes) / len(candidat.notes)
        for critere, valeur in poids.items()
    }


def _check_candidates(candidats: Sequence[Candidat]) -> None:
    vus: set[str] = set()
    for candidat in candidats:
        if candidat.ref in vus:
            raise Refus(
                Code.DONNEES_INVALIDES,
                f"Le dossier {candidat.ref} figure deux fois dans le classement. Retirez un des deux.",
                dossier=candidat.ref,
            )
        vus.add(candidat.ref)
        if not candidat.notes:
            raise Refus(
                Code.EVALUATIONS_INCOMPLETES,
                f"Le dossier {candidat.ref} n'a aucune évaluation. Faites-le évaluer avant de classer.",
                dossier=candidat.ref,
            )


def _share(critere: str, brut: str | Decimal) -> Decimal:
    if not isinstance(brut, str | Decimal):
        raise _invalid(critere, f'a pour note {brut!r}. Écrivez-la entre guillemets, par exemple "0.8"')
    try:
        note = Decimal(brut)
    except InvalidOperation:
        raise _invalid(critere, f"a pour note « {brut} », qui n'est pas un nombre") from None
    if not note.is_finite() or not 0 <= note <= 1:
        raise _invalid(critere, f"a pour note {brut}. Donnez une part de l'échelle entre 0 et 1")
    if note != note.quantize(Decimal(1).scaleb(-DECIMALES)):
        raise _invalid(critere, f"a pour note {brut}. Arrondissez à {DECIMALES} décimales au plus")
    return note


def _missing(critere: Critere) -> Refus:
    return _invalid(critere.code, f"({critere.libelle}) n'est pas noté. Notez tous les critères")


def _invalid(critere: str, constat: str) -> Refus:
    return Refus(Code.DONNEES_INVALIDES, f"Le critère « {critere} » {constat}.", critere=critere)
