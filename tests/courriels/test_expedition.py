"""Through a real mail server on this machine: sent once, tried again, given up for good."""

from datetime import timedelta
from typing import Any

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from courriels.expedition import REPRISE, EnvoiImpossible, enqueue, message, recover, send
from courriels.models import Courriel, Nature, Sort
from moteur import horloge
from tests.courriels.conftest import Boite
from tests.fabriques import personne

pytestmark = pytest.mark.django_db


@pytest.fixture
def courriel(db: None) -> Courriel:
    qui = personne("porteur")
    qui.email = "porteur@example.fr"
    qui.save(update_fields=["email"])
    return Courriel.objects.create(
        evenement="envoi:1", destinataire=qui, nature=Nature.ACTION, sort=Sort.A_ENVOYER, sujet="Complétez « D1 »",
        texte="Complétez le dossier.\n", html="<p>Complétez le dossier.</p>",
        fait_le=horloge.maintenant(), cree_le=horloge.maintenant(),
    )  # fmt: skip


def test_it_arrives_as_text_and_html_once(courriel: Courriel, boite: Boite) -> None:
    send(courriel.pk)
    send(courriel.pk)
    [recu] = boite.messages
    assert (recu["Subject"], recu["To"]) == ("Complétez « D1 »", "porteur@example.fr")
    assert [partie.get_content_type() for partie in recu.iter_parts()] == ["text/plain", "text/html"]  # type: ignore[attr-defined]
    assert recu["Auto-Submitted"] == "auto-generated"
    courriel.refresh_from_db()
    assert (courriel.sort, courriel.erreur, courriel.envoye_le) == (Sort.ENVOYE, "", courriel.essaye_le)


def test_a_second_copy_would_bear_the_same_identifier(courriel: Courriel) -> None:
    assert message(courriel).extra_headers["Message-ID"] == message(courriel).extra_headers["Message-ID"]
    autre = Courriel(pk=courriel.pk + 1, destinataire=courriel.destinataire, nature=Nature.ACTION)
    assert message(autre).extra_headers["Message-ID"] != message(courriel).extra_headers["Message-ID"]


def test_news_can_be_stopped_from_the_mail_program_and_what_is_asked_cannot(courriel: Courriel) -> None:
    assert "List-Unsubscribe" not in message(courriel).extra_headers
    courriel.nature = Nature.RESUME
    entetes = message(courriel).extra_headers
    assert entetes["List-Unsubscribe"].startswith("<http://127.0.0.1:8000/courriels/desabonnement/")
    assert entetes["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_server_that_is_down_leaves_it_to_be_sent_again(courriel: Courriel, sans_serveur: int) -> None:
    with pytest.raises(EnvoiImpossible):
        send(courriel.pk)
    courriel.refresh_from_db()
    assert courriel.sort == Sort.A_ENVOYER
    assert courriel.erreur.startswith("ConnectionRefusedError")


def test_it_leaves_once_the_server_is_back(courriel: Courriel, boite: Boite) -> None:
    boite.refus["porteur@example.fr"] = "451 greylisted"
    with pytest.raises(EnvoiImpossible):
        send(courriel.pk)
    courriel.refresh_from_db()
    assert (courriel.sort, courriel.erreur) == (Sort.A_ENVOYER, "451 greylisted")
    boite.refus.clear()
    send(courriel.pk)
    courriel.refresh_from_db()
    assert (courriel.sort, courriel.erreur, len(boite.messages)) == (Sort.ENVOYE, "", 1)


def test_an_address_refused_for_good_is_marked_and_not_tried_again(courriel: Courriel, boite: Boite) -> None:
    boite.refus["porteur@example.fr"] = "550 no such user"
    send(courriel.pk)
    courriel.refresh_from_db()
    assert (courriel.sort, courriel.erreur) == (Sort.REFUSE, "550 no such user")
    boite.refus.clear()
    send(courriel.pk)
    assert boite.messages == []


def test_nobody_is_written_to_without_an_address(courriel: Courriel, boite: Boite) -> None:
    courriel.destinataire.email = ""
    courriel.destinataire.save(update_fields=["email"])
    send(courriel.pk)
    courriel.refresh_from_db()
    assert (courriel.sort, boite.messages) == (Sort.SANS_ADRESSE, [])


def verrous() -> list[Any]:
    return list(ProcrastinateJob.objects.order_by("pk").values_list("queueing_lock", flat=True))


def test_what_has_no_job_is_given_one(courriel: Courriel) -> None:
    assert recover() == 1
    assert verrous() == [f"courriel:{courriel.pk}"]
    assert recover() == 0  # it has one now


def test_what_gave_up_is_tried_again_later_not_at_once(courriel: Courriel) -> None:
    Courriel.objects.update(essaye_le=horloge.maintenant())
    assert recover() == 0
    with horloge.figer(horloge.maintenant() + REPRISE + timedelta(minutes=1)):
        assert recover() == 1


def test_a_job_belongs_to_what_is_to_be_sent_only(courriel: Courriel) -> None:
    Courriel.objects.update(sort=Sort.RETENU)
    enqueue({"envoi:1"})
    assert recover() == 0
    assert verrous() == []
