"""What other floors read of the money of a dossier."""

from datetime import date

from aap.models import Dossier
from conventions.models import Convention, EtatVersement, Versement

#: A payment that will not take place: its rank may be proposed anew.
SANS_SUITE = (EtatVersement.REJETE, EtatVersement.ANNULE)


def payment(dossier: Dossier, rang: int) -> Versement | None:
    """The payment of that rank that is alive, or None."""
    vivants = Versement.objects.filter(convention__dossier=dossier, rang=rang).exclude(etat__in=SANS_SUITE)
    return vivants.select_related("convention__dossier").first()


def due_date(dossier: Dossier) -> date | None:
    """Day by which the targets are due, prorogations included; None before the signature."""
    convention: Convention | None = getattr(dossier, "convention", None)
    return convention.echeance if convention else None
