"""Legal delay to reach the usage targets. Source: regles.md §5 (webinar slide 21)."""

from calendar import monthrange
from datetime import date

from aap.regles import Regles, exiger
from grappes.projets import Projet


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


def add_months(jour: date, mois: int) -> date:
    """Same day `mois` months later, or the last day of that month when it is shorter."""
    annee, rang = divmod(jour.year * 12 + jour.month - 1 + mois, 12)
    return date(annee, rang + 1, min(jour.day, monthrange(annee, rang + 1)[1]))
