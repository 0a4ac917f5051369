"""Démarches Simplifiées: whatever file was saved is read, and every champ of a dossier is accounted for."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aap.reception.demarches.champs import Champ
from aap.reception.demarches.correspondance import lire_fichier
from aap.reception.demarches.fichier import read_dossier, read_file
from aap.reception.demarches.reprise import Reprise, locate, take
from aap.reception.schema import DossierRecu
from moteur.erreurs import Refus
from tests.aap.demarches import (
    DETR,
    EXEMPLE,
    TYPES,
    answer,
    champ,
    champs_au_hasard,
    dossier,
    mapping,
    only,
    repetition,
    taken,
)

ORIGINAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "ds" / "dossier_data.json"
UN = {"number": 5522885577, "champs": [], "demarche": {"number": 12}}

# Reading.


@pytest.mark.parametrize(
    "reponse",
    [
        {"data": {"dossier": UN}},
        {"dossier": UN},
        UN,
        [UN],
        {"data": {"demarche": {"number": 12, "dossiers": {"nodes": [UN]}}}},
        {"demarche": {"number": 12, "dossiers": {"nodes": [UN | {"demarche": {"revision": {"id": "x"}}}]}}},
        {"data": {"groupeInstructeur": {"number": 99, "dossiers": {"nodes": [UN]}}}},
        {"number": 12, "dossiers": {"nodes": [UN]}},
    ],
)
def test_every_way_to_save_an_answer_gives_its_dossiers(reponse: Any) -> None:
    lot = answer(reponse)
    [lu] = [read_dossier(brut, lot) for brut in lot.dossiers]
    assert (lu.numero, lu.demarche) == ("5522885577", "12")


@pytest.mark.parametrize(
    ("reponse", "dit"),
    [
        ({"errors": [{"message": "Dossier not found"}], "data": {"dossier": None}}, "Dossier not found"),
        ({"data": {"dossier": None}}, "aucun dossier"),
        ({"number": 131016, "activeRevision": {"champDescriptors": []}}, "aucun dossier"),
        (3, "objet ou une liste"),
        ([[[[[]]]]] * 2, None),
    ],
)
def test_what_is_no_answer_is_refused_in_words(reponse: Any, dit: str | None) -> None:
    if dit is None:
        for _ in range(60):
            reponse = [reponse]
        dit = "60 niveaux"
    with pytest.raises(Refus) as refus:
        answer(reponse)
    assert dit in refus.value.message


def test_a_page_of_many_says_so() -> None:
    page = {"pageInfo": {"hasNextPage": True}, "nodes": [UN]}
    [avertissement] = answer({"data": {"demarche": {"number": 12, "dossiers": page}}}).avertissements
    assert "qu'une page" in avertissement


def test_decimals_keep_every_digit_of_the_file(tmp_path: Path) -> None:
    fichier = tmp_path / "d.json"
    fichier.write_text('{"number": 1, "champs": [{"label": "M", "decimalNumber": 12345678901234567.89}]}')
    [lu] = only(fichier).champs
    assert lu.valeur == {"decimalNumber": "12345678901234567.89"}


# The real sample.


@pytest.mark.parametrize("fichier", [DETR, ORIGINAL], ids=["abrege", "original"])
def test_the_real_dossier_is_read_whole(fichier: Path) -> None:
    if not fichier.exists():
        pytest.skip("l'échantillon d'origine (../shared) n'est pas là ; la copie abrégée est lue")
    lu = only(fichier)
    reprise = take(lu, lire_fichier("detr-dsil-exemple"))
    assert reprise.counts() == {
        "champ": {"repris": 5, "decoratifs": 15, "non_repris": 36},
        "annotation": {"repris": 0, "decoratifs": 3, "non_repris": 10},
        "ligne": {"repris": 0, "decoratifs": 0, "non_repris": 1},
    }
    assert (len(lu.champs), len(lu.annotations)) == (56, 13)
    assert reprise.enregistrement == {
        "identifiant": "5522885577",
        "recu_le": "2024-10-16",
        "porteur": {"courriel": "personne1@example.org", "nom": "COMMUNE DE SCHIRRHEIN"},
        "grappe": {"nom": "Réfection du toit de l'école"},
        "debut_prevu": "2025-01-15",
        "fin_prevue": "2025-05-16",
        "depenses": [{"poste": "autre", "montant_ht": "256888.00"}],
        "aide_demandee": "2349.90",
    }
    assert (reprise.fautes, reprise.avertissements) == ((), ())
    assert "Couleur du ciel" in [un["libelle"] for un in reprise.non_repris]


def test_the_form_of_the_real_demarche_is_not_taken_for_a_dossier() -> None:
    formulaire = ORIGINAL.with_name("demarche_data_with_revision.json")
    if not formulaire.exists():
        pytest.skip("l'échantillon d'origine (../shared) n'est pas là")
    with pytest.raises(Refus, match="aucun dossier"):
        read_file(formulaire)


def test_the_example_becomes_a_dossier_of_16_essms() -> None:
    reprise = take(only(EXEMPLE), lire_fichier("esms-numerique-2022"))
    recu = DossierRecu.model_validate(reprise.enregistrement)
    assert [un.finess_et for un in recu.grappe.essms][:3] == ["310900014", "310900022", "310900030"]
    assert (len(recu.grappe.essms), len(recu.pieces), len(recu.depenses)) == (16, 6, 2)
    assert (recu.identifiant, str(recu.recu_le), recu.segur, recu.contrat_signe) == (
        "5522890001", "2022-06-14", True, False,
    )  # fmt: skip
    assert {nature: sum(comptes.values()) for nature, comptes in reprise.counts().items()} == {
        "champ": 35,
        "annotation": 4,
        "ligne": 91,
    }


# Accounting.

COMPLET = """
champs = [
    {libelle = "Nom", id = "a", vers = "porteur.nom"},
    {libelle = "Nom", vers = "porteur.finess_ej", conversion = "finess"},
    {libelle = "Montant", vers = "aide_demandee", conversion = "montant"},
    {libelle = "Pièces", conversion = "piece", piece = "rib"},
    {libelle = "Bloc", vers = "grappe.essms", conversion = "repetition", champs = [
        {libelle = "Nom", vers = "nom"},
        {libelle = "Montant", vers = "heures_totales", conversion = "entier"},
        {libelle = "Pièces", conversion = "piece", piece = "chiffrage"},
    ]},
]
annotations = [
    {libelle = "Nom", vers = "segur", conversion = "oui_non"},
    {libelle = "Bloc", vers = "depenses", conversion = "repetition", champs = [
        {libelle = "Nom", vers = "poste", conversion = "choix", choix = {oui = "autre"}},
    ]},
]
decoratifs = {libelles = ["", "Nom "], ids = ["b"]}
"""


def identities(champs: tuple[Champ, ...]) -> list[int]:
    return [id(un) for un in champs]


@settings(max_examples=300, deadline=None)
@given(st.lists(champs_au_hasard, max_size=8), st.lists(champs_au_hasard, max_size=5))
def test_every_champ_ends_in_exactly_one_place(champs: list[Any], annotations: list[Any]) -> None:
    lu = dossier(*champs, annotations=annotations)
    reprise = take(lu, mapping(COMPLET))
    tous = identities(tuple(lu.walk()))
    places = [*reprise.repris, *reprise.decoratifs, *reprise.laisses]
    assert sorted(identities(tuple(places))) == sorted(tous)
    assert len(tous) == len(set(tous)) == sum(sum(comptes.values()) for comptes in reprise.counts().values())
    assert all(un.is_blank for un in reprise.decoratifs)
    listes = [un for un in reprise.non_repris if un["nature"] in ("champ", "annotation", "ligne")]
    assert [un["valeur"] for un in listes] == [un.valeur for un in reprise.laisses]


@settings(max_examples=200, deadline=None)
@given(st.lists(champs_au_hasard, max_size=8))
def test_what_nobody_maps_is_kept_to_the_last_value(champs: list[Any]) -> None:
    lu = dossier(*champs)
    reprise = take(lu, mapping())
    assert set(reprise.laisses) | set(reprise.decoratifs) == set(lu.walk())
    gardes = [un["valeur"] for un in reprise.non_repris]
    for brut in champs:
        if isinstance(brut, dict) and "stringValue" in brut and str(brut["stringValue"] or "").strip():
            assert any(
                garde == brut["stringValue"]
                or isinstance(garde, dict)
                and garde.get("stringValue") == brut["stringValue"]
                for garde in gardes
            )


@pytest.mark.parametrize("type_", TYPES)
def test_no_type_of_champ_is_lost(type_: str) -> None:
    propre = {"inattendue": {"profonde": ["valeur", None]}}
    reprise = taken("", champ("X", None, type_, **propre))
    [garde] = [un for un in reprise.non_repris if un["nature"] == "champ"]
    assert garde == {
        "nature": "champ", "libelle": "X", "type": type_, "id": "id-X", "lieu": "",
        "valeur": {"stringValue": None} | propre,
    }  # fmt: skip


def test_decor_that_holds_an_answer_is_kept() -> None:
    toml = 'decoratifs = {libelles = ["Titre"]}'
    assert taken(toml, champ("Titre", "")).counts()["champ"] == {"repris": 0, "decoratifs": 1, "non_repris": 0}
    assert taken(toml, champ("Titre", "réponse")).counts()["champ"] == {"repris": 0, "decoratifs": 0, "non_repris": 1}


def test_headings_are_known_by_their_type_or_by_the_form() -> None:
    revision = {"champDescriptors": [{"id": "id-Ancien", "__typename": "HeaderSectionChampDescriptor"}]}
    champs = champ("Titre", None, "HeaderSectionChamp", level=1), champ("Ancien", "")
    reprise = taken("", *champs, demarche={"number": 1, "revision": revision})
    assert [un.libelle for un in reprise.decoratifs] == ["Titre", "Ancien"]


def test_the_address_of_a_file_is_not_kept_and_its_fingerprint_is() -> None:
    fichier = {"filename": "a.pdf", "checksum": "MD5", "byteSize": "12", "url": "https://x/?sig=secret"}
    piece = champ("Pièce", "", "PieceJustificativeChamp", files=[fichier])
    toml = 'champs = [{libelle = "Pièce", conversion = "piece", piece = "rib"}]'
    for reprise in (taken("", piece), taken(toml, piece)):
        [garde] = reprise.non_repris
        assert garde["valeur"]["files"] == [{"filename": "a.pdf", "checksum": "MD5", "byteSize": "12"}]
    assert reprise.enregistrement["pieces"] == [{"code": "rib", "nom": "a.pdf", "taille": 12}]


@pytest.mark.parametrize("somme", [None, "", "MD5", 12, "Zm9v", "é", "jV3LkJh+8C5IYP6uhmwuDQ", ["jV3L"]])
def test_what_is_no_md5_is_not_taken_for_one(somme: Any) -> None:
    toml = 'champs = [{libelle = "Pièce", conversion = "piece", piece = "rib"}]'
    piece = champ("Pièce", "", "PieceJustificativeChamp", files=[{"filename": "a.pdf", "checksum": somme}])
    assert taken(toml, piece).enregistrement["pieces"] == [{"code": "rib", "nom": "a.pdf", "taille": 0}]


# Finding the right champ.


def test_the_identifier_wins_over_the_label() -> None:
    toml = 'champs = [{libelle = "Nom", id = "bon", vers = "porteur.nom"}]'
    champs = champ("Nom", "mauvais", id="autre"), champ("Intitulé changé", "bon", id="bon")
    assert taken(toml, *champs).enregistrement["porteur"] == {"nom": "bon"}


def test_a_heading_and_a_block_of_the_same_label_are_told_apart() -> None:
    toml = """champs = [{libelle = "Pièces", vers = "pieces", conversion = "repetition", champs = [
        {libelle = "Pièce", conversion = "piece", piece = "rib"}]}]"""
    piece = champ("Pièce", "", "PieceJustificativeChamp", files=[{"filename": "a.pdf"}])
    reprise = taken(toml, champ("Pièces"), repetition("Pièces", [piece], [piece]))
    assert [un["nom"] for un in reprise.enregistrement["pieces"]] == ["a.pdf", "a.pdf"]
    assert (reprise.fautes, [un.libelle for un in reprise.laisses]) == ((), ["Pièces"])


def test_a_label_borne_twice_takes_neither_and_asks_for_the_identifier() -> None:
    reprise = taken('champs = [{libelle = "Nom", vers = "porteur.nom"}]', champ("Nom", "a"), champ("Nom", "b"))
    [faute] = reprise.fautes
    assert (faute.chemin, "2 champs" in faute.message, "« id »" in faute.message) == ("porteur.nom", True, True)
    assert len(reprise.laisses) == 2


def test_two_blocks_may_feed_one_list_and_empty_rows_do_not_count() -> None:
    bloc = 'vers = "grappe.essms", conversion = "repetition", champs = [{libelle = "F", vers = "finess_et"}]'
    toml = f'champs = [{{libelle = "A", {bloc}}}, {{libelle = "B", {bloc}}}]'
    reprise = taken(
        toml, repetition("A", [champ("F", "1")], [champ("F")]), repetition("B", [champ("F", None)], [champ("F", "2")])
    )
    assert reprise.enregistrement["grappe"]["essms"] == [{"finess_et": "1"}, {"finess_et": "2"}]
    assert len(reprise.avertissements) == 2
    assert reprise.origines["grappe.essms[1].finess_et"] == "Champ «\u00a0F\u00a0» (ligne 2 de «\u00a0B\u00a0»)"


# What an officer is told.


def where(reprise: Reprise, chemin: str) -> str:
    return locate(chemin, reprise, mapping(COMPLET + '\n[constantes]\naap = "X"\n')).replace("\u00a0", " ")


def test_a_reason_names_the_champ_of_the_form() -> None:
    reprise = taken(COMPLET, repetition("Bloc", [champ("Nom", "")], [champ("Nom", "x"), champ("Montant", "1")]))
    assert where(reprise, "grappe.essms[0].nom") == "Champ « Nom » (ligne 2 de « Bloc »)"
    assert where(reprise, "grappe.essms[0]") == "Champ « Bloc », ligne 2"
    assert where(reprise, "grappe.essms") == "Champ « Bloc »"
    assert where(reprise, "aide_demandee") == "Champ « Montant », sans réponse"
    assert where(reprise, "aap") == "Constante « aap » de la correspondance"
    assert where(reprise, "debut_prevu") == "Aucun champ de la démarche ne donne « debut_prevu »"
