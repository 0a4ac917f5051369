"""What no row names is removed once old; what a row names never is, whoever writes meanwhile."""

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import connections, transaction

from aap.documents.balayage import AGE, Bilan, Orphelin, inspect, remove, sweep
from aap.documents.depot import deposit, digest
from aap.documents.entrepot import keep
from aap.messages import send
from aap.models import Dossier, PieceFournie
from aap.tasks import balayer
from config import stockage
from moteur import horloge
from moteur.erreurs import Code, Refus
from tests.fabriques import campagne, personne
from tests.fichiers import envoye, pdf
from tests.invariants.ecluse import ecluse

LETTRE = "lettre_engagement"


@pytest.fixture(autouse=True)
def coffre(tmp_path, settings):
    settings.STORAGES = settings.STORAGES | {"pieces": stockage.on_disk(tmp_path / "pieces")}
    return tmp_path / "pieces"


def draft() -> Dossier:
    return campagne(dossiers=[{"pieces": []}]).dossier("D1")


@pytest.fixture
def dossier(db) -> Dossier:
    return draft()


def give(dossier: Dossier, texte: str = "Bonjour") -> PieceFournie:
    return deposit(dossier, personne("porteur"), code=LETTRE, fichier=envoye("lettre.pdf", pdf(texte)))


def orphan(dossier: Dossier, texte: str = "orphelin", *, jours: float = 8) -> Orphelin:
    """What a sending that was refused at the last instant left, so many days ago."""
    contenu = ContentFile(pdf(texte))
    empreinte = digest(contenu)
    keep(dossier, empreinte, contenu)
    return older(Orphelin(dossier.pk, empreinte), jours)


def older(orphelin: Orphelin, jours: float = 8) -> Orphelin:
    le = (horloge.reelle() - timedelta(days=jours)).timestamp()
    os.utime(place(orphelin), (le, le))
    return orphelin


def place(orphelin: Orphelin) -> Path:
    return Path(settings.STORAGES["pieces"]["OPTIONS"]["location"]) / orphelin.chemin


def run(**options: object) -> tuple[int, str]:
    sortie, statut = StringIO(), 0
    try:
        call_command("balayer_pieces", stdout=sortie, stderr=sortie, **options)
    except SystemExit as fin:
        statut = int(fin.code or 0)
    return statut, sortie.getvalue()


def test_an_old_orphan_goes_and_everything_named_stays(dossier):
    piece = give(dossier)
    send(dossier, personne("porteur"), texte="Voici.", fichiers=[envoye("autre.pdf", pdf("jointe"))])
    kept = [older(Orphelin(dossier.pk, nom.name)) for nom in place(Orphelin(dossier.pk, "")).iterdir()]
    perdu = orphan(dossier)
    statut, dit = run()
    assert statut == 0
    assert "Orphelins supprimés : 1" in dit
    assert perdu.chemin in dit
    assert not place(perdu).exists()
    assert len(kept) == 2
    assert all(place(un).exists() for un in kept)
    assert piece.empreinte in {un.nom for un in kept}


def test_a_simulation_says_the_same_and_removes_nothing(dossier):
    give(dossier)
    perdu = orphan(dossier)
    statut, dit = run(simuler=True)
    assert (statut, "simulation, rien n'est supprimé) : 1" in dit, place(perdu).exists()) == (0, True, True)


def test_what_is_being_sent_survives(dossier):
    give(dossier)
    jeune = orphan(dossier, jours=6.9)
    assert sweep().recents == 1
    assert place(jeune).exists()
    assert sweep(age=timedelta(days=1)).orphelins == [jeune.chemin]
    with pytest.raises(CommandError, match="1 au moins"):
        call_command("balayer_pieces", "--jours", "0")


def test_a_half_written_file_of_a_stopped_machine_goes_too(dossier, coffre):
    give(dossier)
    reste = Orphelin(dossier.pk, ".tmpab12_x")
    place(reste).write_bytes(b"moitie")
    older(reste)
    assert sweep().orphelins == [reste.chemin]


