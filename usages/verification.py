"""The proof of usage of a dossier, recomputed from its declarations."""

from aap.eligibilite import essms_retenus
from aap.examen import facts, waivers
from aap.faits import FaitsEssms
from aap.models import Dossier
from aap.regles import exiger
from usages import calcul
from usages.models import Declaration, EtatDeclaration


def latest(dossier: Dossier) -> Declaration | None:
    """The declaration the ratios are taken on: the latest month not refused, else the last one refused."""
    par_mois = sorted(dossier.declarations.all(), key=lambda une: (une.mois, une.pk))
    valables = [une for une in par_mois if une.etat != EtatDeclaration.REFUSEE]
    return next(reversed(valables or par_mois), None)


def measures(dossier: Dossier, declaration: Declaration) -> list[calcul.Mesure]:
    """Its figures, with the sector of each ESSMS as it was when the dossier was filed."""
    secteurs = {essms.finess: essms.secteur for essms in funded(dossier)}
    return [
        calcul.Mesure(
            finess=mesure.finess,
            secteur=secteurs.get(mesure.finess),
            **{compte: getattr(mesure, compte) for compte in calcul.COMPTES},
        )
        for mesure in declaration.mesures.all()
    ]


def targets(dossier: Dossier) -> list[calcul.Cible]:
    """Each applicable indicator against its target, on the whole grappe; empty before any declaration."""
    declaration = latest(dossier)
    return calcul.evaluer(dossier.aap.regles, measures(dossier, declaration)) if declaration else []


def targets_by_essms(dossier: Dossier) -> dict[str, list[calcul.Cible]]:
    """The same for each ESSMS alone, by FINESS: those whose figures were declared."""
    declaration = latest(dossier)
    return calcul.evaluer_par_essms(dossier.aap.regles, measures(dossier, declaration)) if declaration else {}


def are_targets_met(dossier: Dossier) -> bool:
    """Whether every applicable target is proven, by the policy of the rule set (whole grappe, or each ESSMS)."""
    declaration = latest(dossier)
    if declaration is None or declaration.etat != EtatDeclaration.TRANSMISE:
        return False
    regles = dossier.aap.regles
    mesures = measures(dossier, declaration)
    politique = exiger(regles.politiques.evaluation_cibles, "politiques.evaluation_cibles", regles.code)
    if politique == "par_essms":
        par_essms = calcul.evaluer_par_essms(regles, mesures)
        return bool(par_essms) and all(calcul.cibles_atteintes(cibles) for cibles in par_essms.values())
    return calcul.cibles_atteintes(calcul.evaluer(regles, mesures))


def missing_measures(dossier: Dossier) -> list[str]:
    """FINESS of the funded ESSMS whose figures are not in the draft of the latest month."""
    declaration = latest(dossier)
    mesures = declaration.mesures.all() if declaration and declaration.etat == EtatDeclaration.BROUILLON else []
    declares = {mesure.finess for mesure in mesures}
    return [essms.finess for essms in funded(dossier) if essms.finess not in declares]


def funded(dossier: Dossier) -> tuple[FaitsEssms, ...]:
    """The ESSMS the aid is for."""
    return essms_retenus(facts(dossier), waivers(dossier))
