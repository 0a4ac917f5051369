"""The GRADeS gives its opinion, by axis of risk."""

import pytest

from accompagnement.models import AvisGrades, Axe, Niveau
from moteur.erreurs import Code, Refus
from tests.fabriques import agir, amener, campagne

pytestmark = pytest.mark.django_db


def give(**donnees: object) -> AvisGrades:
    dossier = amener(campagne().dossier("D1"), "en_instruction")
    agir(dossier, "donner_avis_grades", "conseiller_grades", jour="2022-04-13", **donnees)
    return AvisGrades.objects.get(dossier=dossier)


def test_one_level_for_every_axis() -> None:
    assert give(avis="favorable", risques={"uniforme": "modere"}).risques == dict.fromkeys(Axe.values, "modere")


def test_an_axis_left_out_is_not_evaluated() -> None:
    risques = give(avis="reserve", risques={"achat": "fort"}).risques
    assert risques == dict.fromkeys(Axe.values, Niveau.NON_EVALUE.value) | {"achat": "fort"}
    assert len(risques) == 5


def test_without_risks() -> None:
    avis = give(avis="defavorable")
    assert set(avis.risques.values()) == {"non_evalue"}
    assert str(avis) == "avis défavorable sur D1"


@pytest.mark.parametrize(
    "donnees",
    [
        {},
        {"avis": "mitigé"},
        {"avis": "favorable", "risques": {"meteo": "fort"}},
        {"avis": "favorable", "risques": {"achat": "énorme"}},
        {"avis": "favorable", "risques": {"uniforme": "fort", "achat": "fort"}},
        {"avis": "favorable", "risques": ["fort"]},
    ],
)
def test_opinion_that_is_not_one(donnees: dict[str, object]) -> None:
    with pytest.raises(Refus) as refus:
        give(**donnees)
    assert refus.value.code is Code.DONNEES_INVALIDES
    assert not AvisGrades.objects.exists()


@pytest.mark.parametrize("qui", ["instructeur", "porteur", "responsable"])
def test_only_an_adviser(qui: str) -> None:
    dossier = amener(campagne().dossier("D1"), "en_instruction")
    with pytest.raises(Refus) as refus:
        agir(dossier, "donner_avis_grades", qui, jour="2022-04-13", avis="favorable")
    assert refus.value.code is Code.ROLE_INTERDIT


def test_a_new_opinion_adds_to_the_former() -> None:
    dossier = amener(campagne().dossier("D1"), "en_instruction")
    for avis in ("reserve", "favorable"):
        agir(dossier, "donner_avis_grades", "conseiller_grades", jour="2022-04-13", avis=avis)
    assert list(AvisGrades.objects.values_list("avis", flat=True)) == ["reserve", "favorable"]
