"""Numbers, money and dates as a French reader expects them."""

from datetime import date, datetime
from decimal import Decimal

from django import template

from moteur import horloge, texte

register = template.Library()


@register.filter
def euros(montant: Decimal | str) -> str:
    """1 234,50 €. Takes the "0.00" strings of JSON too."""
    return texte.en_euros(Decimal(montant))


@register.filter
def nombre(valeur: Decimal | int | str) -> str:
    """7 000 or 12,5: thousands apart, decimal comma, no useless zero."""
    exact = Decimal(valeur)
    ecrit = f"{int(exact):,}" if exact == exact.to_integral_value() else f"{exact.normalize():,f}"
    return ecrit.replace(",", texte.FINE).replace(".", ",")


@register.filter
def pourcent(valeur: Decimal) -> str:
    """70,00 %, the digits as given."""
    return texte.en_pourcent(valeur)


@register.filter
def jour(valeur: date | datetime) -> str:
    """1er mars 2022, in Paris when it is an instant."""
    return texte.en_toutes_lettres(horloge.jour(valeur) if isinstance(valeur, datetime) else valeur)


@register.filter
def heure(instant: datetime) -> str:
    """9 h 05, in Paris."""
    local = instant.astimezone(horloge.PARIS)
    return f"{local.hour}{texte.INSECABLE}h{texte.INSECABLE}{local.minute:02d}"


@register.filter
def poids(octets: int) -> str:
    """1,5 Mo."""
    return texte.en_octets(octets)


@register.filter
def pluriel(quantite: int, mots: str) -> str:
    """`3|pluriel:"dossier,dossiers"` gives 3 dossiers. In French the plural starts at two."""
    singulier, _, plusieurs = mots.partition(",")
    return f"{nombre(quantite)}{texte.INSECABLE}{plusieurs if abs(quantite) >= 2 else singulier}"
