"""Files that are wrong, one way each: status 2, one French sentence that says where, nothing written."""

import json
import os
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from instruction.scenario import TAILLE_MAX
from tests.instruction.scenes import Objet, campagne, demande, evenement, organisme, parcours, photograph
from tests.instruction.test_contrat import run
from tests.instruction.test_refus import assert_teaches

pytestmark = pytest.mark.django_db

Changer = Callable[[Objet], object]
BON = campagne(parcours("prendre_en_charge"), demande(og_liste=[organisme()]), demande("D2"))


def refused(chemin: Path) -> Objet:
    """The refusal of a file: in JSON on the standard output, in one sentence on the error output."""
    avant = photograph()
    statut, sortie, erreur = run(str(chemin), "--json")
    assert (statut, erreur) == (2, "")
    refus: Objet = json.loads(sortie)
    assert refus["code"] == "DONNEES_INVALIDES"
    assert_teaches(refus["message"].replace("true ou false", ""))
    statut, sortie, erreur = run(str(chemin))
    assert (statut, sortie) == (2, "")
    assert refus["message"] in erreur
    assert "Traceback" not in erreur
    assert photograph() == avant
    return refus


def written(tmp_path: Path, contenu: bytes | Objet) -> Path:
    chemin = tmp_path / "scenario.json"
    chemin.write_bytes(contenu if isinstance(contenu, bytes) else json.dumps(contenu).encode())
    return chemin


def put(*cles: str | int) -> Callable[[object], Changer]:
    """`put("aap", "code")("X")`: a change that sets that key."""

    def to(valeur: object) -> Changer:
        def change(scenario: Objet) -> None:
            cible: Any = scenario
            for cle in cles[:-1]:
                cible = cible[cle]
            cible[cles[-1]] = valeur

        return change

    return to


def drop(*cles: str | int) -> Changer:
    def change(scenario: Objet) -> None:
        cible: Any = scenario
        for cle in cles[:-1]:
            cible = cible[cle]
        del cible[cles[-1]]

    return change


