"""What the worker runs. Safe to run twice or on two machines."""

from procrastinate.contrib.django import app

from instruction import relances
from instruction.agenda import catch_up
from moteur import horloge


@app.periodic(cron="5 * * * *")
@app.task(name="instruction.rattraper", queueing_lock="instruction.rattraper")
def rattraper(timestamp: int) -> None:
    """Every hour: the dossiers whose date has passed."""
    catch_up(horloge.aujourdhui())


@app.periodic(cron="50 4,10 * * *")
@app.task(name="instruction.relancer", queueing_lock="instruction.relancer")
def relancer(timestamp: int) -> None:
    """Twice a day: the tasks of the agents that are due soon, or late."""
    relances.remind()
