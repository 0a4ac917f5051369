"""A real mail server on this machine, in a thread of its own, that keeps what it is given."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from procrastinate.contrib.django import app

from comptes.models import Utilisateur
from tests.fabriques import Campagne, campagne


class Boite:
    """What arrived. Addresses in `refus` are answered so; `arret` set, each message waits for `suite`."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.refus: dict[str, str] = {}
        self.arrives = threading.Event()
        self.suite = threading.Event()
        self.suite.set()

    async def handle_RCPT(self, serveur: Any, session: Any, enveloppe: Any, adresse: str, options: Any) -> str:
        if adresse in self.refus:
            return self.refus[adresse]
        enveloppe.rcpt_tos.append(adresse)
        return "250 OK"

    async def handle_DATA(self, serveur: Any, session: Any, enveloppe: Any) -> str:
        self.arrives.set()
        await asyncio.get_running_loop().run_in_executor(None, self.suite.wait, 20)
        self.messages.append(message_from_bytes(enveloppe.content, policy=default))
        return "250 OK"


def free_port() -> int:
    with socket.socket() as prise:
        prise.bind(("127.0.0.1", 0))
        return int(prise.getsockname()[1])


@pytest.fixture
def sans_serveur(settings: Any) -> int:
    """E-mails leave, towards a port where nobody listens."""
    settings.COURRIELS_ENVOYES = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", free_port(), False
    return int(settings.EMAIL_PORT)


@pytest.fixture
def boite(sans_serveur: int) -> Iterator[Boite]:
    """The server is up."""
    recues = Boite()
    controleur = Controller(recues, hostname="127.0.0.1", port=sans_serveur)
    controleur.start()
    yield recues
    recues.suite.set()
    controleur.stop()


@pytest.fixture
def sans_horaires(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker runs what the test defers, and not what falls due at the minute of the test."""
    monkeypatch.setattr(app.periodic_registry, "periodic_tasks", {})


def with_addresses() -> None:
    """Everybody gets an address."""
    for qui in Utilisateur.objects.all():
        qui.email = f"{qui.last_name.replace(':', '-')}@example.fr"
        qui.save(update_fields=["email"])


@pytest.fixture
def camp(db: None) -> Campagne:
    return campagne()
