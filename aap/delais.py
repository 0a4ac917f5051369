"""Legal delay to reach the usage targets. Source: regles.md §5 (webinar slide 21)."""

from calendar import monthrange
from datetime import date, timedelta

from dateutil.easter import easter

from aap.regles import Regles, exiger
from grappes.projets import Projet

FETES_FIXES = frozenset({(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)})


def echeance_cibles(regles: Regles, projet: Projet, engagement: date) -> date:
    """Last day to reach the targets: 9 months for an upgrade, 18 for an acquisition (2022).

    Raises: Refus REGLE_NON_RENSEIGNEE.
    """
    delais = regles.delais
    if projet is Projet.ACQUISITION:
        mois = exiger(delais.acquisition_mois, "delais.acquisition_mois", regles.code)
    else:
        mois = exiger(delais.montee_de_version_mois, "delais.montee_de_version_mois", regles.code)
    return add_months(engagement, mois)


def add_working_days(jour: date, combien: int) -> date:
    """The working day that many working days later: neither a week-end nor a public holiday of the whole country."""
    while combien > 0:
        jour += timedelta(days=1)
        combien -= is_working_day(jour)
    return jour


def working_days(depuis: date, jusqu_au: date) -> int:
    """How many working days were used from a day, left out, to another, counted; 0 when it is not after.

    So a delay of n working days from `depuis` is used up on `add_working_days(depuis, n)`.
    """
    return sum(is_working_day(depuis + timedelta(days=n)) for n in range(1, (jusqu_au - depuis).days + 1))


def is_working_day(jour: date) -> bool:
    """Source: code du travail, article L. 3133-1. Those of Alsace-Moselle and overseas are worked elsewhere."""
    return jour.weekday() < 5 and (jour.month, jour.day) not in FETES_FIXES and jour not in _moving_holidays(jour.year)


def _moving_holidays(annee: int) -> set[date]:
    """Easter Monday, Ascension, Whit Monday."""
    return {easter(annee) + timedelta(days=jours) for jours in (1, 39, 50)}


def add_months(jour: date, mois: int) -> date:
    """Same day `mois` months later, or the last day of that month when it is shorter."""
    annee, rang = divmod(jour.year * 12 + jour.month - 1 + mois, 12)
    return date(annee, rang + 1, min(jour.day, monthrange(annee, rang + 1)[1]))
