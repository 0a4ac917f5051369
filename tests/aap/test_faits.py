"""The snapshot frozen at filing: exact round trip, territory from the ESSMS."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aap.faits import Faits, FaitsEssms, FaitsOg, FaitsOptions, Territoire, territoire
from grappes.categories import Secteur
from grappes.projets import Projet

TEXTES = st.text(max_size=8)
ESSMS = st.builds(
    FaitsEssms,
    finess=TEXTES,
    nom=TEXTES,
    categorie=TEXTES,
    departement=TEXTES,
    region=TEXTES,
    og=TEXTES,
    part_eligible=st.decimals(0, 1),
    sons_logiciel=TEXTES,
    force_l312_1=TEXTES,
)
FAITS = st.builds(
    Faits,
    projet=st.sampled_from(Projet),
    segur=st.booleans(),
    logiciel=TEXTES,
    contrat_signe=st.booleans(),
    financement_ue=TEXTES,
    options=st.builds(FaitsOptions, equipement=st.booleans(), amoa_marche=st.booleans(), amoa_projet=st.booleans()),
    ogs=st.lists(st.builds(FaitsOg, finess=TEXTES, nom=TEXTES, total_essms=st.integers()), max_size=3).map(tuple),
    essms=st.lists(ESSMS, max_size=4).map(tuple),
    og_porteur=TEXTES,
)


def essms(region: str) -> FaitsEssms:
    return FaitsEssms(finess="310000028", nom="", categorie="500", departement="", region=region, og="590799730")


@given(FAITS)
def test_round_trip_through_json_is_exact(faits: Faits) -> None:
    relu = Faits.from_dict(json.loads(json.dumps(faits.as_dict())))
    assert relu == faits
    assert [str(un.part_eligible) for un in relu.essms] == [str(un.part_eligible) for un in faits.essms]


@pytest.mark.parametrize(
    ("regions", "attendu"),
    [
        (["76"], Territoire.METROPOLE),
        (["94", "94"], Territoire.CORSE),
        (["02"], Territoire.OUTRE_MER),
        (["01", "06"], Territoire.OUTRE_MER),
        (["94", "04"], Territoire.OUTRE_MER),
        (["94", "93"], Territoire.METROPOLE),
        (["02", "11"], Territoire.METROPOLE),
        ([], Territoire.METROPOLE),
    ],
)
def test_territory_comes_from_all_the_essms(regions: list[str], attendu: Territoire) -> None:
    assert territoire([essms(region) for region in regions]) is attendu


def test_sector_of_an_unknown_category_is_unknown() -> None:
    assert essms("76").secteur is Secteur.PA
    inconnue = FaitsEssms(finess="1", nom="", categorie="000", departement="", region="", og="")
    assert inconnue.secteur is None


def test_a_part_below_one_marks_a_mixed_service() -> None:
    mixte = FaitsEssms(
        finess="1", nom="", categorie="460", departement="", region="", og="", part_eligible=Decimal("0.78")
    )
    assert mixte.is_mixed
    assert not essms("76").is_mixed
