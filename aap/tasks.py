"""What the worker runs. Safe to run twice or on two machines."""

import logging

from procrastinate.contrib.django import app

from aap.documents.balayage import sweep

journal = logging.getLogger(__name__)


@app.periodic(cron="40 3 * * 0")
@app.task(name="aap.balayer", queueing_lock="aap.balayer")
def balayer(timestamp: int) -> None:
    """Every Sunday: the files that no row names; those that are missing go to the log."""
    for manquant in sweep().manquants:
        journal.error("pièce sans fichier : %s", manquant)
