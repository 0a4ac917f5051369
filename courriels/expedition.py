"""Hand e-mails to the mail server: each one by its own job, tried again with patience."""

from collections.abc import Collection, Iterable
from datetime import timedelta
from smtplib import SMTPException, SMTPRecipientsRefused
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat, Now
from django.urls import reverse
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from courriels import preferences
from courriels.models import Courriel, Nature, Sort
from courriels.redaction import address
from moteur import horloge

TACHE, FILE = "courriels.envoyer", "courriels"
VERROU = "courriel:"
#: An e-mail whose job gave up is given another one, not sooner than this after its last attempt.
REPRISE = timedelta(hours=6)
#: A job whose worker gave no sign for that long died with it.
SILENCE = timedelta(minutes=5)
#: Jobs written in one query.
LOT = 1000


class EnvoiImpossible(Exception):
    """The mail server could not be reached, or did not want it now: to be tried again."""


def enqueue(evenements: Collection[str]) -> None:
    """Have the e-mails of these events sent, if and only if the caller's transaction is kept."""
    if not evenements:
        return
    attendent = Courriel.objects.filter(evenement__in=evenements, sort=Sort.A_ENVOYER)
    _defer(attendent.order_by("pk").values_list("pk", flat=True))


def enqueue_one(courriel: Courriel) -> None:
    """Same, for one."""
    _defer([courriel.pk])


@transaction.atomic
def recover() -> int:
    """Give a job again to what lost its own: a worker that died, attempts used up. Return how many.

    Locks: those e-mails; one that is being sent, or recovered by another, is left to it.
    """
    vivants = ProcrastinateJob.objects.filter(
        Q(status="todo") | Q(status="doing", worker__last_heartbeat__gt=Now() - SILENCE),
        queueing_lock=Concat(Value(VERROU), Cast(OuterRef("pk"), CharField())),
    )
    delaisses = Courriel.objects.filter(
        ~Exists(vivants),
        Q(essaye_le=None) | Q(essaye_le__lt=horloge.maintenant() - REPRISE),
        sort=Sort.A_ENVOYER,
    )
    cles = list(delaisses.select_for_update(skip_locked=True, no_key=True).order_by("pk").values_list("pk", flat=True))
    _defer(cles)
    return len(cles)


def send(courriel_id: int) -> None:
    """Send one e-mail, unless it was sent or somebody is sending it; keep why it failed.

    The row stays locked for the time of the exchange (`EMAIL_TIMEOUT`): nobody else waits for it. A crash between
    the server's answer and the commit sends it again, under the same Message-ID.
    Raises: EnvoiImpossible when it must be tried again.
    """
    with transaction.atomic():
        attendent = Courriel.objects.filter(pk=courriel_id, sort=Sort.A_ENVOYER).select_related("destinataire")
        courriel = attendent.select_for_update(skip_locked=True, of=("self",), no_key=True).first()
        if courriel is None:
            return
        panne = _try(courriel)
        courriel.save(update_fields=["sort", "essaye_le", "envoye_le", "erreur"])
    if panne:
        raise EnvoiImpossible(courriel.erreur)


def message(courriel: Courriel) -> EmailMultiAlternatives:
    """The e-mail as it leaves. Its Message-ID depends on nothing but what it is: a second copy is known as one."""
    entetes = {"Message-ID": f"<{uuid5(NAMESPACE_URL, address(f'/courriels/{courriel.pk}'))}@{_host()}>"}
    entetes["Auto-Submitted"] = "auto-generated"
    if courriel.nature != Nature.ACTION:
        jeton = preferences.token(courriel.destinataire_id)
        entetes["List-Unsubscribe"] = f"<{address(reverse('courriels-desabonnement', args=[jeton]))}>"
        entetes["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    courrier = EmailMultiAlternatives(courriel.sujet, courriel.texte, to=[courriel.destinataire.email], headers=entetes)
    courrier.attach_alternative(courriel.html, "text/html")
    return courrier


def _try(courriel: Courriel) -> bool:
    """Set what became of it; whether it must be tried again."""
    courriel.essaye_le, courriel.erreur = horloge.maintenant(), ""
    if not courriel.destinataire.email:
        courriel.sort = Sort.SANS_ADRESSE
        return False
    try:
        message(courriel).send()
    except SMTPRecipientsRefused as refus:
        courriel.erreur = _reason(refus)
        if not _for_good(refus):
            return True
        courriel.sort = Sort.REFUSE
        return False
    except (SMTPException, OSError) as panne:
        courriel.erreur = f"{type(panne).__name__} : {panne}"[:2000]
        return True
    courriel.sort, courriel.envoye_le = Sort.ENVOYE, courriel.essaye_le
    return False


def _reason(refus: SMTPRecipientsRefused) -> str:
    return " ; ".join(f"{code} {texte.decode(errors='replace')}" for code, texte in refus.recipients.values())[:2000]


def _for_good(refus: SMTPRecipientsRefused) -> bool:
    """A 5xx is final, a 4xx is for now. Source: RFC 5321, section 4.2.1."""
    return all(code >= 500 for code, _ in refus.recipients.values())


def _host() -> str:
    return urlsplit(settings.ADRESSE_SITE).hostname or "localhost"


def _defer(cles: Iterable[int]) -> None:
    taches = [
        app.configure_task(TACHE, queue=FILE, queueing_lock=f"{VERROU}{cle}", task_kwargs={"courriel": cle}).job
        for cle in cles
    ]
    for debut in range(0, len(taches), LOT):
        app.job_manager.batch_defer_jobs(taches[debut : debut + LOT])
