"""What a page answers when the door refuses. One rule for every page that acts."""

from moteur.erreurs import Code, Refus

STATUTS = {Code.DOSSIER_MODIFIE: 409, Code.TRANSITION_INTERDITE: 409, Code.ROLE_INTERDIT: 403, Code.HORS_PERIMETRE: 403}
#: What was badly typed, or what the dossier lacks: the page comes back with it.
A_REPRENDRE = 422


def status(refus: Refus | None) -> int:
    """The HTTP status that says it; None: it was only badly typed."""
    return STATUTS.get(refus.code, A_REPRENDRE) if refus else A_REPRENDRE
