"""Condition on the software at signature. Source: regles.md E19."""

import pytest

from aap.regles import charger, lire_fichier
from conventions.conditions import solution_signable
from grappes.categories import Secteur
from moteur.erreurs import Code, Refus

R2025B = charger(lire_fichier("esms-2025-b"))


@pytest.mark.parametrize(
    ("statut", "signable"),
    [("candidate_referencement", True), ("referencee", True), ("none", False), ("", False)],
)
def test_ahi_covered_by_sons_needs_at_least_a_candidate(statut: str, signable: bool) -> None:
    resultat = solution_signable(R2025B, [Secteur.AHI], statut)
    assert resultat.signable is signable
    assert bool(resultat.motif) is not signable
    assert resultat.cibles_exigees == ("DUI", "MSS", "DMP")


def test_ahi_outside_sons_is_freed_from_mss_and_dmp() -> None:
    resultat = solution_signable(R2025B, [Secteur.AHI], "none", eligible_sons=False)
    assert resultat.signable
    assert resultat.cibles_exigees == ("DUI",)


@pytest.mark.parametrize(("code", "secteur"), [("esms-2025-b", Secteur.PA), ("esms-2022", Secteur.AHI)])
def test_silence_of_the_texts_is_refused(code: str, secteur: Secteur) -> None:
    with pytest.raises(Refus) as refus:
        solution_signable(charger(lire_fichier(code)), [secteur], "referencee")
    assert refus.value.code is Code.REGLE_NON_RENSEIGNEE
