"""What the pages of a usage declaration show: the months, the fields of a step, the grid and what it is worth."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from django.db.models import prefetch_related_objects

from aap.faits import FaitsEssms
from aap.models import Dossier, Etat
from aap.regles import Regles
from aap.saisie import Conflit
from instruction.contenu import Usage
from instruction.libelles import COMPTES as MOTS
from moteur.erreurs import Refus
from usages import calcul
from usages.calcul import COMPTES, Cible
from usages.chiffres import LIBELLES
from usages.saisie import CONTACT, CORRECTION, EXPLICATION, MOIS, Etude
from usages.signalements import Signalement

#: States in which figures were declared, or may be.
DECLARES = frozenset(
    {Etat.EN_DEPLOIEMENT, Etat.EN_VERIFICATION, Etat.CIBLES_ATTEINTES, Etat.SOLDE, Etat.CLOS, Etat.EN_REVERSEMENT}
)
#: ESSMS on a page of the grid: a form may not hold more fields than the site reads.
PAR_PAGE = 50


@dataclass(frozen=True)
class Etape:
    code: str
    titre: str


ETAPES = (
    Etape("identite", "Qui déclare, et quel mois"),
    Etape("etablissements", "Vos établissements"),
    Etape("contact", "Vos coordonnées"),
    Etape("chiffres", "Les chiffres"),
    Etape("validation", "Validation"),
)


@dataclass(frozen=True, kw_only=True)
class Case:
    """One field. `vue`: the value this page was given, sent back with the next one."""

    nom: str
    libelle: str
    valeur: str
    faute: str = ""
    conflit: Conflit | None = None
    nature: str = "texte"
    aide: str = ""

    @property
    def id(self) -> str:
        return f"champ-{self.nom.replace('.', '-')}"

    @property
    def vue(self) -> str:
        return self.conflit.actuelle if self.conflit else self.valeur

    @property
    def affichee(self) -> str:
        """In a conflict, what its writer typed: nothing she wrote is lost."""
        return self.conflit.proposee if self.conflit else self.valeur

    @property
    def type_html(self) -> str:
        return {"courriel": "email", "telephone": "tel"}.get(self.nature, "text")


@dataclass(frozen=True, kw_only=True)
class Ligne:
    """One ESSMS of the grid. `usages`: its indicators, empty until its figures are complete."""

    essms: FaitsEssms
    cases: list[Case]
    usages: list[Usage]


@dataclass(frozen=True, kw_only=True)
class Grille:
    """A page of the grid, and what the whole grappe is worth. `silence`: what the rule set does not say."""

    lignes: list[Ligne]
    ensemble: list[Usage]
    silence: str
    complets: int
    total: int
    page: int
    pages: int

    @property
    def rangs(self) -> range:
        return range(1, self.pages + 1)


@dataclass(frozen=True, kw_only=True)
class AExpliquer:
    """What must be explained of one ESSMS, or of the month, and the field to do it in."""

    titre: str
    signalements: list[Signalement]
    case: Case


def gather(dossier: Dossier) -> None:
    """Bring in one query each what the pages read several times."""
    prefetch_related_objects([dossier], "declarations__mesures", "declarations__recus", "derogations")


def cells(etude: Etude, noms: Mapping[str, str], conflits: Iterable[Conflit] = ()) -> dict[str, Case]:
    """The fields of these names: {name: label}."""
    par_champ = {conflit.champ: conflit for conflit in conflits}
    return {
        nom: Case(
            nom=nom, libelle=libelle, valeur=etude.value(nom), faute=etude.fautes.get(nom, ""),
            conflit=par_champ.get(nom),
        )
        for nom, libelle in noms.items()
    }  # fmt: skip


def contact(etude: Etude, conflits: Iterable[Conflit] = ()) -> list[Case]:
    """Whom to call."""
    par_champ = {conflit.champ: conflit for conflit in conflits}
    return [
        Case(
            nom=champ.nom, libelle=champ.libelle, valeur=etude.value(champ.nom), faute=etude.fautes.get(champ.nom, ""),
            conflit=par_champ.get(champ.nom), nature=champ.nature, aide=champ.aide,
        )
        for champ in CONTACT
    ]  # fmt: skip


def pages_of(etude: Etude) -> int:
    return max(1, ceil(len(etude.essms) / PAR_PAGE))


def shown(etude: Etude, page: int) -> tuple[FaitsEssms, ...]:
    """The ESSMS on that page, from 1."""
    return etude.essms[(page - 1) * PAR_PAGE : page * PAR_PAGE]


def corrections(etude: Etude, page: int, conflits: Iterable[Conflit] = ()) -> list[tuple[FaitsEssms, Case]]:
    """The ESSMS of that page, each with the field of what is to correct."""
    noms = {f"{un.finess}.{CORRECTION}": f"Correction à proposer pour {un.nom}" for un in shown(etude, page)}
    cases = cells(etude, noms, conflits)
    return [(un, cases[f"{un.finess}.{CORRECTION}"]) for un in shown(etude, page)]


def grid(etude: Etude, page: int = 1, conflits: Iterable[Conflit] = (), only: Iterable[str] | None = None) -> Grille:
    """A page of the grid; `only`: the lines of these ESSMS, wherever they are."""
    regles, garder = etude.dossier.aap.regles, None if only is None else set(only)
    essms = shown(etude, page) if garder is None else [un for un in etude.essms if un.finess in garder]
    mesures = {un.finess: _measure(un, etude.complets[un.finess]) for un in etude.essms if un.finess in etude.complets}
    silence: list[str] = []
    lignes = [
        Ligne(
            essms=un,
            cases=list(
                cells(etude, {f"{un.finess}.{compte}": LIBELLES[compte] for compte in COMPTES}, conflits).values()
            ),
            usages=judged(regles, [mesures[un.finess]] if un.finess in mesures else [], silence),
        )
        for un in essms
    ]
    return Grille(
        lignes=lignes,
        ensemble=judged(regles, list(mesures.values()), silence),
        silence=silence[0] if silence else "",
        complets=len(mesures),
        total=len(etude.essms),
        page=page,
        pages=pages_of(etude),
    )


def _measure(essms: FaitsEssms, chiffres: Mapping[str, int]) -> calcul.Mesure:
    comptes: dict[str, Any] = dict(chiffres)
    return calcul.Mesure(finess=essms.finess, secteur=essms.secteur, **comptes)


def judged(regles: Regles, mesures: list[calcul.Mesure], silences: list[str]) -> list[Usage]:
    """The indicators of these figures with their words; the rule set's silence is kept, not raised."""
    return explain(regles, lambda: calcul.evaluer(regles, mesures) if mesures else [], silences)


