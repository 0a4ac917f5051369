"""The instruction clock: the days the porteur was awaited are told apart, and said by month."""

from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from aap.models import Etat
from instruction.compteur import Mouvement, measure
from moteur import horloge


def le(jour, heure=9):
    return horloge.ouverture(date.fromisoformat(jour)) + timedelta(hours=heure - 9)


def test_the_clock_leaves_out_the_days_she_was_awaited():
    actes = [
        Mouvement(le=le("2022-04-01"), vers=Etat.DEPOSE),
        Mouvement(le=le("2022-04-05"), vers=Etat.A_COMPLETER, echeance=date(2022, 5, 1)),
        Mouvement(le=le("2022-04-15"), vers=Etat.EN_RECEVABILITE),
    ]
    compteur = measure(actes, date(2022, 4, 21))
    assert (compteur.total, compteur.porteur, compteur.ars, compteur.arrete_le) == (20, 10, 10, None)


def test_past_her_due_date_the_days_are_the_agency_s():
    actes = [
        Mouvement(le=le("2022-04-01"), vers=Etat.DEPOSE),
        Mouvement(le=le("2022-04-05"), vers=Etat.A_COMPLETER, echeance=date(2022, 4, 8)),
    ]
    compteur = measure(actes, date(2022, 4, 21))
    assert (compteur.total, compteur.porteur) == (20, 3)


def test_the_clock_stops_with_the_decision():
    actes = [
        Mouvement(le=le("2022-04-01"), vers=Etat.DEPOSE),
        Mouvement(le=le("2022-04-11"), vers=Etat.NOTIFIE),
        Mouvement(le=le("2022-05-11"), vers=Etat.CONVENTIONNE),
    ]
    compteur = measure(actes, date(2023, 1, 1))
    assert (compteur.total, compteur.arrete_le) == (10, date(2022, 4, 11))


def test_a_day_is_a_day_in_paris():
    """23:30 UTC on 31 March is already 1 April there."""
    actes = [Mouvement(le=datetime.fromisoformat("2022-03-31T23:30:00+00:00"), vers=Etat.DEPOSE)]
    assert measure(actes, date(2022, 4, 1)).total == 0


def test_no_clock_before_the_filing():
    assert measure([Mouvement(le=le("2022-04-01"), vers=Etat.ABANDONNE)], date(2022, 4, 2)) is None


@given(st.lists(st.tuples(st.sampled_from(list(Etat)), st.integers(0, 40)), max_size=12), st.integers(0, 40))
def test_the_shares_of_the_clock_always_make_its_total(pas, reste):
    instant, actes = le("2022-04-01"), []
    for etat, jours in [(Etat.DEPOSE, 0), *pas]:
        instant += timedelta(days=jours)
        actes.append(Mouvement(le=instant, vers=etat, echeance=horloge.jour(instant) + timedelta(days=10)))
    compteur = measure(actes, horloge.jour(instant) + timedelta(days=reste))
    assert 0 <= compteur.porteur <= compteur.total
    assert compteur.ars + compteur.porteur == compteur.total


def test_the_clock_says_when_it_stood_still_month_by_month():
    actes = [
        Mouvement(le=le("2022-04-01"), vers=Etat.DEPOSE),
        Mouvement(le=le("2022-04-20"), vers=Etat.A_COMPLETER, echeance=date(2022, 5, 30)),
        Mouvement(le=le("2022-05-02"), vers=Etat.EN_RECEVABILITE),
        Mouvement(le=le("2022-05-09"), vers=Etat.A_COMPLETER, echeance=date(2022, 5, 30)),
        Mouvement(le=le("2022-05-09", 15), vers=Etat.EN_RECEVABILITE),
        Mouvement(le=le("2022-05-10"), vers=Etat.A_COMPLETER, echeance=date(2022, 5, 30)),
        Mouvement(le=le("2022-05-11"), vers=Etat.EN_RECEVABILITE),
    ]
    dit = measure(actes, date(2022, 5, 21)).arretee.replace("\u00a0", " ")
    assert dit == "horloge arrêtée 11 jours en avril 2022 et 2 jours en mai 2022"
    assert measure(actes[:1], date(2022, 5, 21)).arretee == ""
