"""What is written besides when a dossier moves: its receipt, and its lines on the ledger."""

from aap import complements
from aap.grand_livre import record
from aap.models import Dossier, Nature
from aap.recus import deliver
from moteur.argent import ZERO
from moteur.machine import Passage
from moteur.porte import effet


@effet(Dossier, "deposer", "completer")
def acknowledge(dossier: Dossier, passage: Passage) -> None:
    """Deliver the timestamped receipt, and hold the ESSMS of the snapshot."""
    deliver(dossier, passage)


@effet(Dossier, "demander_complements")
def keep_the_question(dossier: Dossier, passage: Passage) -> None:
    """Keep what is re-opened, and what the dossier says before the answer."""
    complements.record(dossier, passage)


@effet(Dossier, "selectionner")
def reserve(dossier: Dossier, passage: Passage) -> None:
    """Set the aid aside on the envelope: refused, and the selection with it, when too little is left."""
    record(dossier, Nature.RESERVATION, dossier.aide or ZERO, passage)


@effet(Dossier, "abandonner")
def free(dossier: Dossier, passage: Passage) -> None:
    """Give back what was set aside."""
    dernier = dossier.mouvements.order_by("-rang").first()
    if dernier and dernier.dossier_reserve > 0:
        record(dossier, Nature.LIBERATION, dernier.dossier_reserve, passage)
