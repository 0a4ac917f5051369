"""What a page of the GRADeS does with what was typed: parse it, knock at the door, say what was refused."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.forms import Form

from instruction import refus
from moteur.erreurs import Refus


@dataclass(frozen=True, kw_only=True)
class Geste:
    """How it went. `fait`: what the door returned; `refus`: why it was not done, None when it was only badly typed."""

    status: int = 200
    fait: Any = None
    refus: Refus | None = None

    @property
    def reussi(self) -> bool:
        return self.status == 200


#: Nothing was asked yet: the page is only read.
SANS_GESTE = Geste()


def attempt(faire: Callable[[], Any], formulaire: Form | None = None) -> Geste:
    """Do it once what was typed is understood; `faire` reads it from the form."""
    if formulaire is not None and not formulaire.is_valid():
        return Geste(status=refus.A_REPRENDRE)
    try:
        return Geste(fait=faire())
    except Refus as non:
        return Geste(status=refus.status(non), refus=non)
