"""What the worker runs. Each is thin, and safe to run twice or on two machines."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from courriels import expedition, rappels, releve, resumes

#: Waits of 4 s, 16 s, 1 min, 4 min, 17 min, 1 h, 5 h, 18 h: about a day. Then `expedition.recover` takes over.
PATIENCE = RetryStrategy(max_attempts=8, exponential_wait=4, retry_exceptions={expedition.EnvoiImpossible})


@app.task(name=expedition.TACHE, queue=expedition.FILE, retry=PATIENCE)
def envoyer(courriel: int) -> None:
    expedition.send(courriel)


@app.periodic(cron="* * * * *")
@app.task(name="courriels.relever", queue=expedition.FILE, queueing_lock="courriels.relever")
def relever(timestamp: int) -> None:
    """Every minute: the outbox, then what lost its job."""
    releve.collect()
    expedition.recover()


@app.periodic(cron="10 * * * *")
@app.task(name="courriels.resumer", queue=expedition.FILE, queueing_lock="courriels.resumer")
def resumer(timestamp: int) -> None:
    """Every hour: the digests that are due."""
    resumes.send_digests()


@app.periodic(cron="0 4,8,12,16 * * *")
@app.task(name="courriels.rappeler", queue=expedition.FILE, queueing_lock="courriels.rappeler")
def rappeler(timestamp: int) -> None:
    """Four times a day: the due dates that come near."""
    rappels.remind()
