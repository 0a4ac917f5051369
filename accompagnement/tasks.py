"""What the worker runs. Safe to run twice or on two machines."""

from procrastinate.contrib.django import app

from accompagnement import alertes
from accompagnement.escalade import escalate


@app.periodic(cron="20 4 * * *")
@app.task(name="accompagnement.escalader", queueing_lock="accompagnement.escalader")
def escalader(timestamp: int) -> None:
    """Every day: the requests for help whose day has passed."""
    escalate()


@app.periodic(cron="40 4 * * *")
@app.task(name="accompagnement.alerter", queueing_lock="accompagnement.alerter")
def alerter(timestamp: int) -> None:
    """Every day: the strong risks that nobody masters, and the dossiers still without evaluation."""
    alertes.tell()
