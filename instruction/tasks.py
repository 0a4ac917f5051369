"""What the worker runs. Safe to run twice or on two machines."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from instruction import relances
from instruction.agenda import catch_up
from instruction.lots import execution, services
from moteur import horloge

#: A lost connection, a deadlock: waits of 2 s, 4 s, 8 s. Then `reprendre_lots` takes over.
PATIENCE = RetryStrategy(max_attempts=3, exponential_wait=2, retry_exceptions=set(execution.PANNES))


@app.periodic(cron="5 * * * *")
@app.task(name="instruction.rattraper", queueing_lock="instruction.rattraper")
def rattraper(timestamp: int) -> None:
    """Every hour: the dossiers whose date has passed."""
    catch_up(horloge.aujourdhui())


@app.task(name=services.TACHE, retry=PATIENCE)
def avancer_lot(lot: int) -> None:
    execution.advance(lot)


@app.periodic(cron="* * * * *")
@app.task(name="instruction.reprendre_lots", queueing_lock="instruction.reprendre_lots")
def reprendre_lots(timestamp: int) -> None:
    """Every minute: the batches whose worker died before the end."""
    for pk in services.unfinished().values_list("pk", flat=True):
        services.enqueue(pk)


@app.periodic(cron="50 4,10 * * *")
@app.task(name="instruction.relancer", queueing_lock="instruction.relancer")
def relancer(timestamp: int) -> None:
    """Twice a day: the tasks of the agents that are due soon, or late."""
    relances.remind()
