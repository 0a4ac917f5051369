"""The format: what is read, what is told of what is not, and that it comes back the same."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aap.reception.importation import rejects
from aap.reception.lecture import identify, read_bytes, read_envelope, read_file, read_record
from aap.reception.schema import DossierRecu
from grappes.finess import with_key
from moteur.erreurs import Refus
from moteur.fichiers import to_json
from moteur.lots import BilanLot, Faute, Issue, Jugement, Rejet
from tests.aap.envois import abime, dossier, envoi

# What comes back.

MOTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
FINESS = st.integers(0, 99_999_999).map(lambda n: with_key(f"{n:08d}"))
EUROS = st.decimals(0, 9_999_999, places=2).map(str)
JOURS = st.dates(date(2000, 1, 1), date(2099, 12, 31)).map(str)


def part(obligatoires: dict[str, Any], facultatives: dict[str, Any]) -> Any:
    return st.fixed_dictionaries(obligatoires, optional=facultatives)


HEURES = st.none() | st.integers(0, 10_000_000)
ESSMS = part(
    {"finess_et": FINESS},
    {"nom": MOTS, "heures_eligibles": HEURES, "heures_totales": HEURES, "sons_logiciel": MOTS},
)
DEPENSES = part(
    {
        "poste": st.sampled_from(["logiciel", "equipement", "amoa", "formation", "autre"]),
        "montant_ht": EUROS,
        "taux_tva": st.decimals(0, 100, places=2).map(str),
        "montant_ttc": EUROS,
    },
    {"libelle": MOTS},
)
PIECES = part(
    {"code": st.text("abc_", min_size=1, max_size=40)},
    {"nom": MOTS, "empreinte": st.none() | st.just("f" * 64), "taille": st.integers(0, 2**50)},
)
DOSSIERS = part(
    {
        "identifiant": st.text("ABC-0123456789é", min_size=1, max_size=60),
        "aap": MOTS,
        "projet": st.sampled_from(["acquisition", "montee_de_version"]),
        "segur": st.booleans(),
        "porteur": part({"finess_ej": FINESS}, {"nom": MOTS, "courriel": MOTS}),
        "grappe": part({"essms": st.lists(ESSMS, min_size=1, max_size=4)}, {"nom": MOTS}),
    },
    {
        "logiciel": MOTS,
        "contrat_signe": st.booleans(),
        "financement_ue": MOTS,
        "options": part({}, {"equipement": st.booleans(), "amoa_marche": st.booleans(), "amoa_projet": st.booleans()}),
        "depenses": st.lists(DEPENSES, max_size=3),
        "aide_demandee": st.none() | EUROS,
        "recu_le": st.none() | JOURS,
        "debut_prevu": st.none() | JOURS,
        "fin_prevue": st.none() | JOURS,
        "pieces": st.lists(PIECES, max_size=3),
    },
)


#: Half surrogate pairs and NULs too.
TEXTES = st.text(max_size=20) | st.sampled_from(["\ud800", "é\udfff", "a\0b"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTES,
    lambda sous: st.lists(sous, max_size=4) | st.dictionaries(TEXTES, sous, max_size=4),
)


@given(DOSSIERS)
def test_a_record_comes_back_the_same(brut: dict[str, Any]) -> None:
    lu = read_record(brut)
    assert read_record(json.loads(lu.model_dump_json())) == lu
    assert DossierRecu.model_validate(lu.model_dump(mode="json")) == lu


@given(DOSSIERS, st.lists(st.builds(Faute, chemin=MOTS, message=MOTS), max_size=3))
def test_a_refused_record_comes_back_the_same(brut: dict[str, Any], fautes: list[Faute]) -> None:
    """Through the file of the refused ones, however often."""
    refuse = Jugement(rang=1, identifiant="", issue=Issue.REJETE, fautes=tuple(fautes))
    fichier = read_envelope(envoi(brut))
    for _ in range(2):
        octets = to_json(rejects(fichier, BilanLot(simule=False, jugements=[refuse])))
        fichier = read_bytes(octets, "rejets")
        rendu = dict(fichier.dossiers[0])
        assert rendu.pop("motifs") == [faute.as_dict() for faute in fautes]
        assert rendu == brut


@given(JSON)
def test_any_json_is_judged_and_handed_back_as_it_was(brut: Any) -> None:
    """Half surrogate pairs and NULs included: refused, written to the file of the refused ones, and read again."""
    with pytest.raises(Rejet):
        read_record(brut)
    identify(brut)
    refuse = Jugement(rang=1, identifiant="", issue=Issue.REJETE)
    [rendu] = read_bytes(to_json(rejects(read_envelope(envoi(brut)), BilanLot(simule=False, jugements=[refuse]))),
                         "rejets").dossiers  # fmt: skip
    assert rendu == ({**brut, "motifs": []} if isinstance(brut, dict) else {"valeur": brut, "motifs": []})


# What is said of a record that has not the right shape.


def fautes(brut: object) -> dict[str, str]:
    with pytest.raises(Rejet) as rejet:
        read_record(brut)
    return {faute.chemin: faute.message.replace("\u00a0", " ") for faute in rejet.value.fautes}


@pytest.mark.parametrize(
    ("chemin", "valeur", "phrase"),
    [
        ("aide_demandee", 322500.0, "entre guillemets"),
        ("aide_demandee", 322500, "entre guillemets"),
        ("aide_demandee", "322 500,00 €", 'écrivez "322500.00"'),
        ("aide_demandee", "-12.00", "négatif"),
        ("aide_demandee", "12.345", "2 décimales"),
        ("aide_demandee", "NaN", "n'est pas un nombre"),
        ("aide_demandee", "1e5", "n'est pas un nombre"),
        ("aide_demandee", "99999999999.00", "trop grand"),
        ("depenses.0.taux_tva", 20, "entre guillemets"),
        ("depenses.0.taux_tva", "120", "trop grande"),
        ("recu_le", "31/02/2022", "n'existe pas au calendrier"),
        ("recu_le", "2022-02-31", "n'existe pas au calendrier"),
        ("recu_le", "2022-20-03", "jour et mois sont inversés, 2022-03-20 ?"),
        ("recu_le", "20/03/2022", "à l'envers, année-mois-jour attendu : écrivez 2022-03-20"),
        ("recu_le", "03/20/2022", "écrivez 2022-03-20"),
        ("recu_le", "20/03/22", "l'année a deux chiffres, écrivez 2022-03-20"),
        ("recu_le", "2022-3-20", "écrivez 2022-03-20"),
        ("recu_le", "0022-03-20", "année entre 2000 et 2100"),
        ("recu_le", "2022-03-20T10:00:00", "sans heure"),
        ("recu_le", 44640, "entre guillemets"),
        ("porteur.finess_ej", 10000024, '"010000024"'),
        ("porteur.finess_ej", "10000024", "tableur a dû manger le premier zéro, 010000024 (clé juste)"),
        ("porteur.finess_ej", "31 00", "9 caractères"),
        ("pieces.0.empreinte", "A" * 64, "64 caractères"),
        ("segur", "oui", "true ou false"),
        ("segur", 1, "true ou false"),
        ("projet", "achat", "valeur inconnue"),
        ("grappe.essms", [], "trop peu"),
        ("identifiant", "  ", "texte vide"),
        ("identifiant", 12, "texte attendu"),
        ("logiciel", "Ti\0tan", "illisible"),
        ("grappe.essms.0.heures_totales", 12.5, "nombre entier"),
    ],
)
def test_a_wrong_value_is_told_at_its_place_with_what_to_write(chemin: str, valeur: Any, phrase: str) -> None:
    trouvees = fautes(abime(dossier(), chemin, valeur))
    ou = "".join(f"[{pas}]" if pas.isdigit() else f".{pas}" for pas in chemin.split(".")).removeprefix(".")
    assert list(trouvees) == [ou]
    assert phrase in trouvees[ou]


def test_all_the_faults_of_a_record_are_told_at_once() -> None:
    brut = abime(dossier(aide_demandee=1.5, recu_le="31/02/2022", ref="x"), "grappe.essms.3.finess_et", "1")
    del brut["segur"]
    assert set(fautes(brut)) == {"aide_demandee", "recu_le", "ref", "grappe.essms[3].finess_et", "segur"}


# The file itself.


@pytest.mark.parametrize(
    ("octets", "phrase"),
    [
        (b"", "ligne 1, colonne 1"),
        (b'{"version": 1,\n "source": "x",,\n "dossiers": []}', "ligne 2, colonne 16"),
        (b'{"source": "\xe9"}', "UTF-8"),
        (b"[]", "objet attendu"),
        (b'{"version": 2, "source": "x", "dossiers": []}', "version"),
        (b'{"version": 1, "source": "", "dossiers": {}}', "source : texte vide ; dossiers : liste attendue"),
        (b'{"version": 1, "source": "x\\u0000", "dossiers": []}', "source"),
        (b'{"version": 1, "source": "x", "dossiers": [NaN]}', "NaN"),
        (b'{"version": 1, "source": "x", "dossiers": [], "\\ud800": 1}', "illisible"),
    ],
    ids=["empty", "comma", "latin-1", "list", "version", "envelope", "nul", "nan", "half a pair"],
)
def test_an_unreadable_file_is_refused_and_says_where(octets: bytes, phrase: str) -> None:
    with pytest.raises(Refus) as refus:
        read_bytes(octets, "envoi.json")
    assert phrase in refus.value.message.replace("\u00a0", " ")
    refus.value.message.encode()


def test_a_file_too_large_or_absent_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refus, match="n'existe pas"):
        read_file(tmp_path / "absent.json")
    chemin = tmp_path / "gros.json"
    with chemin.open("wb") as flux:
        flux.truncate(64 * 1024 * 1024 + 1)
    with pytest.raises(Refus, match="64 Mo"):
        read_file(chemin)
