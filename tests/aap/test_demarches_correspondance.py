"""Mapping files: those delivered load, a bad one is refused with its path; conversions read what was answered."""

import re
from typing import Any, get_args

import pytest

from aap.reception.demarches.correspondance import DOSSIER, Conversion, charger, lire_fichier
from moteur.erreurs import Code, Refus
from tests.aap.demarches import champ, mapping, repetition, taken

BLOC = "champs = [{{libelle = 'X', vers = '{}', conversion = 'repetition', champs = [{{libelle = 'Y', vers = '{}'}}]}}]"


@pytest.mark.parametrize("fichier", sorted(DOSSIER.glob("*.toml")), ids=lambda fichier: fichier.stem)
def test_every_mapping_delivered_loads(fichier: Any) -> None:
    assert lire_fichier(fichier.stem).code == fichier.stem


def test_the_mapping_of_the_guide_loads() -> None:
    guide = (DOSSIER.parents[1] / "docs" / "echange" / "demarches-simplifiees.md").read_text(encoding="utf-8")
    [exemple] = re.findall(r"^```toml\n(.*?)^```", guide, re.MULTILINE | re.DOTALL)
    assert [regle.conversion for regle in charger(exemple).champs] == ["choix", "repetition", "piece"]
    conversions = set(re.findall(r"^\| `(\w+)`", guide.partition("| conversion |")[2], re.MULTILINE))
    assert conversions == set(get_args(Conversion))


def test_a_mapping_that_does_not_exist_is_refused_with_those_that_do() -> None:
    for code in ("esms-2022", "../reglements/esms-2022"):
        with pytest.raises(Refus, match="detr-dsil-exemple, esms-numerique-2022") as refus:
            lire_fichier(code)
        assert refus.value.code is Code.DONNEES_INVALIDES


@pytest.mark.parametrize(
    ("toml", "dit"),
    [
        ("champs = [", "TOML lisible"),
        ("couleur = 1", "couleur : clé inconnue"),
        ("champs = [{vers = 'porteur.nom'}]", "champs[0].libelle : clé obligatoire absente"),
        ("champs = [{libelle = 'X', vers = 'porteur.sire'}]", "champs[0].vers : « porteur.sire » n'existe pas"),
        ("champs = [{libelle = 'X', vers = 'porteur.sire'}]", "courriel, finess_ej, nom"),
        ("champs = [{libelle = 'X', vers = 'Porteur!'}]", "n'est pas un chemin"),
        ("champs = [{libelle = 'X'}]", "« vers » est obligatoire"),
        ("champs = [{libelle = 'X', vers = 'segur'}]", "champs[0].conversion : « texte » ne convient pas à « segur »"),
        ("champs = [{libelle = 'X', vers = 'segur'}]", "possibles : oui_non"),
        ("champs = [{libelle = 'X', vers = 'porteur'}]", "visez un champ plus précis"),
        ("champs = [{libelle = 'X', vers = 'recu_le', conversion = 'jour'}]", "champs[0].conversion : valeur inconnue"),
        ("champs = [{libelle = 'X', vers = 'projet', conversion = 'choix'}]", "la clé « choix » va avec"),
        ("champs = [{libelle = 'X', vers = 'projet', choix = {a = 'acquisition'}}]", "la clé « choix » va avec"),
        (
            "champs = [{libelle = 'X', vers = 'projet', conversion = 'choix', choix = {a = 'achat'}}]",
            "champs[0].choix : « achat » n'est pas accepté",
        ),
        (
            "champs = [{libelle = 'X', vers = 'segur', conversion = 'choix', choix = {a = true, b = 'non'}}]",
            "champs[0].conversion",
        ),
        (
            "champs = [{libelle = 'X', vers = 'porteur.nom'}, {libelle = 'Y', vers = 'porteur.nom'}]",
            "« porteur.nom » est alimenté deux fois",
        ),
        ("champs = [{libelle = 'X', vers = 'identifiant'}]", "« identifiant » est alimenté deux fois"),
        (
            BLOC.format("depenses", "libelle") + "\n[constantes]\n'depenses[0].poste' = 'autre'",
            "« depenses[0].poste » est alimenté deux fois (aussi par « depenses »)",
        ),
        (
            BLOC.format("grappe.essms", "siret"),
            "champs[0].champs[0].vers : « siret » n'existe pas",
        ),
        (
            BLOC.format("pieces", "nom"),
            "chaque champ est de conversion « piece »",
        ),
        ("champs = [{libelle = 'X', vers = 'porteur.nom', conversion = 'piece', piece = 'rib'}]", "« vers »"),
        ("[constantes]\nprojet = 'achat'", "constantes.projet : « achat » n'est pas accepté"),
        ("[constantes]\nregion = '76'", "constantes.region : « region » n'existe pas"),
        ("entetes = [{de = 'dateDepot', vers = 'recu_le'}]", "entetes[0].conversion : « texte » ne convient pas"),
    ],
)
def test_a_bad_mapping_is_refused_with_the_path(toml: str, dit: str) -> None:
    with pytest.raises(Refus) as refus:
        mapping(toml)
    assert refus.value.code is Code.DONNEES_INVALIDES
    assert dit in refus.value.message.replace("\u00a0", " ")


def test_a_mapping_does_not_change_once_read() -> None:
    with pytest.raises(ValueError, match="frozen"):
        mapping().demarche = 2
    with pytest.raises(Refus, match="code"):
        charger('code = "Majuscule"\nintitule = "X"\ndemarche = 1')


# Conversions: what a champ holds, what our format gets.

