"""A due date for the porteur's calendar (RFC 5545). A file, downloaded: nothing is shared with any service."""

from datetime import date, datetime, time, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from icalendar import Alarm, Calendar, Event

from moteur.horloge import PARIS

#: The law's last minute. A day of the law ends at midnight in Paris, which overseas is not midnight: the event has an
#: hour and a time zone, so that every calendar shows it where its owner is.
DERNIERE_MINUTE = time(23, 59)
RAPPELS = (timedelta(days=7), timedelta(days=1))


def due_date_file(
    *, dossier: int, reference: str, action: str, quoi: str, echeance: date, adresse: str, ecrit_le: datetime
) -> bytes:
    """One event, the last half hour, with two reminders. The same thing asked again replaces it: its UID is the same.

    `adresse`: page of the dossier, absolute; `ecrit_le`: aware.
    """
    site = urlsplit(settings.ADRESSE_SITE).hostname or "localhost"
    fin = datetime.combine(echeance, DERNIERE_MINUTE, PARIS)
    evenement = Event()
    evenement.add("uid", f"dossier-{dossier}-{action}@{site}")
    evenement.add("dtstamp", ecrit_le)
    evenement.add("sequence", int(ecrit_le.timestamp()) // 60)
    evenement.add("dtstart", fin - timedelta(minutes=29))
    evenement.add("dtend", fin)
    evenement.add("summary", f"Dernier délai : {quoi} ({reference})")
    evenement.add("description", f"À faire avant minuit, heure de Paris. Le dossier : {adresse}")
    evenement.add("url", adresse)
    for avance in RAPPELS:
        evenement.add_component(_reminder(avance, quoi))
    agenda = Calendar()
    agenda.add("prodid", "-//ESMS numérique//Portail des porteurs//FR")
    agenda.add("version", "2.0")
    agenda.add("method", "PUBLISH")
    agenda.add_component(evenement)
    agenda.add_missing_timezones()
    ecrit: bytes = agenda.to_ical()
    return ecrit


def _reminder(avance: timedelta, quoi: str) -> Alarm:
    rappel = Alarm()
    rappel.add("action", "DISPLAY")
    rappel.add("trigger", -avance)
    rappel.add("description", f"Bientôt le dernier délai : {quoi}")
    return rappel
