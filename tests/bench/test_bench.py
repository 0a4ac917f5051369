"""The bench compares like with like, on a database of its own, and says so in JSON."""

import json

import pytest
from django.db import connection

from aap.models import Dossier
from bench import finess, franchir, liste, pages, parcours, rapport, recherche
from bench.base import bare_connection, throwaway
from bench.dossiers import copies, one_filed
from bench.mesure import Chrono, Mesure
from instruction.scenario import read_file
from moteur import journal
from moteur.models import Entree, Envoi

A_LA_BASE = {"id", "enregistre_le", "le", "cree_le", "transaction", "precedent", "empreinte"}


def rows(dossier: Dossier) -> list[dict[str, object]]:
    """What the transition of a dossier wrote, its own number and what the database alone decides left out."""
    entree = Entree.objects.filter(objet=dossier.cle).order_by("rang").last()
    assert entree is not None
    envoi = Envoi.objects.get(charge__objet=dossier.cle, sujet=f"dossier.{franchir.TRANSITION}")
    assert envoi.charge == {"entree": entree.pk, "objet": dossier.cle}
    dossier = Dossier.objects.get(pk=dossier.pk)
    lignes = [
        *Entree.objects.filter(pk=entree.pk).values(),
        *Envoi.objects.filter(pk=envoi.pk).values(),
        *Dossier.objects.filter(pk=dossier.pk).values("etat", "version", "motif", "depose_le"),
    ]
    propres = {"chaine", "objet", "charge"}
    return [{cle: valeur for cle, valeur in ligne.items() if cle not in A_LA_BASE | propres} for ligne in lignes]


def test_bare_psycopg_writes_the_same_rows_as_the_door(base_jetable):
    modele, instructeur = one_filed(read_file(rapport.SUCCES))
    par_la_porte, nu, groupe = copies(modele, 3)
    franchir.through_the_door([par_la_porte], instructeur)
    with bare_connection() as connexion:
        franchir.bare([nu], instructeur, connexion)
        franchir.bare_together([groupe], instructeur, connexion)
    assert rows(par_la_porte) == rows(nu) == rows(groupe)
    assert not [*journal.verify(), *journal.verify_states()]


def test_the_dossiers_of_the_bench_are_as_large_as_the_real_one(base_jetable):
    modele, _ = one_filed(read_file(rapport.SUCCES))
    (copie,) = copies(modele, 1)
    assert copie.instantane == modele.instantane
    assert len(copie.instantane["essms"]) == 46


def test_the_bare_copy_holds_every_row_and_column_of_the_files(base_jetable):
    with finess.written(20) as fichiers, bare_connection() as connexion:
        parties = [partie for fichier in fichiers for partie in finess.split(fichier)]
        octets = [b"".join(fichier.read_bytes().splitlines(keepends=True)[1:]) for fichier in fichiers]
        assert b"".join(partie.octets for partie in parties) == b"".join(octets)
        for ordre, envoyer in ((finess.COLONNES, finess._by_block), (finess.RANGEE, finess._by_row)):
            finess.bare_copy(connexion, parties, Chrono(), ordre, envoyer)
            lignes = [
                ";".join(map(str, ligne))
                for partie in parties
                for ligne in connexion.execute(f"SELECT * FROM {partie.table}").fetchall()
            ]
            assert [len(ligne.split(";")) for ligne in lignes] == [p.largeur for p in parties for _ in range(p.lignes)]
            assert len({partie.table for partie in parties}) == 3


def test_its_database_is_dropped_even_when_a_measure_fails(base_jetable, base_modele):
    vues: list[str] = []

    def fail_within() -> None:
        with throwaway(base_modele) as nom:
            assert connection.settings_dict["NAME"] == nom
            vues.extend({nom} & databases())
            raise RuntimeError("panne")

    with pytest.raises(RuntimeError, match="panne"):
        fail_within()
    assert len(vues) == 1
    assert vues[0] not in databases()
    assert connection.settings_dict["NAME"] == base_jetable


def test_the_report_is_one_json_document(base_jetable, base_modele, monkeypatch, capsys):
    monkeypatch.setattr(franchir, "TOURS", 2)
    monkeypatch.setattr(franchir, "PAR_TOUR", 3)
    monkeypatch.setattr(parcours, "TOURS", 1)
    monkeypatch.setattr(pages, "DOSSIERS", 3)
    monkeypatch.setattr(liste, "PEU", 600)
    monkeypatch.setattr(liste, "BEAUCOUP", 700)
    for un in (finess, recherche, pages, liste):
        monkeypatch.setattr(un, "TOURS", 1)
    for un in (finess, recherche, pages):
        monkeypatch.setattr(un, "ESSMS", 100)
    rapport.main([], base_modele)
    sortie = capsys.readouterr()
    lu = json.loads(sortie.out)
    assert {"cores", "python", "postgresql", "fsync"} <= set(lu["machine"])
    mesures = {mesure["name"]: mesure for mesure in lu["benches"]}
    assert set(mesures) == {
        "parcours", "franchir", "franchir, against one transaction for all",
        "importer_finess", "importer_finess, again", "recherche", "pages", "liste", "corbeille", "export, mémoire",
    }  # fmt: skip
    assert {"figure", "floor", "ratio", "aim", "ok", "unit", "details"} <= set(mesures["franchir"])
    assert mesures["franchir"]["aim"] == 4
    # three of the door, one for declared interests, six of the agenda that follows (ADR 0017, 0018)
    assert mesures["franchir"]["details"]["queries_per_transition"] == 10
    assert mesures["importer_finess"]["aim"] == 6
    assert {"ratio_to_one_text_column", "ratio_to_csv_and_write_row"} <= set(mesures["importer_finess"]["details"])
    assert mesures["recherche"]["details"]["queries"] > 40
    assert "tour 1/2" in sortie.err


def test_one_bench_alone_can_be_asked_for(base_jetable, base_modele, monkeypatch, capsys):
    monkeypatch.setattr(parcours, "TOURS", 1)
    rapport.main(["parcours"], base_modele)
    assert [mesure["name"] for mesure in json.loads(capsys.readouterr().out)["benches"]] == ["parcours"]
    with pytest.raises(SystemExit):
        rapport.main(["parcours", "inconnu"], base_modele)
    assert "unknown: inconnu; known: importer" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("floor", "aim", "ratio", "ok"), [(400, 4, 4, True), (410, 4, 4.1, False), (None, None, None, None)]
)
def test_only_a_ratio_is_judged(floor, aim, ratio, ok):
    donnees = Mesure(name="n", unit="u", figure=100, floor=floor, aim=aim, details={}).as_dict()
    assert (donnees["ratio"], donnees["ok"]) == (ratio, ok)


def databases() -> set[str]:
    with connection._nodb_cursor() as curseur:
        curseur.execute("SELECT datname FROM pg_database")
        return {nom for (nom,) in curseur.fetchall()}