ESSMS = ("dossiers", 0, "og", 0, "essms")
FAUTES: list[tuple[str, Changer, str]] = [
    ("action inconnue", put("evenements", 1, "action")("deposee"), "evenements[1].action"),
    ("action absente", drop("evenements", 1, "action"), "evenements[1].action"),
    ("date mal formée", put("evenements", 0, "le")("1er avril 2022"), "evenements[0].le"),
    ("date impossible", put("evenements", 0, "le")("2022-02-30"), "evenements[0].le"),
    ("date hors d'usage", put("evenements", 0, "le")("9999-12-31"), "evenements[0].le"),
    ("instant sans fuseau", put("evenements", 0, "le")("2022-04-01T10:00:00"), "evenements[0].le"),
    ("date en nombre", put("evenements", 0, "le")(20220401), "evenements[0].le"),
    ("sans auteur", drop("evenements", 0, "par"), "evenements[0].par"),
    ("rôle inconnu", put("evenements", 0, "par")("prefet"), "evenements[0].par"),
    ("nom de personne impossible", put("evenements", 0, "par")("porteur:a b"), "evenements[0].par"),
    ("dossier inconnu", put("evenements", 0, "dossier")("D9"), "evenements[0].dossier"),
    ("données en liste", put("evenements", 0, "donnees")([]), "evenements[0].donnees"),
    ("événements en objet", put("evenements")({}), "evenements"),
    ("version à venir", put("version")(2), "version"),
    ("version en texte", put("version")("1"), "version"),
    ("sans version", drop("version"), "version"),
    ("règlement inconnu", put("reglement")("esms-1999"), "esms-1999"),
    ("règlement hors du dossier", put("reglement")("../esms-2022"), "../esms-2022"),
    ("sans AAP", drop("aap"), "aap"),
    ("région inconnue", put("aap", "region")("99"), "aap.region"),
    ("enveloppe en flottant", put("aap", "enveloppe")(5000000.5), "aap.enveloppe"),
    ("enveloppe en booléen", put("aap", "enveloppe")(True), "aap.enveloppe"),
    ("enveloppe négative", put("aap", "enveloppe")("-1.00"), "aap.enveloppe"),
    ("enveloppe infinie", put("aap", "enveloppe")("Infinity"), "aap.enveloppe"),
    ("enveloppe pas un nombre", put("aap", "enveloppe")("NaN"), "aap.enveloppe"),
    ("enveloppe énorme", put("aap", "enveloppe")("1e400"), "aap.enveloppe"),
    ("enveloppe au millime", put("aap", "enveloppe")("1.001"), "aap.enveloppe"),
    ("fenêtre à l'envers", put("aap", "fenetres", 0, "ferme")("2022-01-01"), "aap.fenetres[0]"),
    ("fenêtre en double", lambda s: s["aap"]["fenetres"].append(s["aap"]["fenetres"][0]), "fenetres[1].code"),
    ("sans fenêtre", put("aap", "fenetres")([]), "aap.fenetres"),
    ("dossier en double", lambda s: s["dossiers"].append(s["dossiers"][0]), "dossiers[2].ref"),
    ("projet inconnu", put("dossiers", 0, "projet")("achat"), "dossiers[0].projet"),
    ("segur en texte", put("dossiers", 0, "segur")("peut-être"), "dossiers[0].segur"),
    ("ni générer ni og", drop("dossiers", 1, "generer"), "dossiers[1]"),
    ("générer et og", put("dossiers", 0, "generer")(BON["dossiers"][1]["generer"]), "dossiers[0]"),
    ("plus d'OG que d'ESSMS", put("dossiers", 1, "generer", "og")(16), "dossiers[1].generer"),
    ("zéro ESSMS", put("dossiers", 1, "generer", "essms")(0), "dossiers[1].generer.essms"),
    ("ESSMS en flottant", put("dossiers", 1, "generer", "essms")(15.5), "dossiers[1].generer.essms"),
    ("un million d'ESSMS", put("dossiers", 1, "generer", "essms")(10**6), "dossiers[1].generer.essms"),
    ("secteur inconnu", put("dossiers", 1, "generer", "secteur")("XX"), "dossiers[1].generer.secteur"),
    ("département inconnu", put("dossiers", 1, "generer", "departements")(["31", "99"]), "departements[1]"),
    ("département d'un ESSMS", put(*ESSMS, 3, "departement")("20"), "dossiers[0].og[0].essms[3].departement"),
    ("FINESS trop court", put(*ESSMS, 2, "finess_et")("31000002"), "dossiers[0].og[0].essms[2].finess_et"),
    ("FINESS en nombre", put(*ESSMS, 2, "finess_et")(310000028), "dossiers[0].og[0].essms[2].finess_et"),
    ("FINESS juridique mal formé", put("dossiers", 0, "og", 0, "finess_ej")("31-000-01"), "og[0].finess_ej"),
    ("ESSMS en double", lambda s: s["dossiers"][0]["og"][0]["essms"].append(BON["dossiers"][0]["og"][0]["essms"][0]),
     "og[0].essms[15].finess_et"),
    ("heures sans total", put(*ESSMS, 0, "heures_eligibles")(10), "dossiers[0].og[0].essms[0]"),
    ("heures au-delà du total",
     lambda s: s["dossiers"][0]["og"][0]["essms"][0].update(heures_eligibles=3, heures_totales=2),
     "dossiers[0].og[0].essms[0]"),
    ("heures démesurées",
     lambda s: s["dossiers"][0]["og"][0]["essms"][0].update(heures_eligibles=1, heures_totales=10**12),
     "dossiers[0].og[0].essms[0]"),
    ("OG démesuré", put("dossiers", 0, "og", 0, "og_total")(10**12), "dossiers[0].og[0].og_total"),
    ("porteur d'un autre rôle", put("dossiers", 0, "porteur")("comptable"), "dossiers[0].porteur"),
    ("caractère nul", put("dossiers", 0, "nom")("a\x00b"), "dossiers[0].nom"),
    ("demi-caractère", put("dossiers", 0, "nom")("\ud800"), "dossiers[0].nom"),
    ("texte sans fin", put("dossiers", 0, "nom")("x" * 100_000), "dossiers[0].nom"),
]  # fmt: skip


@pytest.mark.parametrize(("changer", "ou"), [(c, ou) for _, c, ou in FAUTES], ids=[nom for nom, *_ in FAUTES])
def test_fault_is_located(tmp_path: Path, changer: Changer, ou: str) -> None:
    scenario = deepcopy(BON)
    changer(scenario)
    refus = refused(written(tmp_path, scenario))
    assert ou in refus["message"]
    assert len(refus["message"]) < 1000


def test_the_good_file_is_good(tmp_path: Path) -> None:
    assert run(str(written(tmp_path, BON)), "--json")[0] == 0


