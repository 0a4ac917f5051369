"""Money granted: the convention and its signatures, the two payments, what is asked back."""

from conventions.models.convention import (
    Convention,
    EtatConvention,
    Prorogation,
    Qualite,
    Signataire,
    Signature,
)
from conventions.models.reversement import EtatReversement, Reversement
from conventions.models.versement import EtatVersement, Versement

__all__ = [
    "Convention",
    "EtatConvention",
    "EtatReversement",
    "EtatVersement",
    "Prorogation",
    "Qualite",
    "Reversement",
    "Signataire",
    "Signature",
    "Versement",
]
