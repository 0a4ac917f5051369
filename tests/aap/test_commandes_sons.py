"""Importing SONS orders: each row judged alone, nothing lost, nothing done twice."""

import csv
import json
import subprocess
import sys
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aap.commandes_sons import importation
from aap.commandes_sons.lecture import COLONNES, MOTIFS, open_file
from aap.commandes_sons.retour import write_rejected
from grappes.commandes import EtatCommande
from grappes.models import CommandeSons, Essms, OrganismeGestionnaire
from moteur.lots import BilanLot
from tests import fabriques
from tests.aap.commandes_sons import AUTRE_OG, OG, et, reasons, register, row, run, write_csv, write_json

PROJET = Path(__file__).resolve().parents[2]
MELANGE = [row(0), row(1, finess_et="990000000"), row(2, commandee_le="44621"), row(3, soldee_le="2022-05-01")]


def kept() -> list[Any]:
    return list(CommandeSons.objects.order_by("pk").values())


def command(*arguments: object) -> tuple[int, str]:
    """Exit code and standard output."""
    sortie = StringIO()
    try:
        call_command("importer_commandes_sons", *map(str, arguments), stdout=sortie, stderr=sortie)
    except SystemExit as fin:
        return int(str(fin.code)), sortie.getvalue()
    return 0, sortie.getvalue()