LISIBLE = json.dumps(BON, indent=1).encode()
OCTETS: list[tuple[str, bytes, str]] = [
    ("vide", b"", "ligne 1"),
    ("blancs", b" \n\n ", "ligne 3"),
    ("binaire", bytes(range(256)), "ligne"),
    ("UTF-8 coupé", LISIBLE.replace(b'"OCC-2022"', b'"OCC-\xe9-2022"'), "ligne 5"),
    ("UTF-16", LISIBLE.decode().encode("utf-16"), "ligne 1"),
    ("JSON coupé", LISIBLE[: len(LISIBLE) // 2], "ligne"),
    ("virgule en trop", b'{\n "version": 1,\n}', "ligne 3, colonne"),
    ("guillemets simples", b"{'version': 1}", "ligne 1, colonne 2"),
    ("deux objets", b"{}{}", "ligne 1, colonne 3"),
    ("NaN", LISIBLE.replace(b'"5000000.00"', b"NaN"), "NaN"),
    ("Infinity", LISIBLE.replace(b'"5000000.00"', b"-Infinity"), "-Infinity"),
    ("emboîté sans fin", b"[" * 200_000 + b"]" * 200_000, "JSON"),
    ("nombre sans fin", b'{"version": ' + b"9" * 10_000 + b"}", "JSON"),
    ("liste", b"[]", "objet attendu"),
    ("nul", b"null", "objet attendu"),
    ("texte", b'"bonjour"', "objet attendu"),
]


@pytest.mark.parametrize(("contenu", "ou"), [(c, ou) for _, c, ou in OCTETS], ids=[nom for nom, *_ in OCTETS])
def test_unreadable_content_is_located(tmp_path: Path, contenu: bytes, ou: str) -> None:
    refus = refused(written(tmp_path, contenu))
    assert ou in refus["message"]
    assert "scenario.json" in refus["message"] or "Scénario à corriger" in refus["message"]


def test_byte_order_mark_is_accepted(tmp_path: Path) -> None:
    assert run(str(written(tmp_path, b"\xef\xbb\xbf" + LISIBLE)), "--json")[0] == 0


def test_huge_file_is_not_even_read(tmp_path: Path) -> None:
    chemin = tmp_path / "scenario.json"
    chemin.touch()
    os.truncate(chemin, 300 * 1024 * 1024)
    assert "dépasse" in refused(chemin)["message"]
    os.truncate(chemin, TAILLE_MAX)
    assert "dépasse" not in refused(chemin)["message"]


def test_missing_file_and_folder(tmp_path: Path) -> None:
    assert "n'existe pas" in refused(tmp_path / "absent.json")["message"]
    assert "dossier" in refused(tmp_path)["message"]


def test_ten_thousand_faults_are_summed_up(tmp_path: Path) -> None:
    scenario = BON | {"evenements": [{"le": "hier"}] * 10_000}
    refus = refused(written(tmp_path, scenario))
    assert "evenements[0].le" in refus["message"]
    assert "et 19980 autre(s)" in refus["message"]
    assert len(refus["message"]) < 5000
    assert len(refus["details"]["fautes"]) == 20


def test_essms_outside_l312_1_is_a_coded_refusal_not_a_bad_file(tmp_path: Path) -> None:
    scenario = campagne(parcours("declarer_recevable"), demande(og_liste=[organisme(16, categorie="355")]))
    statut, sortie, _ = run(str(written(tmp_path, scenario)), "--json")
    refus = json.loads(sortie)["refus"]
    assert statut == 0
    assert (refus[0]["code"], refus[0]["details"]["regles"]) == ("REGLE_NON_SATISFAITE", ["L312_1"])


@pytest.mark.parametrize(
    ("action", "donnees"),
    [
        ("declarer_usages", {"mois": "2023-13", "mesures": {}}),
        ("declarer_usages", {"mois": "0000-01", "mesures": {"uniforme": {}}}),
        ("declarer_usages", {"mois": "2023-06", "mesures": {"uniforme": {"personnes": -1}}}),
        ("prononcer_vsr", {"le": "10000-01-01"}),
        ("prononcer_vsr", {"le": "2023"}),
        ("proroger", {"jusqu_au": "2024-02-30", "motif": "Retard."}),
        ("abandonner", {"motif": ["a"]}),
        ("abandonner", {"motif": "a\x00b"}),
    ],
)
def test_bad_data_of_an_event_is_a_refusal_of_that_event(tmp_path: Path, action: str, donnees: Objet) -> None:
    qui = "responsable" if action == "proroger" else "porteur"
    evt = evenement("2023-06-30", qui, action) | {"donnees": donnees}
    statut, sortie, erreur = run(str(written(tmp_path, campagne([*parcours("verser_premiere_moitie"), evt]))), "--json")
    assert erreur == ""
    if statut == 2:
        assert "evenements[16]" in json.loads(sortie)["message"]
    else:
        assert [refus["evenement"] for refus in json.loads(sortie)["refus"]] == [16]
