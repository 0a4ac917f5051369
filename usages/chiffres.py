"""One figure as people type it: read, or refused in words. Pure."""

import re
from collections.abc import Mapping

from django.utils.text import capfirst

from usages.calcul import COMPTES
from usages.models import Mesure
from usages.services import NOMBRE_MAX

#: What people call each count: the names of the columns, in the order of the page and of the template.
LIBELLES: Mapping[str, str] = {
    champ.name: capfirst(str(champ.verbose_name)) for champ in Mesure._meta.fields if champ.name in COMPTES
}
LONGUEUR = 40


def parse(texte: str) -> int | None:
    """A count; None when blank. Spaces between thousands are read. Raises: ValueError, the sentence to show."""
    chiffres = re.sub(r"\s", "", texte)
    if not chiffres:
        return None
    if not re.fullmatch(r"[0-9]+", chiffres):
        court = texte if len(texte) <= LONGUEUR else f"{texte[:LONGUEUR]}…"
        raise ValueError(f"« {court} » n'est pas un nombre entier, positif ou nul. Écrivez par exemple 42.")
    if len(chiffres) > len(str(NOMBRE_MAX)) or int(chiffres) > NOMBRE_MAX:
        raise ValueError("Ce nombre est trop grand : 10 000 000 au plus. Vérifiez la saisie.")
    return int(chiffres)


def incoherence(chiffres: Mapping[str, int]) -> str:
    """What two figures of one ESSMS cannot both say; empty when they agree. The database holds it too."""
    actifs = chiffres.get("dossiers_actifs")
    for compte in ("dossiers_avec_projet", "dossiers_avec_evenement"):
        nombre = chiffres.get(compte)
        if actifs is not None and nombre is not None and nombre > actifs:
            return f"{LIBELLES[compte]} : {nombre}, soit plus que les {actifs} dossiers actifs. Corrigez l'un des deux."
    return ""
