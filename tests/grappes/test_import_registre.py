"""Files into the register: what is created, changed, closed, kept; twice is once; nothing is lost."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import DatabaseError, transaction

from grappes.importation import import_files
from grappes.models import Essms, EvenementRegistre, Importation, OrganismeGestionnaire
from moteur.erreurs import Refus
from tests.grappes.fichiers_finess import ECHANTILLON, daily, ege, ej, et, geo, many, stock

pytestmark = pytest.mark.django_db


def state() -> list[object]:
    return [
        *Essms.objects.order_by("finess").values_list(),
        *OrganismeGestionnaire.objects.order_by("finess").values_list(),
        *EvenementRegistre.objects.order_by("pk").values_list(),
        *Importation.objects.order_by("pk").values_list(),
    ]


def test_the_real_sample_places_each_where_it_is() -> None:
    bilan = import_files([ECHANTILLON])
    assert (bilan.crees, bilan.og_crees, sum(bilan.ignores.values()), bilan.rejets) == (5, 5, 9, [])
    smjpm = Essms.objects.get(finess="970216057")
    assert (smjpm.departement_id, smjpm.departement.region_id, smjpm.og.finess, smjpm.og.nom) == (
        "972", "02", "590799730", "",
    )  # fmt: skip
    assert smjpm.rejeu is None
    assert any("sans nom" in phrase for phrase in bilan.avertissements)


def test_twice_is_once(tmp_path: Path) -> None:
    chemin = stock(tmp_path / "f.csv", [et(), ej(), geo()])
    import_files([chemin])
    avant = state()
    bilan = import_files([chemin])
    assert bilan.inchanges == 1
    assert set(bilan.counts().values()) == {0}
    assert state() == avant


def test_a_replaced_value_is_a_dated_event(tmp_path: Path) -> None:
    import_files([stock(tmp_path / "a.csv", [et(), ej()])])
    bilan = import_files([stock(tmp_path / "b.csv", [et(og="310000036", rs="EHPAD DU LAC")], le="2026-06-12")])
    assert (bilan.modifies, bilan.crees) == (1, 0)
    essms = Essms.objects.get()
    assert (essms.nom, essms.og.finess) == ("EHPAD DU LAC", "310000036")
    faits = (
        EvenementRegistre.objects.filter(essms=essms).order_by("pk").values_list("nature", "champ", "avant", "apres")
    )
    assert list(faits) == [
        ("ouverture", "", "", ""),
        ("changement", "nom", "EHPAD LES LAVANDES", "EHPAD DU LAC"),
        ("changement", "og", "310000010", "310000036"),
    ]
    assert [str(e.le) for e in EvenementRegistre.objects.order_by("pk")] == ["1990-01-02", "2026-06-12", "2026-06-12"]
    for interdit in ("UPDATE", "DELETE"):
        with pytest.raises(DatabaseError, match=f"{interdit} interdit"), transaction.atomic():
            faits.update(avant="") if interdit == "UPDATE" else EvenementRegistre.objects.all().delete()


def test_an_older_file_never_brings_back_the_past(tmp_path: Path) -> None:
    import_files([stock(tmp_path / "b.csv", [et(rs="NOUVEAU")], le="2026-06-12")])
    bilan = import_files([stock(tmp_path / "a.csv", [et(rs="ANCIEN")], le="2026-05-12")])
    assert bilan.ignores == {"le registre tient ces lignes d'un fichier plus récent": 1}
    assert Essms.objects.get().nom == "NOUVEAU"


def test_the_json_closes_and_reopens(tmp_path: Path) -> None:
    import_files([stock(tmp_path / "a.csv", [et(), ej()])])
    bilan = import_files([daily(tmp_path / "b.json", ege(dateFermeture="2026-05-31", etatObjet="I"))])
    assert (bilan.fermes, str(Essms.objects.get().ferme_le)) == (1, "2026-05-31")
    bilan = import_files([daily(tmp_path / "c.json", ege(), le="2026-07-01")])
    assert (bilan.rouverts, Essms.objects.get().ferme_le) == (1, None)
    natures = [e.nature for e in EvenementRegistre.objects.exclude(nature="changement").order_by("pk")]
    assert natures == ["ouverture", "fermeture", "reouverture"]


def test_absence_closes_a_few_and_never_many(tmp_path: Path) -> None:
    tous = many(40)
    import_files([stock(tmp_path / "a.csv", tous)])
    bilan = import_files([stock(tmp_path / "b.csv", tous[:20], le="2026-06-12")])
    assert bilan.fermes == 0
    assert any("partiel" in phrase for phrase in bilan.avertissements)
    bilan = import_files([stock(tmp_path / "c.csv", tous[:38], le="2026-07-12")])
    assert bilan.fermes == 2
    assert Essms.objects.filter(ferme_le="2026-07-12").count() == 2


def test_what_is_twice_in_a_file_is_taken_once(tmp_path: Path) -> None:
    bilan = import_files([stock(tmp_path / "a.csv", [et(), et(rs="AUTRE")])])
    assert bilan.rejets == [
        {"fichier": "a.csv", "lieu": "ligne 3", "motif": "310000028 est déjà cité : ligne 2"},
    ]
    assert Essms.objects.get().nom == "EHPAD LES LAVANDES"


def test_too_many_bad_rows_refuse_the_file(tmp_path: Path) -> None:
    mauvaises = [et(rs="") for _ in range(11)]
    assert len(import_files([stock(tmp_path / "a.csv", [et(), *mauvaises[:10]])]).rejets) == 10
    avant = state()
    with pytest.raises(Refus, match="c'est trop"):
        import_files([stock(tmp_path / "b.csv", [et("310000036"), *mauvaises])])
    assert state() == avant


def test_one_damaged_file_refuses_them_all(tmp_path: Path) -> None:
    bon = stock(tmp_path / "a.csv", many(10))
    with pytest.raises(Refus, match=r"b\.csv.*ligne 12.*colonnes"):
        import_files([bon, stock(tmp_path / "b.csv", [*many(10), et()[:20]])])
    assert Essms.objects.count() == 0


@pytest.mark.parametrize("nom", ["absent.csv", "vide.csv"])
def test_the_command_says_what_to_correct(tmp_path: Path, nom: str) -> None:
    (tmp_path / "vide.csv").touch()
    sortie = StringIO()
    with pytest.raises(SystemExit) as fin:
        call_command("importer_finess", tmp_path / nom, "--json", stdout=sortie)
    assert fin.value.code == 2
    assert json.loads(sortie.getvalue())["code"] == "DONNEES_INVALIDES"


def test_the_command_reports() -> None:
    sortie = StringIO()
    call_command("importer_finess", ECHANTILLON, "--json", stdout=sortie)
    assert json.loads(sortie.getvalue())["crees"] == 5
    call_command("importer_finess", ECHANTILLON, stdout=sortie)
    assert "Inchangés" in sortie.getvalue()
