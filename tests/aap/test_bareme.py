"""Aid computation. Source: regles.md §2."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aap.bareme import Financement, calculer, calculer_dossier
from aap.faits import Faits, FaitsEssms, FaitsOg, FaitsOptions
from aap.regles import ModeSeuil, charger, exiger, lire_fichier
from grappes.finess import with_key
from grappes.projets import Projet
from moteur.argent import moities
from moteur.erreurs import Code, Refus
from moteur.texte import en_euros

R2022 = charger(lire_fichier("esms-2022"))
PARTS = st.lists(st.decimals(0, 1, places=4), min_size=1, max_size=80)
TOUT = FaitsOptions(equipement=True, amoa_marche=True, amoa_projet=True)


def compute(n: int = 15, **autres: Any) -> Financement:
    arguments: dict[str, Any] = {
        "projet": Projet.ACQUISITION,
        "segur": True,
        "parts": [Decimal(1)] * n,
        "petits_og": 0,
        "options": FaitsOptions(),
    }
    return calculer(autres.pop("regles", R2022), **{**arguments, **autres})


def dossier(tailles: Sequence[tuple[int, int]], options: FaitsOptions = TOUT) -> Faits:
    """A grappe of OGs given as (ESSMS brought, ESSMS in all)."""
    ogs = tuple(
        FaitsOg(finess=with_key(f"3100{rang:04d}"), nom="", total_essms=total)
        for rang, (_, total) in enumerate(tailles)
    )
    essms = tuple(
        FaitsEssms(
            finess=with_key(f"31{100 + rang}{i:03d}"),
            nom="",
            categorie="500",
            departement="31",
            region="76",
            og=ogs[rang].finess,
        )
        for rang, (apportes, _) in enumerate(tailles)
        for i in range(apportes)
    )
    return Faits(
        projet=Projet.ACQUISITION,
        segur=True,
        options=options,
        ogs=ogs,
        essms=essms,
        og_porteur=ogs[0].finess,
    )


@given(
    parts=PARTS,
    projet=st.sampled_from(Projet),
    segur=st.booleans(),
    mode=st.sampled_from(ModeSeuil),
    petits=st.booleans(),
    options=st.builds(FaitsOptions, equipement=st.booleans(), amoa_marche=st.booleans(), amoa_projet=st.booleans()),
)
def test_total_is_the_sum_of_its_lines_and_of_its_halves(
    parts: list[Decimal], projet: Projet, segur: bool, mode: ModeSeuil, petits: bool, options: FaitsOptions
) -> None:
    financement = compute(
        parts=parts,
        projet=projet,
        segur=segur,
        mode=mode,
        petits_og=len(parts) if petits else 0,
        options=options,
    )
    postes = (
        financement.usage,
        financement.logiciel,
        financement.equipement,
        financement.amoa_marche,
        financement.amoa_projet,
    )
    assert financement.total == sum(postes) == sum(ligne.montant for ligne in financement.lignes)
    part = exiger(R2022.versements.premiere_part, "versements.premiere_part")
    assert sum(moities(financement.total, part)) == financement.total
    assert all(ligne.montant == ligne.montant.quantize(Decimal("0.01")) for ligne in financement.lignes)


@given(st.integers(1, 120), st.sampled_from(Projet), st.booleans())
def test_readings_agree_below_the_threshold_only(n: int, projet: Projet, segur: bool) -> None:
    totaux = {compute(n, projet=projet, segur=segur, mode=mode).total for mode in ModeSeuil}
    paye = projet is Projet.ACQUISITION or segur
    assert (len(totaux) == 3) is (n >= 50 and paye)


def test_default_reading_is_the_literal_one() -> None:
    assert compute(64) == compute(64, mode=ModeSeuil.RANG_50_REDUIT)
    assert compute(50).total - compute(49).total == 5000


def test_warning_from_50_on_shows_the_other_readings() -> None:
    assert compute(49).avertissements == ()
    (texte,) = compute(64).avertissements
    assert en_euros(Decimal("1145000.00")) in texte
    assert en_euros(Decimal("1123500.00")) in texte


def test_warning_counts_the_extras_in_the_other_totals() -> None:
    financement = compute(64, petits_og=3, options=FaitsOptions(equipement=True))
    assert en_euros(Decimal("1205000.00")) in financement.avertissements[0]


def test_equipment_without_small_og_is_zero_and_said() -> None:
    financement = compute(options=FaitsOptions(equipement=True, amoa_projet=True))
    assert financement.equipement == financement.amoa_projet == 0
    assert len(financement.avertissements) == 2


def test_amoa_of_a_mixed_grappe_is_not_decided() -> None:
    with pytest.raises(Refus) as refus:
        compute(petits_og=6, options=FaitsOptions(amoa_projet=True))
    assert refus.value.code is Code.REGLE_NON_RENSEIGNEE
    assert refus.value.details["regle"] == "bareme.petits_og.amoa_grappe_mixte"


def test_amoa_marche_is_for_acquisitions_only() -> None:
    financement = compute(8, projet=Projet.MONTEE_DE_VERSION, petits_og=8, options=FaitsOptions(amoa_marche=True))
    assert financement.amoa_marche == 0
    assert any("AMOA marché" in texte for texte in financement.avertissements)


def test_upgrade_of_an_unreferenced_software_gets_nothing() -> None:
    financement = compute(projet=Projet.MONTEE_DE_VERSION, segur=False)
    assert financement.total == 0
    assert any("non référencé" in texte for texte in financement.avertissements)


def test_amounts_of_46_unreferenced() -> None:
    financement = compute(46, segur=False)
    assert financement.usage == 322000
    assert financement.logiciel == 552000
    assert financement.total == 874000


def test_prorata_is_rounded_once_per_line() -> None:
    parts = [Decimal("0.3333"), Decimal("0.3333"), Decimal("0.3334")]
    financement = compute(parts=parts)
    assert (financement.usage, financement.logiciel) == (Decimal("7000.00"), Decimal("14500.00"))
    tiers = compute(parts=[Decimal("0.333335")])
    assert tiers.logiciel == Decimal("4833.36")


@pytest.mark.parametrize("part", ["-0.1", "1.0001", "NaN", "Infinity"])
def test_share_outside_0_to_1_is_bad_input(part: str) -> None:
    with pytest.raises(Refus) as refus:
        compute(parts=[Decimal(part)])
    assert refus.value.code is Code.DONNEES_INVALIDES


@pytest.mark.parametrize("petits", [-1, 16])
def test_small_og_essms_are_among_the_essms(petits: int) -> None:
    with pytest.raises(Refus) as refus:
        compute(15, petits_og=petits)
    assert refus.value.code is Code.DONNEES_INVALIDES


def test_no_essms_no_aid_and_said() -> None:
    financement = compute(0)
    assert financement.total == 0
    assert "Aucun ESSMS" in financement.avertissements[0]


def test_2024_refuses_usage_and_software() -> None:
    with pytest.raises(Refus) as refus:
        compute(regles=charger(lire_fichier("esms-2024")))
    assert refus.value.details["regle"] == "bareme.usage.acquisition.plein"


def test_amorcage_upgrade_and_extras() -> None:
    amorcage = charger(lire_fichier("amorcage-2021"))
    financement = compute(15, regles=amorcage, projet=Projet.MONTEE_DE_VERSION)
    assert financement.total == 150000
    assert financement.as_dict()["forfait"] == "150000.00"
    with pytest.raises(Refus) as refus:
        compute(15, regles=amorcage, options=TOUT)
    assert refus.value.code is Code.REGLE_NON_RENSEIGNEE


def test_contract_object_has_exactly_these_keys() -> None:
    objet = compute(46).as_dict()
    assert list(objet) == [
        "usage",
        "logiciel",
        "equipement",
        "amoa_marche",
        "amoa_projet",
        "total",
        "lignes",
        "avertissements",
    ]
    assert objet["total"] == "989000.00"
    assert objet["equipement"] == "0.00"


def test_small_og_is_judged_on_its_whole_size() -> None:
    faits = dossier([(6, 6), (12, 20)], FaitsOptions(equipement=True))
    assert calculer_dossier(R2022, faits, faits.essms).equipement == 120000


def test_og_is_never_smaller_than_what_it_brings() -> None:
    faits = dossier([(15, 3)], FaitsOptions(equipement=True))
    assert calculer_dossier(R2022, faits, faits.essms).equipement == 0


def test_amoa_is_counted_once_for_several_small_og() -> None:
    faits = dossier([(8, 8), (7, 7)])
    financement = calculer_dossier(R2022, faits, faits.essms)
    assert financement.amoa_marche == 15000
    assert financement.amoa_projet == 100000


def test_unknown_og_size_is_bad_input() -> None:
    faits = dossier([(15, 20)])
    with pytest.raises(Refus) as refus:
        calculer_dossier(R2022, replace(faits, ogs=()), faits.essms)
    assert refus.value.code is Code.DONNEES_INVALIDES


def test_unreferenced_rate_is_to_confirm_for_social_sectors() -> None:
    faits = replace(dossier([(15, 20)], FaitsOptions()), segur=False)
    assert calculer_dossier(R2022, faits, faits.essms).avertissements == ()
    sociaux = tuple(replace(un, categorie="214") for un in faits.essms)
    (texte,) = calculer_dossier(R2022, faits, sociaux).avertissements
    assert "AHI" in texte


def test_mixed_services_beyond_the_threshold_depend_on_their_rank() -> None:
    faits = dossier([(50, 50)], FaitsOptions())
    mixtes = (replace(faits.essms[0], part_eligible=Decimal("0.5")), *faits.essms[1:])
    assert any("rang" in texte for texte in calculer_dossier(R2022, faits, mixtes).avertissements)