def test_what_is_not_ours_is_told_and_left(dossier, coffre):
    give(dossier)
    (coffre / "LISEZMOI").write_text("à quelqu'un")
    (coffre / "sauvegarde").mkdir()
    (coffre / str(dossier.pk) / "notes.txt").write_text("à quelqu'un")
    older(Orphelin(dossier.pk, "notes.txt"))
    bilan = sweep()
    assert bilan.etrangers == ["LISEZMOI", "sauvegarde/", f"{dossier.pk}/notes.txt"]
    assert bilan.orphelins == []
    assert (coffre / str(dossier.pk) / "notes.txt").exists()


def test_a_missing_file_is_named_and_fails(dossier):
    piece = give(dossier)
    place(Orphelin(dossier.pk, piece.empreinte)).unlink()
    statut, dit = run()
    assert statut == 1
    assert f"D1 : lettre.pdf ({piece.empreinte})" in dit


def test_metadata_alone_miss_nothing(db):
    campagne()  # its documents were given by their SHA-256 only
    assert PieceFournie.objects.exists()
    assert run()[0] == 0


def test_the_orphan_of_a_dossier_that_is_no_more_goes(dossier):
    give(dossier)
    place(Orphelin(999_999, "")).mkdir()
    perdu = Orphelin(999_999, "a" * 64)
    place(perdu).write_bytes(b"x")
    assert sweep().orphelins == []
    assert sweep().recents == 1
    older(perdu)
    assert sweep().orphelins == [perdu.chemin]


def test_the_base_of_another_store_removes_nothing(dossier):
    perdu = orphan(dossier)
    (place(perdu).parent / "notes.txt").write_text("à quelqu'un")
    with pytest.raises(Refus) as refus:
        sweep()
    assert refus.value.code is Code.DONNEES_INVALIDES
    assert place(perdu).exists()
    assert run()[0] == 2


def test_an_empty_store_is_nothing_to_say(db):
    assert run()[0] == 0
    balayer(timestamp=0)


def test_a_row_created_between_listing_and_removal_keeps_its_file(dossier):
    perdu = orphan(dossier, "Bonjour")
    trouves = inspect(Bilan(simule=False))
    assert trouves == [perdu]
    assert give(dossier).empreinte == perdu.nom
    older(perdu)
    bilan = Bilan(simule=False)
    remove(perdu, horloge.reelle() - AGE, bilan)
    assert bilan.orphelins == []
    assert place(perdu).exists()


# With two real connections.


@pytest.fixture
def reel(base_jetable: str) -> Dossier:
    return draft()


def in_thread(fils: ThreadPoolExecutor, action):
    def run_and_close():
        try:
            return action()
        finally:
            connections.close_all()

    return fils.submit(run_and_close)


def test_a_row_being_written_makes_the_sweep_wait_then_give_up(reel):
    perdu = orphan(reel, "Bonjour")
    bilan = Bilan(simule=False)
    with ecluse("aap_piecefournie", "INSERT") as porte, ThreadPoolExecutor(2) as fils:
        envoi = in_thread(fils, lambda: give(reel))
        porte.attendre(1)  # kept, its dossier locked, its row not written yet
        older(perdu)
        balai = in_thread(fils, lambda: remove(perdu, horloge.reelle() - AGE, bilan))
        porte.attendre(2)
        porte.ouvrir()
        assert envoi.result().empreinte == perdu.nom
        balai.result()
    assert bilan.orphelins == []
    assert place(perdu).exists()


def test_a_file_removed_just_before_its_row_is_written_again(reel):
    """The sweep has the lock when the same content is sent: it has just been kept, and waits for its row."""
    perdu = orphan(reel, "Bonjour")
    bilan = Bilan(simule=False)
    with ecluse("aap_piecefournie", "INSERT") as porte, ThreadPoolExecutor(1) as fils:
        with transaction.atomic():
            Dossier.objects.locked().get(pk=reel.pk)
            envoi = in_thread(fils, lambda: give(reel))
            porte.attendre(1)  # kept, waits for the dossier
            older(perdu)
            remove(perdu, horloge.reelle() - AGE, bilan)
        porte.ouvrir()
        assert envoi.result().empreinte == perdu.nom
    assert bilan.orphelins == [perdu.chemin]
    assert place(perdu).exists()


def test_two_sweeps_at_once_remove_once(reel, en_parallele):
    give(reel)
    perdus = [orphan(reel, f"orphelin {rang}") for rang in range(5)]
    faits = en_parallele(sweep, sweep)
    assert sorted(chemin for bilan in faits for chemin in bilan.orphelins) == sorted(un.chemin for un in perdus)
