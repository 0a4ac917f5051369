"""The usages of one dossier, ESSMS by ESSMS: those below a target first, the furthest in front, and by how much."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from aap.examen import facts
from aap.models import Dossier
from aap.regles import Indicateur
from instruction.contenu import Usage
from instruction.fiche import measured
from moteur.erreurs import unless_silent
from moteur.texte import INSECABLE, en_liste
from usages.calcul import Cible
from usages.verification import funded, latest, targets_by_essms

POLITIQUES: Mapping[str, str] = {
    "agregee": "Le règlement juge les cibles sur la grappe entière : un ESSMS en dessous ne suffit pas à les manquer.",
    "par_essms": "Le règlement juge chaque ESSMS : un seul en dessous d'une cible suffit à la manquer.",
}
INDECISE = "Le règlement ne dit pas si les cibles se jugent sur la grappe entière ou sur chaque ESSMS."


@dataclass(frozen=True, kw_only=True)
class Case:
    """One indicator of one ESSMS. `cible`: None when the indicator does not apply to it."""

    libelle: str
    cible: Cible | None

    @property
    def manquee(self) -> bool:
        return self.cible is not None and self.cible.atteinte is not True


@dataclass(frozen=True, kw_only=True)
class Etablissement:
    """One ESSMS the aid is for. `cases`: in the order of the rule set; empty when nothing was declared for it."""

    finess: str
    nom: str
    og: str
    cases: list[Case]

    @property
    def manquees(self) -> int:
        return sum(case.manquee for case in self.cases)

    @property
    def a_revoir(self) -> bool:
        return not self.cases or bool(self.manquees)

    @property
    def pire(self) -> Decimal:
        """Its furthest distance, in points; what cannot be computed proves nothing, so is the whole way."""
        distances = [case.cible.distance for case in self.cases if case.cible]
        return max((Decimal(100) if une is None else une for une in distances), default=Decimal(100))


@dataclass(frozen=True, kw_only=True)
class Verification:
    """`a_revoir`: below a target, or without figures; `bons`: the others. `ensemble`: the whole grappe."""

    dossier: Dossier
    mois: date | None
    ensemble: list[Usage]
    politique: str
    colonnes: list[tuple[str, Decimal | None]]
    a_revoir: list[Etablissement]
    bons: list[Etablissement]
    silences: list[str]

    @property
    def phrase(self) -> str:
        """The answer, before the table."""
        total = len(self.a_revoir) + len(self.bons)
        if not self.a_revoir:
            return f"Chacun des {_essms(total)} atteint toutes ses cibles."
        muets = sum(not un.cases for un in self.a_revoir)
        bas = len(self.a_revoir) - muets
        dits = [f"{_essms(bas)} sous au moins une cible"] if bas else []
        dits += [f"{_essms(muets)} sans chiffres"] if muets else []
        return f"{en_liste(dits)}, sur {total}."


def read(dossier: Dossier) -> Verification:
    """`dossier`: with its rules, convention, declarations and their measures, and waivers."""
    silences: list[str] = []
    par_essms = unless_silent(lambda: targets_by_essms(dossier), dict[str, list[Cible]](), silences)
    regles = dossier.aap.regles
    ogs = {og.finess: og.nom or og.finess for og in facts(dossier).ogs}
    lus = [
        Etablissement(
            finess=un.finess, nom=un.nom or un.finess, og=ogs.get(un.og, un.og),
            cases=_cells(regles.usages.indicateurs, par_essms.get(un.finess)),
        )
        for un in funded(dossier)
    ]  # fmt: skip
    declaration, politique = latest(dossier), regles.politiques.evaluation_cibles
    return Verification(
        dossier=dossier,
        mois=declaration.mois if declaration else None,
        ensemble=sorted(measured(dossier, silences), key=lambda usage: usage.cible.atteinte is True),
        politique=POLITIQUES[politique.valeur] if politique else INDECISE,
        colonnes=[(un.libelle, un.cible.valeur if un.cible else None) for un in regles.usages.indicateurs],
        a_revoir=sorted((un for un in lus if un.a_revoir), key=lambda un: (bool(un.cases), -un.pire, un.finess)),
        bons=[un for un in lus if not un.a_revoir],
        silences=list(dict.fromkeys(silences)),
    )


def _cells(indicateurs: Iterable[Indicateur], cibles: Sequence[Cible] | None) -> list[Case]:
    if cibles is None:
        return []
    siennes = {cible.indicateur: cible for cible in cibles}
    return [Case(libelle=un.libelle, cible=siennes.get(un.code)) for un in indicateurs]


def _essms(combien: int) -> str:
    return f"{combien}{INSECABLE}ESSMS"
