"""A due date for her calendar: the right instant wherever she is, replaced rather than doubled."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from moteur import horloge
from tests.fabriques import MOTIF, PORTE, agir, amener, campagne, porteuse


@pytest.fixture
def dossier(db):
    return amener(campagne().dossier("D1"), "a_completer")


@pytest.fixture
def client(dossier):
    navigateur = Client()
    navigateur.force_login(dossier.dossieruserobjectpermission_set.get().user, backend=PORTE)
    return navigateur


def page(dossier, action="completer"):
    return reverse("portail:agenda", args=[dossier.pk, action])


def downloaded(client, dossier, action="completer"):
    reponse = client.get(page(dossier, action))
    assert reponse.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert f"echeance-{dossier.pk}-{action}.ics" in reponse.headers["Content-Disposition"]
    agenda = Calendar.from_ical(reponse.content)
    (evenement,) = agenda.walk("VEVENT")
    return agenda, evenement


def test_it_ends_with_the_last_minute_of_the_day_in_paris(client, dossier):
    agenda, evenement = downloaded(client, dossier)
    fin = evenement["DTEND"].dt
    assert fin == datetime(2022, 5, 1, 23, 59, tzinfo=horloge.PARIS)
    assert evenement["DTEND"].params["TZID"] == "Europe/Paris"
    assert [str(zone["TZID"]) for zone in agenda.walk("VTIMEZONE")] == ["Europe/Paris"]
    assert fin.astimezone(ZoneInfo("America/Martinique")).hour == 17
    assert fin.astimezone(ZoneInfo("Indian/Reunion")).date() == date(2022, 5, 2)


def test_it_says_what_for_which_dossier_and_where(client, dossier):
    _, evenement = downloaded(client, dossier)
    assert str(evenement["SUMMARY"]) == f"Dernier délai : Compléter ({dossier.reference})"
    assert str(evenement["URL"]).endswith(reverse("portail:suivi", args=[dossier.pk]))
    assert [rappel["TRIGGER"].dt for rappel in evenement.walk("VALARM")] == [-timedelta(days=7), -timedelta(days=1)]


def test_the_same_thing_asked_again_replaces_it(client, dossier):
    _, avant = downloaded(client, dossier)
    agir(dossier, "completer", "porteur", jour="2022-04-20")
    agir(dossier, "demander_complements", "instructeur", jour="2022-04-21", **MOTIF, echeance="2022-06-01")
    with horloge.figer(horloge.ouverture(date(2022, 4, 22))):
        _, apres = downloaded(client, dossier)
    assert avant["UID"] == apres["UID"]
    assert avant["SEQUENCE"] < apres["SEQUENCE"]
    assert apres["DTEND"].dt.date() == date(2022, 6, 1)


def test_what_is_not_asked_of_her_has_no_date(client, dossier):
    assert client.get(page(dossier, "signer")).status_code == 404
    assert client.get(page(dossier, "inconnue")).status_code == 404
    agir(dossier, "completer", "porteur", jour="2022-04-20")
    assert client.get(page(dossier)).status_code == 404


def test_it_is_hers_alone(dossier):
    etrangere = Client()
    etrangere.force_login(porteuse(dossier.grappe.og_porteur, "autre"), backend=PORTE)
    assert etrangere.get(page(dossier)).status_code == 404
    assert Client().get(page(dossier)).status_code == 302


def test_a_reference_cannot_write_lines_of_its_own(client, dossier):
    """Line breaks and separators are escaped, and long lines folded."""
    type(dossier).objects.filter(pk=dossier.pk).update(reference="R\r\nATTENDEE:mailto:x@exemple.fr;,\\")
    reponse = client.get(page(dossier))
    assert b"\nATTENDEE" not in reponse.content
    assert all(len(ligne) <= 75 for ligne in reponse.content.split(b"\r\n"))
