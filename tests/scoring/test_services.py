"""Marks rendered by people, and the ranking of a call whose grid has weights."""

import re

import pytest

from aap.models import Aap, Reglement
from aap.regles import empreinte, lire_fichier
from moteur import horloge
from moteur.erreurs import Code, Refus
from scoring.models import Evaluation
from scoring.services import rank
from tests.fabriques import agir, amener, campagne, personne

pytestmark = pytest.mark.django_db

CRITERES = ["equilibre_territorial", "equilibre_sectoriel", "mixite_des_tailles"]


def weigh(aap: Aap, *poids: int) -> Aap:
    """The same call under a rule set whose criteria have these weights."""
    texte = lire_fichier("esms-2022")
    for code, valeur in zip(CRITERES, poids, strict=True):
        ligne = f'poids = {{ valeur = {valeur}, source = "Essai", confiance = "a_confirmer" }}'
        texte, trouves = re.subn(rf'(code = "{code}"\n)', rf"\1{ligne}\n", texte)
        assert trouves == 1
    aap.reglement = Reglement.objects.create(
        code="esms-2022", texte=texte, empreinte=empreinte(texte), publie_le=horloge.maintenant()
    )
    aap.save()
    return aap


@pytest.mark.parametrize("notes", [{"uniforme": "0.8"}, dict.fromkeys(CRITERES, "0.8"), {"uniforme": 0.8}])
def test_marks_are_kept_per_criterion(notes: dict[str, str]) -> None:
    dossier = amener(campagne().dossier("D1"), "en_instruction")
    agir(dossier, "evaluer", "instructeur", jour="2022-04-12", notes=notes)
    evaluation = Evaluation.objects.get(dossier=dossier)
    assert evaluation.notes == dict.fromkeys(CRITERES, "0.8")
    assert evaluation.evaluateur == personne("instructeur")


@pytest.mark.parametrize(
    "notes",
    [
        {},
        {"uniforme": "1.01"},
        {"uniforme": "-0.1"},
        {"uniforme": "bien"},
        {"beaute": "1"},
        {CRITERES[0]: "1"},
        [],
        None,
    ],
)
def test_marks_that_are_not(notes: object) -> None:
    dossier = amener(campagne().dossier("D1"), "en_instruction")
    with pytest.raises(Refus) as refus:
        agir(dossier, "evaluer", "instructeur", jour="2022-04-12", notes=notes)
    assert refus.value.code is Code.DONNEES_INVALIDES
    assert not Evaluation.objects.exists()


def test_one_may_correct_her_own_until_the_end_of_the_instruction() -> None:
    dossier = amener(campagne().dossier("D1"), "en_instruction")
    for note in ("0.2", "0.9"):
        agir(dossier, "evaluer", "instructeur", jour="2022-04-12", notes={"uniforme": note})
    assert Evaluation.objects.get(dossier=dossier).notes[CRITERES[0]] == "0.9"
    amener(dossier, "instruit")
    with pytest.raises(Refus) as refus:
        agir(dossier, "evaluer", "instructeur", jour="2022-04-15", notes={"uniforme": "1"})
    assert refus.value.code is Code.TRANSITION_INTERDITE


def test_without_weights_nobody_ranks() -> None:
    camp = campagne()
    amener(camp.dossier("D1"), "instruit")
    with pytest.raises(Refus) as refus:
        rank(camp.aap)
    assert refus.value.code is Code.REGLE_NON_RENSEIGNEE
    assert "poids" in refus.value.message


def test_best_first_among_those_awaiting_a_decision() -> None:
    camp = campagne(dossiers=4)
    weigh(camp.aap, 10, 10, 20)
    for ref, note in (("D1", "0.2"), ("D2", "0.9"), ("D3", "0.5")):
        dossier = amener(camp.dossier(ref), "en_instruction")
        for qui in ("instructeur", "instructeur:b"):
            agir(dossier, "evaluer", qui, jour="2022-04-12", notes={"uniforme": note})
        agir(dossier, "donner_avis_grades", "conseiller_grades", jour="2022-04-13", avis="favorable")
        agir(dossier, "cloturer_instruction", "instructeur", jour="2022-04-14")
    amener(camp.dossier("D4"), "depose")
    assert [classe.ref for classe in rank(camp.aap)] == ["D2", "D3", "D1"]
    agir(camp.dossier("D2"), "abandonner", "porteur", jour="2022-04-15", motif="Retrait.")
    assert [classe.ref for classe in rank(camp.aap)] == ["D3", "D1"]
