"""One export, in this process alone: `python -m bench exporter BASE FORMAT LECTEUR`, for `bench.export`."""

import json
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse

from comptes.models import Utilisateur

PORTE = "comptes.backends.Porte"
MEGA = 2**20


def main() -> None:
    _, _, base, format, lecteur = sys.argv
    connection.settings_dict["NAME"] = base
    client = Client(SERVER_NAME=settings.ALLOWED_HOSTS[0].lstrip("."))
    client.force_login(Utilisateur.objects.get(pk=lecteur), backend=PORTE)
    client.get(reverse("dossiers"))  # what a process that serves has loaded already
    avant = _highest()
    reponse = client.get(reverse("dossiers-export", args=[format]))
    morceaux: Any = getattr(reponse, "streaming_content")  # noqa: B009 - an export streams, which its type ignores
    envoye = sum(len(morceau) for morceau in morceaux)
    sys.stdout.write(json.dumps({"envoye": envoye / MEGA, "pointe": _highest(), "avant": avant}))


def _highest() -> float:
    """The mark of this program alone: that of getrusage keeps what the parent had reached."""
    lignes = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(ligne.split()[1]) for ligne in lignes if ligne.startswith("VmHWM")) / 1024