@pytest.mark.django_db
class TestImport:
    @pytest.mark.parametrize("ecrire", [write_csv, write_json])
    def test_what_is_right_goes_in_and_the_rest_says_why(self, tmp_path: Path, ecrire: Any) -> None:
        register(4)
        bilan = run(ecrire(tmp_path / "f", *MELANGE))
        assert bilan.counts() == {"importe": 2, "modifie": 0, "inchange": 0, "rejete": 2}
        assert [(rang, colonne) for rang, colonne, _ in reasons(bilan)] == [(2, "finess_et"), (3, "commandee_le")]
        une, soldee = CommandeSons.objects.order_by("reference")
        assert (une.reference, une.essms.finess, une.og.finess, une.logiciel) == ("ASP-0", et(0), OG, "Alpha")
        assert (une.commandee_le, une.complete_le) == (date(2022, 3, 1), None)
        assert (une.situation, soldee.situation) == (EtatCommande.COMMANDEE, EtatCommande.SOLDEE)

    def test_all_the_faults_of_a_row_are_told_at_once(self, tmp_path: Path) -> None:
        register()
        fausse = row(0, reference="", finess_et="12", logiciel="x" * 101, vague="MS9", commandee_le="2022-02-30",
                     avance_le="2022-05-02", soldee_le="2022-05-01")  # fmt: skip
        assert sorted(colonne for _, colonne, _ in reasons(run(write_csv(tmp_path / "f.csv", fausse)))) == [
            "commandee_le", "finess_et", "logiciel", "reference", "soldee_le", "vague",
        ]  # fmt: skip

    @pytest.mark.parametrize("ecrire", [write_csv, write_json])
    def test_simulated_or_not_the_verdicts_are_the_same(self, tmp_path: Path, ecrire: Any) -> None:
        register(4)
        lignes = [*MELANGE, row(0), row(0, logiciel="Beta"), row(0, reference="ASP-9"), row(0, annulee_le="2022-06-01")]
        chemin = ecrire(tmp_path / "f", *lignes)
        simule = run(chemin, simuler=True)
        assert kept() == []
        assert simule.as_dict()["verdicts"] == run(chemin).as_dict()["verdicts"]
        assert simule.counts() == {"importe": 2, "modifie": 1, "inchange": 1, "rejete": 4}

    def test_the_same_file_again_changes_nothing(self, tmp_path: Path) -> None:
        register(2)
        chemin = write_csv(tmp_path / "f.csv", row(0, editeur="Éditeur"), row(1, avance_le="2022-04-01"))
        run(chemin)
        avant = kept()
        assert run(chemin).counts()["inchange"] == 2
        assert kept() == avant

    def test_spaces_and_capitals_are_no_difference(self, tmp_path: Path) -> None:
        register()
        run(write_csv(tmp_path / "a.csv", row(logiciel="Mon  Logiciel")))
        assert run(write_csv(tmp_path / "b.csv", row(logiciel="mon logiciel"))).counts()["inchange"] == 1

    @pytest.mark.parametrize(
        ("colonne", "valeur"),
        [("complete_le", "2022-04-01"), ("avance_le", "2022-04-01"), ("soldee_le", "2022-04-01"),
         ("annulee_le", "2022-04-01"), ("editeur", "Éditeur")],
    )  # fmt: skip
    def test_what_is_newly_known_is_added_and_what_is_silent_keeps(
        self, tmp_path: Path, colonne: str, valeur: str
    ) -> None:
        register()
        run(write_csv(tmp_path / "a.csv", row()))
        complete = row(0, **{colonne: valeur})
        assert run(write_csv(tmp_path / "b.csv", complete)).counts()["modifie"] == 1
        assert str(getattr(CommandeSons.objects.get(), colonne)) == valeur
        assert run(write_csv(tmp_path / "a.csv", row())).counts()["inchange"] == 1
        assert str(getattr(CommandeSons.objects.get(), colonne)) == valeur

    @pytest.mark.parametrize(
        ("colonne", "valeur", "connu", "trouve"),
        [("logiciel", "Beta", "« Alpha »", "« Beta »"), ("vague", "PDE", "« MS1 »", "« PDE »"),
         ("finess_ej", AUTRE_OG, OG, AUTRE_OG), ("commandee_le", "2022-03-02", "1er mars 2022", "2 mars 2022"),
         ("avance_le", "2022-05-02", "1er mai 2022", "2 mai 2022"), ("editeur", "B", "« A »", "« B »")],
    )  # fmt: skip
    def test_a_known_order_is_never_rewritten(
        self, tmp_path: Path, colonne: str, valeur: str, connu: str, trouve: str
    ) -> None:
        register()
        connue = row(avance_le="2022-05-01", editeur="A")
        run(write_csv(tmp_path / "a.csv", connue))
        avant = kept()
        [(_, dite, motif)] = reasons(run(write_csv(tmp_path / "b.csv", connue | {colonne: valeur})))
        assert dite == colonne
        assert connu in motif
        assert trouve in motif
        assert kept() == avant

    def test_a_new_date_is_ordered_with_those_already_known(self, tmp_path: Path) -> None:
        register()
        run(write_csv(tmp_path / "a.csv", row(avance_le="2022-05-01")))
        assert [c for _, c, _ in reasons(run(write_csv(tmp_path / "b.csv", row(soldee_le="2022-04-01"))))] == [
            "soldee_le"
        ]

    def test_one_order_may_cover_several_essms_of_one_og_only(self, tmp_path: Path) -> None:
        register(2)
        register(1, AUTRE_OG, debut=2)
        commune = {"reference": "ASP-1"}
        lignes = [row(0, **commune), row(1, **commune), row(2, **commune, finess_ej=AUTRE_OG)]
        [(rang, colonne, motif)] = reasons(run(write_csv(tmp_path / "f.csv", *lignes)))
        assert (rang, colonne) == (3, "finess_ej")
        assert f"La commande ASP-1 est connue avec « {OG} », la ligne donne « {AUTRE_OG} »" in motif

    def test_one_order_per_essms_and_wave_until_it_is_cancelled(self, tmp_path: Path) -> None:
        register()
        lignes = [row(), row(reference="ASP-9"), row(annulee_le="2022-06-01"), row(reference="ASP-9"),
                  row(reference="ASP-P", vague="PDE")]  # fmt: skip
        bilan = run(write_csv(tmp_path / "f.csv", *lignes))
        assert [un.issue.value for un in bilan.jugements] == ["importe", "rejete", "modifie", "importe", "importe"]
        assert "a déjà la commande ASP-0 de la vague MS1" in reasons(bilan)[0][2]

    def test_an_essms_that_moved_to_another_og_keeps_its_order(self, tmp_path: Path) -> None:
        register(1)
        register(1, AUTRE_OG, debut=1)
        chemin = write_csv(tmp_path / "f.csv", row())
        run(chemin)
        Essms.objects.filter(finess=et(0)).update(og=OrganismeGestionnaire.objects.get(finess=AUTRE_OG))
        assert run(chemin).counts()["inchange"] == 1

    @pytest.mark.parametrize(
        ("champs", "colonne", "attendu"),
        [
            ({"finess_et": et(0).lstrip("0")}, "finess_et", f"zéro de tête) : écrivez « {et(0)} »"),
            ({"finess_et": f"{et(0)[:3]} {et(0)[3:]}"}, "finess_et", f"écrivez « {et(0)} »"),
            ({"finess_et": OG}, "finess_et", "intervertis"),
            ({"finess_ej": et(0)}, "finess_ej", "intervertis"),
            ({"finess_ej": AUTRE_OG}, "finess_ej", f"relève de OG {OG} ({OG}) et non de OG {AUTRE_OG}"),
            ({"finess_et": et(5)}, "finess_et", "n'est pas au registre"),
            ({"finess_et": "310000029"}, "finess_et", "Sa clé est fausse"),
            ({"finess_et": "EHPAD"}, "finess_et", "n'a pas la forme"),
        ],
    )
    def test_a_wrong_number_says_which_was_meant(
        self, tmp_path: Path, champs: dict[str, str], colonne: str, attendu: str
    ) -> None:
        register()
        register(1, AUTRE_OG, debut=1)
        [(_, dite, motif)] = reasons(run(write_csv(tmp_path / "f.csv", row(0, **champs))))
        assert dite == colonne
        assert attendu in motif

    def test_the_register_of_a_play_is_not_ours(self, tmp_path: Path) -> None:
        register()
        Essms.objects.update(rejeu="00000000-0000-4000-8000-000000000001")
        assert [c for _, c, _ in reasons(run(write_csv(tmp_path / "f.csv", row())))] == ["finess_et"]

    def test_a_row_of_the_wrong_width_is_alone_to_suffer(self, tmp_path: Path) -> None:
        register(2)
        chemin = write_csv(tmp_path / "f.csv", row(0), row(1))
        chemin.write_text(chemin.read_text().replace("Alpha", "Al;pha", 1))
        bilan = run(chemin)
        assert bilan.counts()["importe"] == 1
        assert "12 cellules au lieu de 11" in reasons(bilan)[0][2]

    def test_queries_do_not_grow_with_the_rows_of_a_block(self, tmp_path: Path) -> None:
        register(40)
        lectures = []
        for nombre in (5, 40):
            chemin = write_csv(tmp_path / "f.csv", *(row(rang) for rang in range(nombre)))
            with CaptureQueriesContext(connection) as requetes:
                run(chemin, simuler=True)
            lectures.append(sum(requete["sql"].startswith("SELECT") for requete in requetes))
        assert lectures == [4, 4]

    def test_a_second_block_knows_what_the_first_let_in(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(importation, "BLOC", 2)
        register(3)
        lignes = [row(0), row(1), row(2), row(0, reference="ASP-9")]
        assert [rang for rang, _, _ in reasons(run(write_csv(tmp_path / "f.csv", *lignes)))] == [4]


@pytest.mark.django_db
class TestWarnings:
    def warned(self, tmp_path: Path, *lignes: dict[str, Any]) -> list[str]:
        bilan = run(write_csv(tmp_path / "f.csv", *lignes))
        assert bilan.rejetes == []
        return [" ".join(mot.split()) for un in bilan.jugements for mot in un.avertissements]

    @pytest.mark.parametrize(
        ("champs", "debut"),
        [
            ({}, ""),
            ({"commandee_le": "2022-02-12"}, ""),
            ({"commandee_le": "2022-02-11"}, "COMMANDE_AVANT_PUBLICATION : la commande précède"),
            ({"complete_le": "2022-06-29"}, ""),
            ({"complete_le": "2022-06-30"}, "COMMANDE_TROP_ANCIENNE : 121 jours"),
            ({"vague": "PDE"}, "vague PDE : ses conditions ne sont pas au règlement"),
        ],
    )
    def test_an_order_that_is_not_eligible_goes_in_with_a_warning(
        self, tmp_path: Path, champs: dict[str, str], debut: str
    ) -> None:
        register()
        assert [mot[: len(debut)] for mot in self.warned(tmp_path, row(0, **champs))] == ([debut] if debut else [])

    @pytest.mark.parametrize(("projet", "segur", "averti"), [("acquisition", True, True), ("acquisition", False, False),
                                                             ("montee_de_version", True, False)])  # fmt: skip
    def test_a_funded_acquisition_closes_the_first_wave(
        self, tmp_path: Path, projet: str, segur: bool, averti: bool
    ) -> None:
        campagne = fabriques.campagne(dossiers=[{"projet": projet, "segur": segur}])
        signe = fabriques.amener(campagne.dossier("D1"), "notifie")
        essms = signe.grappe.membres.select_related("essms__og")[0].essms
        commande = row(finess_et=essms.finess, finess_ej=essms.og.finess)
        assert self.warned(tmp_path, commande) == []
        fabriques.amener(signe, "conventionne")
        [*mots] = self.warned(tmp_path, commande)
        assert [mot.startswith("ACQUISITION_FINANCEE : E11 : le dossier D1") for mot in mots] == [True] * averti


@pytest.mark.django_db
class TestReturn:
    def test_csv_comes_back_with_its_reasons_and_goes_in_once_corrected(self, tmp_path: Path) -> None:
        register(4)
        source, rejets = write_csv(tmp_path / "f.csv", *MELANGE), tmp_path / "r.csv"
        assert command(source, "--rejets", rejets)[0] == 1
        with rejets.open(encoding="utf-8-sig", newline="") as flux:
            rendues = list(csv.DictReader(flux, delimiter=";"))
        assert [{nom: une[nom] for nom in COLONNES} for une in rendues] == [MELANGE[1], MELANGE[2]]
        assert [une[MOTIFS].split(" : ")[0] for une in rendues] == ["finess_et", "commandee_le"]
        assert command(rejets, "--rejets", tmp_path / "encore.csv")[0] == 1
        texte = rejets.read_text(encoding="utf-8-sig").replace("990000000", et(1)).replace("44621", "01/03/2022", 2)
        corrige = tmp_path / "corrige.csv"
        corrige.write_text(texte, encoding="utf-8")
        assert command(corrige)[0] == 0
        assert CommandeSons.objects.count() == 4

    def test_json_comes_back_with_its_reasons_and_goes_in_once_corrected(self, tmp_path: Path) -> None:
        register(4)
        source, rejets = write_json(tmp_path / "f.json", *MELANGE, "rien"), tmp_path / "r.json"
        assert command(source, "--rejets", rejets)[0] == 1
        rendu = json.loads(rejets.read_text(encoding="utf-8"))
        assert [une[MOTIFS][0]["chemin"] for une in rendu["commandes"]] == ["finess_et", "commandee_le", "commande"]
        rendu["commandes"] = [
            rendu["commandes"][0] | {"finess_et": et(1)},
            rendu["commandes"][1] | {"commandee_le": "2022-03-01"},
        ]
        rejets.write_text(json.dumps(rendu), encoding="utf-8")
        assert command(rejets)[0] == 0

    def test_a_row_too_wide_comes_back_whole(self, tmp_path: Path) -> None:
        register()
        source, rejets = write_csv(tmp_path / "f.csv", row()), tmp_path / "r.csv"
        source.write_text(source.read_text().replace("Alpha", "Al;pha"))
        lot = open_file(source)
        write_rejected(lot, run(source), rejets)
        assert "Al;pha" in rejets.read_text(encoding="utf-8-sig")
        assert [colonne for _, colonne, _ in reasons(run(rejets))] == ["ligne"]

    def test_nothing_rejected_gives_a_file_without_rows(self, tmp_path: Path) -> None:
        register()
        assert command(write_csv(tmp_path / "f.csv", row()), "--rejets", tmp_path / "r.csv")[0] == 0
        assert (tmp_path / "r.csv").read_text(encoding="utf-8-sig").split() == [";".join([MOTIFS, *COLONNES])]


@pytest.mark.django_db
class TestCommand:
    def test_tables_for_people(self, tmp_path: Path) -> None:
        register(4)
        code, texte = command(write_csv(tmp_path / "f.csv", *MELANGE, row(0, commandee_le="2022-02-11")))
        assert code == 1
        for attendu in ("5 commandes, csv, utf-8", "Importées", "ASP-1 (ligne", "--rejets FICHIER"):
            assert attendu in texte

    def test_json_for_programs(self, tmp_path: Path) -> None:
        register()
        code, texte = command(write_csv(tmp_path / "f.csv", row()), "--json", "--simuler")
        bilan = json.loads(texte)
        assert (code, bilan["simule"], bilan["importe"], bilan["encodage"]) == (0, True, 1, "utf-8")
        assert bilan["verdicts"][0]["resultat"] == "ASP-0"
        assert kept() == []

    @pytest.mark.parametrize("arguments", [[], ["--json"]])
    def test_a_damaged_file_is_bad_input(self, tmp_path: Path, arguments: list[str]) -> None:
        (tmp_path / "f.csv").write_text("<html>")
        code, texte = command(tmp_path / "f.csv", *arguments)
        assert code == 2
        assert "page web" in texte

    def test_where_the_rejected_rows_go_is_checked_first(self, tmp_path: Path) -> None:
        register()
        source = write_csv(tmp_path / "f.csv", row())
        for mauvais in (source, tmp_path, tmp_path / "absent" / "r.csv"):
            assert command(source, "--rejets", mauvais)[0] == 2
        assert kept() == []


IMPORT = """
import pathlib, sys, django
django.setup()
from django.db import connection
from aap.commandes_sons.importation import import_orders
from aap.commandes_sons.lecture import open_file
connection.settings_dict["NAME"] = sys.argv[1]
def suivi(fait):
    if fait == 30:
        print("moitie", flush=True)
        sys.stdin.read()
import_orders(open_file(pathlib.Path(sys.argv[2])), suivi=suivi)
"""


def test_killed_half_way_leaves_whole_rows_and_starts_again(base_jetable: str, tmp_path: Path) -> None:
    register(60)
    chemin = write_csv(tmp_path / "f.csv", *(row(rang, avance_le="2022-05-01") for rang in range(60)))
    commande = [sys.executable, "-c", IMPORT, base_jetable, str(chemin)]
    with subprocess.Popen(commande, cwd=PROJET, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as processus:
        assert processus.stdout is not None
        assert processus.stdout.readline() == "moitie\n"
        processus.kill()
    assert CommandeSons.objects.filter(avance_le=date(2022, 5, 1), logiciel="Alpha").count() == 30
    assert run(chemin).counts() == {"importe": 30, "modifie": 0, "inchange": 30, "rejete": 0}


def test_two_imports_at_once_let_each_order_in_once(base_jetable: str, tmp_path: Path, en_parallele: Any) -> None:
    register(30)
    chemin = write_csv(tmp_path / "f.csv", *map(row, range(30)))
    bilans: list[BilanLot] = en_parallele(lambda: run(chemin), lambda: run(chemin))
    assert sum(bilan.counts()["importe"] for bilan in bilans) == 30 == CommandeSons.objects.count()
    assert run(chemin).counts()["inchange"] == 30
