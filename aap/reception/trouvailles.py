"""What a check finds in a record: a fault, which rejects it, or a warning, which only has to be read."""

from moteur.lots import Faute
from moteur.texte import soigner

Trouvaille = Faute | str


def fault(chemin: str, message: str) -> Faute:
    """A fault at that path. `message`: a French phrase that says what was found, and what to do."""
    return Faute(chemin=chemin, message=soigner(message))
