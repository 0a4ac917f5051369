"""Two machines at once, and the worker itself, on a database that really commits."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from comptes.models import Utilisateur
from courriels.expedition import send
from courriels.models import Courriel, Nature, Sort
from courriels.releve import collect, deliver
from courriels.resumes import send_digests
from courriels.tasks import relever
from moteur import envois, horloge
from moteur.models import Envoi
from tests.courriels.conftest import Boite, with_addresses
from tests.fabriques import amener, campagne
from tests.invariants.ecluse import apart, course, ecluse

pytestmark = pytest.mark.usefixtures("base_jetable")


@pytest.fixture
def campagne_lue_par_personne(base_jetable: str) -> None:
    amener(campagne().dossier("D1"), "a_completer")
    with_addresses()


def noting(lus: list[int]) -> Callable[[Sequence[Envoi]], None]:
    """The real reading, which also notes the rows it was given."""

    def traiter(lot: Sequence[Envoi]) -> None:
        lus.extend(envoi.pk for envoi in lot)
        deliver(lot)

    return traiter


def consume_without_lock(lus: list[int]) -> None:
    """What the outbox would be without its lock."""
    with transaction.atomic():
        lot = list(Envoi.objects.filter(traite_le=None).order_by("pk"))
        noting(lus)(lot)
        Envoi.objects.filter(pk__in=[envoi.pk for envoi in lot]).update(traite_le=horloge.maintenant())


@pytest.mark.usefixtures("campagne_lue_par_personne")
def test_a_row_held_by_one_machine_is_left_by_the_other() -> None:
    total = Envoi.objects.count()
    lus: list[int] = []
    with ecluse("courriels_courriel", "INSERT") as porte, ThreadPoolExecutor(2) as fils:
        try:
            premiere = fils.submit(apart, lambda: envois.consume(noting(lus)))
            porte.attendre(1)  # in the middle of its write
            assert fils.submit(apart, lambda: envois.consume(noting(lus))).result(timeout=5) == 0
        finally:
            porte.ouvrir()
        assert premiere.result(timeout=30) == total
    assert len(lus) == len(set(lus)) == total


@pytest.mark.usefixtures("campagne_lue_par_personne")
def test_without_the_lock_both_read_the_same_rows() -> None:
    lus: list[int] = []
    course("courriels_courriel", "INSERT", *[lambda: consume_without_lock(lus)] * 2)
    assert len(lus) == 2 * len(set(lus)) > 0
    # The unique key still holds: nobody is told twice.
    assert Courriel.objects.count() == Courriel.objects.values("evenement", "destinataire").distinct().count()


@pytest.mark.usefixtures("campagne_lue_par_personne")
def test_many_rows_are_shared_between_two_machines(en_parallele: Callable[..., list[Any]]) -> None:
    modele = Envoi.objects.filter(sujet="dossier.deposer").get()
    Envoi.objects.bulk_create(
        Envoi(sujet=modele.sujet, charge=modele.charge, cree_le=modele.cree_le) for _ in range(1500)
    )
    total = Envoi.objects.count()
    lus = en_parallele(collect, collect)
    assert sum(lus) == total
    assert not Envoi.objects.filter(traite_le=None).exists()
    assert Courriel.objects.filter(nature=Nature.ACTION, sujet__contains="déposé").count() == 1501


@pytest.mark.usefixtures("campagne_lue_par_personne")
def test_a_crash_in_the_middle_reads_it_all_again() -> None:
    def meurt(lot: Sequence[Envoi]) -> None:
        deliver(lot)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        envois.consume(meurt)
    assert (Courriel.objects.count(), ProcrastinateJob.objects.count()) == (0, 0)
    assert collect() == Envoi.objects.count()


@pytest.mark.usefixtures("campagne_lue_par_personne")
def test_two_machines_send_one_e_mail_once(boite: Boite) -> None:
    collect()
    cle = Courriel.objects.filter(sort=Sort.A_ENVOYER).values_list("pk", flat=True)[0]
    boite.suite.clear()
    with ThreadPoolExecutor(2) as fils:
        try:
            premiere = fils.submit(apart, lambda: send(cle))
            assert boite.arrives.wait(20)  # in the middle of its exchange
            assert fils.submit(apart, lambda: send(cle)).result(timeout=5) is None
        finally:
            boite.suite.set()
        assert premiere.result(timeout=30) is None
    assert len(boite.messages) == 1


@pytest.mark.usefixtures("campagne_lue_par_personne")
def test_two_machines_make_one_digest_each() -> None:
    collect()
    personnes = Courriel.objects.filter(sort=Sort.AU_RESUME).values("destinataire").distinct().count()
    matin = datetime.combine(date(2022, 5, 2), time(8), horloge.PARIS).astimezone(UTC)

    def digests() -> int:
        with horloge.figer(matin):
            return send_digests()

    faits = course("courriels_courriel", "INSERT", digests, digests)
    assert sum(faits) == personnes == Courriel.objects.filter(nature=Nature.RESUME).count()


@pytest.mark.usefixtures("campagne_lue_par_personne", "sans_horaires")
def test_the_worker_reads_the_outbox_and_sends(boite: Boite) -> None:
    """Once, as `manage.py procrastinate worker --one-shot` does it."""
    relever.configure(task_kwargs={"timestamp": 0}).defer()
    call_command("procrastinate", "worker", "--one-shot")
    attendus = Courriel.objects.filter(nature=Nature.ACTION)
    assert {un.sort for un in attendus} == {Sort.ENVOYE}
    assert len(boite.messages) == attendus.count() > 0
    assert set(Courriel.objects.exclude(nature=Nature.ACTION).values_list("sort", flat=True)) <= {Sort.AU_RESUME}


@pytest.mark.usefixtures("campagne_lue_par_personne", "sans_serveur", "sans_horaires")
def test_the_worker_tries_again_later_when_the_server_is_down() -> None:
    collect()
    attendus = Courriel.objects.filter(sort=Sort.A_ENVOYER).count()
    call_command("procrastinate", "worker", "--one-shot")
    reprises = ProcrastinateJob.objects.filter(task_name="courriels.envoyer", status="todo", attempts=1)
    assert reprises.exclude(scheduled_at=None).count() == attendus > 0
    assert Courriel.objects.filter(sort=Sort.A_ENVOYER).exclude(erreur="").count() == attendus


@pytest.mark.usefixtures("sans_horaires")
def test_people_of_a_play_that_is_kept_have_no_address(boite: Boite) -> None:
    """What `rejouer --garder` leaves is read like the rest, and nobody made up can be written to."""
    amener(campagne().dossier("D1"), "a_completer")
    assert not Utilisateur.objects.exclude(email="").exists()
    relever.configure(task_kwargs={"timestamp": 0}).defer()
    call_command("procrastinate", "worker", "--one-shot")
    assert boite.messages == []
    assert set(Courriel.objects.filter(nature=Nature.ACTION).values_list("sort", flat=True)) == {Sort.SANS_ADRESSE}
    connections.close_all()
