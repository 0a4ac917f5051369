"""Rule sets: they load, name their errors, and never fill a silence of the texts."""

import hashlib
from decimal import Decimal

import pytest
from pydantic import ValidationError

from aap.regles import Regles, Valeur, charger, empreinte, exiger, lire_fichier
from aap.regles.lecture import DOSSIER
from moteur.erreurs import Code, Refus

CODES = sorted(fichier.stem for fichier in DOSSIER.glob("*.toml"))
MINIMAL = 'code = "x"\nintitule = "X"\ntexte = "T"\nen_vigueur = 2022-01-01\n'


@pytest.mark.parametrize("code", CODES)
def test_delivered_rule_sets_load_under_their_own_code(code: str) -> None:
    assert charger(lire_fichier(code)).code == code


def test_the_five_rule_sets_are_delivered() -> None:
    assert CODES == ["amorcage-2021", "esms-2022", "esms-2024", "esms-2025-b", "sons-ms1-v1"]


def test_targets_of_2022_say_which_are_certain() -> None:
    indicateurs = charger(lire_fichier("esms-2022")).usages.indicateurs
    cibles = {un.code: (un.cible.valeur, un.cible.confiance) for un in indicateurs if un.cible}
    assert cibles == {
        "DUI1": (Decimal(90), "a_confirmer"),
        "DUI2": (Decimal(90), "a_confirmer"),
        "DUI3": (Decimal(90), "une_source"),
        "MSS": (Decimal(70), "une_source"),
        "DMP": (Decimal(20), "une_source"),
    }


def test_no_weight_is_invented() -> None:
    grille = charger(lire_fichier("esms-2022")).grille
    assert grille is not None
    assert all(critere.poids is None for critere in grille.criteres)


def test_2024_does_not_reuse_the_amounts_of_2022() -> None:
    bareme = charger(lire_fichier("esms-2024")).bareme
    assert bareme.usage.acquisition.plein is None
    assert bareme.logiciel.reference.plein is None
    assert bareme.petits_og.amoa_projet is None
    assert bareme.seuil is None


def test_exiger_gives_the_value_or_names_what_is_missing() -> None:
    assert exiger(Valeur[int](valeur=15, source="s", confiance="verifie"), "a.b") == 15
    with pytest.raises(Refus) as refus:
        exiger(None, "bareme.seuil", "esms-2024")
    assert refus.value.code is Code.REGLE_NON_RENSEIGNEE
    assert refus.value.details == {"regle": "bareme.seuil", "reglement": "esms-2024"}
    assert "«\u00a0bareme.seuil\u00a0»" in refus.value.message
    assert "esms-2024" in refus.value.message


@pytest.mark.parametrize(
    ("ajout", "chemin"),
    [
        ("inconnu = 1", "inconnu\u00a0: clé inconnue"),
        ("[bareme]\nseuil = { valeur = 50, source = 's' }", "bareme.seuil.confiance\u00a0: clé obligatoire absente"),
        (
            "[bareme]\nseuil = { valeur = 50, source = ' ', confiance = 'verifie' }",
            "bareme.seuil.source\u00a0: texte vide",
        ),
        (
            "[bareme]\nseuil = { valeur = 50, source = 's', confiance = 'sur' }",
            "bareme.seuil.confiance\u00a0: valeur inconnue",
        ),
        (
            "[bareme]\nmode_seuil = { valeur = 'autre', source = 's', confiance = 'verifie' }",
            "bareme.mode_seuil",
        ),
        (
            "[bareme.usage.acquisition]\nplein = { valeur = -1, source = 's', confiance = 'verifie' }",
            "plein.valeur",
        ),
        ("[[pieces]]\ncode = 'a b'\nlibelle = 'A'\nsource = 's'\nconfiance = 'verifie'", "pieces[0].code"),
        ("= 3", "TOML"),
    ],
)
def test_errors_name_their_place(ajout: str, chemin: str) -> None:
    with pytest.raises(Refus) as refus:
        charger(MINIMAL + ajout)
    assert refus.value.code is Code.DONNEES_INVALIDES
    assert chemin in refus.value.message


def test_duplicate_codes_are_refused() -> None:
    piece = "[[pieces]]\ncode = 'p'\nlibelle = 'P'\nsource = 's'\nconfiance = 'verifie'\n"
    with pytest.raises(Refus, match=r"code en double \(p\)"):
        charger(MINIMAL + piece + piece)


@pytest.mark.parametrize(("bornes", "message"), [("de = 3\na = 4", "ne suit pas"), ("de = 2\na = 1", "ne suit pas")])
def test_sons_tranches_follow_each_other(bornes: str, message: str) -> None:
    tranche = "[[sons.tranches]]\ncode = '{}'\n{}\nunitaire = 1\nsource = 's'\nconfiance = 'verifie'\n"
    with pytest.raises(Refus, match=message):
        charger(MINIMAL + tranche.format("A", "de = 1\na = 1") + tranche.format("B", bornes))


def test_only_the_last_tranche_is_open() -> None:
    tranche = "[[sons.tranches]]\ncode = '{}'\nde = {}\nunitaire = 1\nsource = 's'\nconfiance = 'verifie'\n"
    with pytest.raises(Refus, match="seule la dernière"):
        charger(MINIMAL + tranche.format("A", 1) + tranche.format("B", 2))


@pytest.mark.parametrize("code", ["esms-2023", "../esms-2022", "", "ESMS-2022", "esms-2022.toml"])
def test_unknown_rule_set_lists_the_known_ones(code: str) -> None:
    with pytest.raises(Refus, match="esms-2022") as refus:
        lire_fichier(code)
    assert refus.value.code is Code.DONNEES_INVALIDES


def test_fingerprint_is_the_sha256_of_the_text() -> None:
    toml = lire_fichier("esms-2022")
    assert empreinte(toml) == hashlib.sha256((DOSSIER / "esms-2022.toml").read_bytes()).hexdigest()
    assert empreinte(toml) != empreinte(toml + " ")


def test_a_rule_set_is_immutable() -> None:
    regles: Regles = charger(MINIMAL)
    with pytest.raises(ValidationError):
        regles.code = "autre"
