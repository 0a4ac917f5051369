"""The whole way: a file of Démarches Simplifiées, a mapping, the register, the dossiers let in or handed back."""

import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from aap.models import Dossier, Reception
from moteur import horloge
from tests.aap.demarches import DETR, ESMS, EXEMPLE, JOUR, Json, register_example
from tests.fabriques import personne

DETR_DSIL = "detr-dsil-exemple"


@pytest.fixture(autouse=True)
def _registre(db: None) -> Iterator[None]:
    with horloge.figer(JOUR):
        register_example()
        yield


def run(fichier: Path, correspondance: str = ESMS, *, sortie_attendue: int = 0, **options: Any) -> Json:
    """The report of the command, and its exit status checked."""
    options = {"par": personne("instructeur").username} | options
    sortie = StringIO()
    try:
        call_command("importer_demarche", fichier, correspondance=correspondance, json=True, stdout=sortie, **options)
        code = 0
    except SystemExit as fin:
        code = int(fin.code or 0)
    assert code == sortie_attendue, sortie.getvalue()
    bilan: Json = json.loads(sortie.getvalue().encode())
    return bilan


def exemple(tmp_path: Path, **changements: str) -> Path:
    """The example dossier with other answers. `changements`: text to replace → text, spelled in full in the file."""
    texte = EXEMPLE.read_text(encoding="utf-8")
    for ancien, nouveau in changements.items():
        assert ancien in texte
        texte = texte.replace(ancien, nouveau)
    fichier = tmp_path / "export.json"
    fichier.write_text(texte, encoding="utf-8")
    return fichier


def reasons(bilan: Json) -> dict[str, str]:
    [verdict] = bilan["verdicts"]
    return {faute["chemin"]: faute["message"].replace("\u00a0", " ") for faute in verdict["fautes"]}


def test_the_example_goes_in_cleanly() -> None:
    [verdict] = run(EXEMPLE)["verdicts"]
    assert (verdict["issue"], verdict["resultat"], verdict["fautes"]) == ("importe", "5522890001", [])
    assert verdict["champs"]["champ"] == {"repris": 22, "decoratifs": 8, "non_repris": 5}
    dossier = Dossier.objects.get(reference="5522890001")
    assert (dossier.aap.code, dossier.etat, dossier.grappe.nom) == ("OCC-2022", "brouillon", "Grappe Autan")
    assert dossier.grappe.membres.count() == 16
    reception = Reception.objects.get(dossier=dossier)
    assert (reception.source, reception.identifiant) == ("demarches-simplifiees:68350", "5522890001")
    gardes = {un["libelle"]: un["valeur"] for un in reception.non_repris}
    assert gardes["Téléphone"] == "05 61 00 00 00"
    assert gardes["Observations de l'instructeur"] == "Grappe connue du GRADeS."
    assert reception.non_repris == verdict["non_repris"]


def test_every_document_of_the_form_is_there() -> None:
    run(EXEMPLE)
    noms = Dossier.objects.get(reference="5522890001").pieces.order_by("nom").values_list("nom", flat=True)
    assert list(noms) == [
        "autodiagnostic.pdf", "cadre_de_reponse.pdf", "calendrier.pdf", "devis.pdf", "lettre.pdf", "tableau.pdf",
    ]  # fmt: skip


def test_again_changes_nothing_and_says_when_the_rest_did(tmp_path: Path) -> None:
    run(EXEMPLE)
    [encore] = run(EXEMPLE)["verdicts"]
    assert (encore["issue"], encore["avertissements"]) == ("inchange", [])
    [annote] = run(exemple(tmp_path, **{"Grappe connue du GRADeS.": "Grappe à revoir."}))["verdicts"]
    assert annote["issue"] == "inchange"
    assert "a changé depuis la version 1" in annote["avertissements"][0]
    assert Reception.objects.count() == 1


def test_another_answer_makes_another_version(tmp_path: Path) -> None:
    run(EXEMPLE)
    [verdict] = run(exemple(tmp_path, **{"DUI Horizon": "DUI Boussole"}))["verdicts"]
    assert verdict["issue"] == "modifie"
    assert Dossier.objects.get(reference="5522890001").logiciel == "DUI Boussole"
    assert [un.rang for un in Reception.objects.order_by("rang")] == [1, 2]


@pytest.mark.parametrize("par", [{}, {"par": ""}], ids=["par une personne", "par personne"])
def test_a_simulation_gives_the_same_verdicts_and_keeps_nothing(tmp_path: Path, par: Json) -> None:
    fichier = exemple(tmp_path, **{"31 090 002 2": "31 090 002 3"})
    for chemin, sortie in ((fichier, 1), (EXEMPLE, 0)):
        essai = run(chemin, simuler=True, sortie_attendue=sortie, **par)
        assert (Reception.objects.count(), Dossier.objects.count()) == (0, 0)
        vrai = run(chemin, sortie_attendue=sortie)
        assert essai["verdicts"] == vrai["verdicts"]
        assert (essai["simule"], vrai["simule"]) == (True, False)


