"""What other floors read of the money of a dossier."""

from collections.abc import Collection, Iterable
from datetime import date

from aap.models import Dossier
from conventions.models import Convention, EtatVersement, Signataire, Versement

#: A payment that will not take place: its rank may be proposed anew.
SANS_SUITE = (EtatVersement.REJETE, EtatVersement.ANNULE)
#: Where a page keeps the parties that it read, with whether each has signed.
_ABSENTS = "_signatures_attendues"


def alive(versements: Iterable[Versement], rang: int) -> Versement | None:
    """Of a convention's payments, the one of that rank that will take place, or did."""
    return next((un for un in versements if un.rang == rang and un.etat not in SANS_SUITE), None)


def payment(dossier: Dossier, rang: int) -> Versement | None:
    """The payment of that rank that is alive, or None."""
    vivants = Versement.objects.filter(convention__dossier=dossier, rang=rang).exclude(etat__in=SANS_SUITE)
    return vivants.select_related("convention__dossier").first()


def due_date(dossier: Dossier) -> date | None:
    """Day by which the targets are due, prorogations included; None before the signature.

    `limite_cibles`: the same, where whoever loaded the dossier annotated it.
    """
    if hasattr(dossier, "limite_cibles"):
        annotee: date | None = dossier.limite_cibles
        return annotee
    convention: Convention | None = getattr(dossier, "convention", None)
    return convention.echeance if convention else None


def unsigned(dossier: Dossier) -> list[Signataire]:
    """The parties whose signature is awaited. One query, unless a page kept them."""
    lus: list[Signataire] | None = getattr(dossier, _ABSENTS, None)
    if lus is not None:
        return lus
    attendus = Signataire.objects.filter(convention__dossier=dossier, signature__isnull=True)
    return list(attendus.select_related("og"))


def remember_unsigned(dossier: Dossier, parties: Iterable[Signataire], signees: Collection[int]) -> None:
    """Keep on this object the parties not among `signees`: a page asks many times. The door never sees it."""
    setattr(dossier, _ABSENTS, [une for une in parties if une.pk not in signees])