def explain(regles: Regles, lire: Callable[[], list[Cible]], silences: list[str]) -> list[Usage]:
    """Indicators with the words of their formula."""
    try:
        cibles = lire()
    except Refus as refus:
        silences.append(refus.message)
        return []
    indicateurs = {indicateur.code: indicateur for indicateur in regles.usages.indicateurs}
    usages = []
    for cible in cibles:
        indicateur = indicateurs[cible.indicateur]  # type: ignore[index]
        assert indicateur.numerateur is not None  # a target was computed from both
        assert indicateur.denominateur is not None
        haut, bas = MOTS[indicateur.numerateur.valeur], MOTS[indicateur.denominateur.valeur]
        usages.append(Usage(cible=cible, libelle=indicateur.libelle, haut=haut, bas=bas))
    return usages


def to_explain(etude: Etude) -> list[AExpliquer]:
    """The flags, ESSMS by ESSMS, each group with the field of its explanation."""
    noms = {un.finess: un.nom for un in etude.essms}
    groupes: dict[str, list[Signalement]] = {}
    for signalement in etude.signalements:
        groupes.setdefault(signalement.finess, []).append(signalement)
    return [
        AExpliquer(
            titre=noms.get(finess, "Ce mois"),
            signalements=signalements,
            case=Case(
                nom=f"{finess or MOIS}.{EXPLICATION}", libelle="Votre explication",
                valeur=etude.value(f"{finess or MOIS}.{EXPLICATION}"),
            ),
        )
        for finess, signalements in groupes.items()
    ]  # fmt: skip


def steps_to_fix(etude: Etude) -> list[tuple[str, str, int]]:
    """What is missing or wrong, step by step: (code of the step, its title, how many fields)."""
    champs = [*etude.fautes, *etude.manques]
    au_contact = sum(champ.startswith("contact.") for champ in champs)
    restes = {"contact": au_contact, "chiffres": len(champs) - au_contact}
    return [(etape.code, etape.titre, restes[etape.code]) for etape in ETAPES if restes.get(etape.code)]