def test_reasons_name_the_champs_and_the_rejects_come_back_corrected(tmp_path: Path) -> None:
    fautif = exemple(
        tmp_path,
        **{
            "Acquisition d'un nouveau logiciel": "Location",
            '"decimalNumber": 344000': '"decimalNumber": 344000.005',
        },
    )
    motifs = reasons(run(fautif, sortie_attendue=1))
    assert "ne connaît pas la réponse « Location »" in motifs["projet"]
    assert motifs["aide_demandee"].startswith("Champ « Aide demandée (en euros TTC) » : ")
    rejets = fautif.with_suffix(".rejets.json")
    [rendu] = json.loads(rejets.read_text())["data"]["demarche"]["dossiers"]["nodes"]
    assert {motif["chemin"] for motif in rendu["motifs"]} == motifs.keys()
    corrige = rejets.read_text()
    corrige = corrige.replace("Location", "Acquisition d'un nouveau logiciel").replace("344000.005", "344000.00")
    suite = tmp_path / "corrige.json"
    suite.write_text(corrige)
    [verdict] = run(suite)["verdicts"]
    assert verdict["issue"] == "importe"
    assert verdict["champs"] == run(EXEMPLE)["verdicts"][0]["champs"]


def test_an_unknown_number_is_told_with_its_row(tmp_path: Path) -> None:
    motifs = reasons(run(exemple(tmp_path, **{"31 090 002 2": "310900999"}), sortie_attendue=1, simuler=True))
    assert motifs["grappe.essms[1].finess_et"].startswith(
        "Champ « Numéro FINESS géographique » (ligne 2 de « Établissements et services de la grappe ») : "
    )


def test_a_box_that_was_never_ticked_is_not_a_no(tmp_path: Path) -> None:
    fichier = exemple(
        tmp_path, **{'"stringValue": "true",\n     "selected": true': '"stringValue": null,\n     "selected": null'}
    )
    motifs = reasons(run(fichier, sortie_attendue=1, simuler=True))
    assert motifs == {"segur": "Champ « Le logiciel est-il référencé Ségur ? », sans réponse : clé obligatoire absente"}


def test_an_answer_that_is_optional_and_unreadable_rejects_too(tmp_path: Path) -> None:
    """Left out, the field would take its default: that would be to guess."""
    non = '"stringValue": "false",\n     "selected": false'
    motifs = reasons(run(exemple(tmp_path, **{non: '"stringValue": "peut-être"'}), sortie_attendue=1))
    champ = "Champ « Un contrat est-il déjà signé avec un éditeur ? »"
    assert motifs == {"contrat_signe": f"{champ} : oui ou non attendu, « peut-être » lu."}
    assert not Dossier.objects.exists()


def test_the_real_dossier_of_another_programme_is_rejected_for_good_reasons() -> None:
    bilan = run(DETR, DETR_DSIL, sortie_attendue=1, simuler=True)
    motifs = reasons(bilan)
    assert motifs["aap"] == "Aucun champ de la démarche ne donne « aap » : clé obligatoire absente"
    assert motifs["grappe.essms"] == "Aucun champ de la démarche ne donne « grappe.essms » : clé obligatoire absente"
    assert motifs.keys() == {
        "aap", "projet", "segur", "porteur.finess_ej", "grappe.essms", "depenses[0].taux_tva",
        "depenses[0].montant_ttc",
    }  # fmt: skip
    [verdict] = bilan["verdicts"]
    assert [sum(verdict["champs"][nature].values()) for nature in ("champ", "annotation", "ligne")] == [56, 13, 1]


def test_the_dossier_of_another_demarche_is_sent_to_its_mapping() -> None:
    motifs = reasons(run(DETR, ESMS, sortie_attendue=1, simuler=True))
    assert list(motifs) == [""]
    assert "vient de la démarche 11223344" in motifs[""]


def test_two_of_a_number_and_one_that_is_nothing(tmp_path: Path) -> None:
    brut = json.loads(EXEMPLE.read_text())["data"]["dossier"]
    fichier = tmp_path / "liste.json"
    fichier.write_text(json.dumps([brut, brut, None]))
    bilan = run(fichier, sortie_attendue=1)
    assert [un["issue"] for un in bilan["verdicts"]] == ["importe", "rejete", "rejete"]
    assert "porte déjà cet identifiant" in bilan["verdicts"][1]["fautes"][0]["message"]


def test_a_character_that_cannot_be_kept_refuses_the_dossier_and_is_shown(tmp_path: Path) -> None:
    motifs = reasons(run(exemple(tmp_path, **{"05 61 00 00 00": "\\ud800 \\u0000"}), sortie_attendue=1))
    assert list(motifs) == [""]
    assert "champs[5].stringValue : ce texte contient un caractère illisible" in motifs[""]


@pytest.mark.parametrize(
    ("fichier", "correspondance"),
    [(Path("absent.json"), ESMS), (DETR, "inconnue"), (DETR.with_name("README.md"), ESMS)],
)
def test_what_cannot_be_read_is_refused_as_a_whole(fichier: Path, correspondance: str) -> None:
    assert run(fichier, correspondance, sortie_attendue=2, simuler=True)["code"] == "DONNEES_INVALIDES"


def test_people_read_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "150")
    sortie = StringIO()
    call_command("importer_demarche", EXEMPLE, correspondance=ESMS, simuler=True, stdout=sortie)
    lignes = [[mot.strip() for mot in ligne.split("│")[1:-1]] for ligne in sortie.getvalue().splitlines()]
    assert ["5522890001", "importe", "130", "113", "9", "8", "7"] in lignes