LU = {
    "texte": ("porteur.nom", ["porteur", "nom"]),
    "finess": ("porteur.finess_ej", ["porteur", "finess_ej"]),
    "oui_non": ("segur", ["segur"]),
    "date": ("recu_le", ["recu_le"]),
    "montant": ("aide_demandee", ["aide_demandee"]),
}


@pytest.mark.parametrize(
    ("conversion", "brut", "attendu"),
    [
        ("texte", {"stringValue": " Rue du Parc "}, "Rue du Parc"),
        ("texte", {"stringValue": None}, None),
        ("texte", {"stringValue": "", "value": "Autre : ceci"}, "Autre : ceci"),
        ("oui_non", {"stringValue": "true", "checked": True}, True),
        ("oui_non", {"stringValue": "false", "selected": False}, False),
        ("oui_non", {"stringValue": None, "checked": None}, None),
        ("oui_non", {"stringValue": "Oui"}, True),
        ("date", {"stringValue": "15 janvier 2025", "date": "2025-01-15"}, "2025-01-15"),
        ("date", {"datetime": "2022-06-30T23:30:00Z"}, "2022-07-01"),
        ("date", {"date": None, "stringValue": ""}, None),
        ("date", {"stringValue": "le 3 mai"}, "le 3 mai"),
        ("montant", {"stringValue": "2349.90", "decimalNumber": "2349.9"}, "2349.90"),
        ("montant", {"decimalNumber": 256888}, "256888.00"),
        ("montant", {"integerNumber": "4294967296123"}, "4294967296123.00"),
        ("montant", {"stringValue": "12\u202f345,67\u00a0€"}, "12345.67"),
        ("montant", {"decimalNumber": "10.005"}, "10.005"),
        ("montant", {"stringValue": "1,234"}, "1.234"),
        ("montant", {"stringValue": "environ 3000"}, "environ 3000"),
        ("montant", {"decimalNumber": "1e400"}, "1e400"),
        ("montant", {"stringValue": "", "decimalNumber": None}, None),
        ("finess", {"stringValue": "31 000 002 8"}, "310000028"),
        ("finess", {"stringValue": "2a0000018"}, "2A0000018"),
        ("finess", {"stringValue": "310000028 - EHPAD du Parc, 12 rue X"}, "310000028"),
        ("finess", {"stringValue": "10000028"}, "10000028"),
        ("finess", {"stringValue": "310000028 310000036"}, "310000028 310000036"),
    ],
)
def test_a_conversion_reads_what_was_answered(conversion: str, brut: dict[str, Any], attendu: Any) -> None:
    vers, chemin = LU[conversion]
    toml = f'champs = [{{libelle = "X", vers = "{vers}", conversion = "{conversion}"}}]'
    reprise = taken(toml, {"__typename": "TextChamp", "label": "X"} | brut)
    lu: Any = reprise.enregistrement
    for cle in chemin:
        lu = lu.get(cle) if lu is not None else None
    assert (lu, reprise.fautes, reprise.laisses) == (attendu, (), ())


def test_an_answer_the_mapping_does_not_know_is_refused_and_kept() -> None:
    toml = 'champs = [{libelle = "X", vers = "projet", conversion = "choix", choix = {Achat = "acquisition"}}]'
    reprise = taken(toml, champ("X", "Location"))
    [faute] = reprise.fautes
    assert faute.chemin == "projet"
    assert faute.message.replace("\u00a0", " ") == (
        "Champ « X » : la correspondance ne connaît pas la réponse « Location » (elle connaît « Achat »)."
    )
    assert [un["valeur"] for un in reprise.non_repris] == ["Location"]
    assert taken(toml, champ("X", "Achat")).enregistrement["projet"] == "acquisition"


def test_a_check_box_that_says_something_else_is_refused() -> None:
    toml = 'champs = [{libelle = "X", vers = "segur", conversion = "oui_non"}]'
    [faute] = taken(toml, champ("X", "peut-être")).fautes
    assert "oui ou non attendu" in faute.message


def test_a_block_of_another_shape_is_refused_and_kept_whole() -> None:
    toml = """champs = [{libelle = "B", vers = "grappe.essms", conversion = "repetition", champs = [
        {libelle = "F", vers = "finess_et"}]}]"""
    brut = repetition("B") | {"rows": {"inattendu": 1}}
    reprise = taken(toml, brut)
    assert "rows" in reprise.fautes[0].message
    assert reprise.non_repris[0]["valeur"] == {"stringValue": "", "rows": {"inattendu": 1}}


def test_constants_and_rows_of_constants() -> None:
    toml = """[[champs]]
        libelle = "B"
        vers = "depenses"
        conversion = "repetition"
        constantes = {poste = "autre"}
        champs = [{libelle = "M", vers = "montant_ht", conversion = "montant"}]
        [constantes]
        aap = "OCC-2022"
        "options.equipement" = true"""
    reprise = taken(toml, repetition("B", [champ("M", "1")], [champ("M", "")]))
    assert reprise.enregistrement == {
        "identifiant": "7",
        "aap": "OCC-2022",
        "options": {"equipement": True},
        "depenses": [{"poste": "autre", "montant_ht": "1.00"}],
    }


@pytest.mark.parametrize(
    ("entete", "dit"),
    [
        ({"number": None}, "n'a pas de numéro"),
        ({"champs": None}, "sans ses champs"),
        ({"demarche": {"number": 99}}, "vient de la démarche 99"),
        ({"motivation": "a\0b"}, "caractère illisible"),
    ],
)
def test_a_dossier_that_cannot_be_taken_says_why(entete: dict[str, Any], dit: str) -> None:
    [faute] = taken("", **entete).fautes
    assert dit in faute.message
