"""What selecting a dossier leaves of the envelope, said before it is done. The ledger alone decides."""

from dataclasses import dataclass
from decimal import Decimal

from aap.examen import compute_aid
from aap.models import Dossier
from moteur.erreurs import Code, Refus
from moteur.texte import en_euros

CENT, UN = Decimal(100), Decimal("0.1")


@dataclass(frozen=True, kw_only=True)
class Reserve:
    """The aid of a dossier against what its envelope has left. Euros."""

    aide: Decimal
    dotation: Decimal
    avant: Decimal

    @property
    def apres(self) -> Decimal:
        return self.avant - self.aide

    @property
    def pris(self) -> Decimal:
        """What others hold already."""
        return self.dotation - self.avant

    @property
    def pris_de(self) -> Decimal:
        """Share of the endowment taken before, 0 to 100."""
        return self._share(self.pris)

    @property
    def apres_de(self) -> Decimal:
        """Share of the endowment taken after, 0 to 100."""
        return self._share(self.pris + self.aide)

    def _share(self, montant: Decimal) -> Decimal:
        return min(CENT, montant * CENT / self.dotation).quantize(UN) if self.dotation > 0 else CENT

    @property
    def phrase(self) -> str:
        if self.apres < 0:
            return (
                f"Il reste {en_euros(self.avant)} sur une enveloppe de {en_euros(self.dotation)} : "
                f"il manque {en_euros(-self.apres)}."
            )
        return (
            f"Il reste {en_euros(self.avant)} sur une enveloppe de {en_euros(self.dotation)} ; "
            f"après cette sélection, il restera {en_euros(self.apres)}."
        )


def reserve(dossier: Dossier) -> Reserve:
    """Raises: Refus REGLE_NON_RENSEIGNEE when the aid cannot be computed."""
    position = dossier.aap.enveloppe.position()
    return Reserve(aide=compute_aid(dossier).total, dotation=position.dotation, avant=position.disponible)


def too_little_left(dossier: Dossier) -> list[Refus]:
    """What the ledger would answer now: too little left, or an aid that the texts do not let compute."""
    try:
        ce = reserve(dossier)
    except Refus as refus:
        return [refus]
    if ce.apres >= 0:
        return []
    return [Refus(Code.ENVELOPPE_INSUFFISANTE, f"L'enveloppe ne suffit pas pour cette aide. {ce.phrase}")]
