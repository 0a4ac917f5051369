"""The convention of a dossier and its parties: who has signed, when, and who has not."""

from collections.abc import Sequence
from dataclasses import dataclass

from aap.models import Dossier
from conventions.models import Convention, Prorogation, Signataire, Signature
from instruction.argent import has_convention
from moteur.texte import INSECABLE, en_liste


@dataclass(frozen=True, kw_only=True)
class ConventionLue:
    """`parties`: each with its signature, None until given; `prorogations`: the oldest first."""

    convention: Convention
    parties: list[tuple[Signataire, Signature | None]]
    prorogations: list[Prorogation]

    @property
    def phrase(self) -> str:
        """Who signed, as one sentence."""
        absents = [str(qui) for qui, signature in self.parties if signature is None]
        if not absents:
            return f"Les {len(self.parties)}{INSECABLE}parties ont signé."
        recueillies = len(self.parties) - len(absents)
        debut = f"{recueillies}{INSECABLE}signature{'s' if recueillies > 1 else ''} sur {len(self.parties)}"
        return f"{debut} ; il manque celle de : {en_liste(absents)}."


def read_convention(
    dossier: Dossier, signataires: Sequence[Signataire], signatures: Sequence[Signature]
) -> ConventionLue | None:
    """None before the decision is notified. No query."""
    if not has_convention(dossier):
        return None
    donnees = {signature.signataire_id: signature for signature in signatures}
    return ConventionLue(
        convention=dossier.convention,
        parties=[(qui, donnees.get(qui.pk)) for qui in signataires],
        prorogations=list(dossier.convention.prorogations.all()),
    )
