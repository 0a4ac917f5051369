"""The receipt of a filing: proof of what was received, and when."""

import hashlib
import json

from aap.models import Dossier, Recu
from moteur.machine import Passage
from moteur.models import Entree


def deliver(dossier: Dossier, passage: Passage) -> Recu:
    """Write the receipt of a dossier just filed, tied to the journal row of its filing."""
    entree = Entree.objects.filter(objet=dossier.cle, vers=dossier.etat).latest("pk")
    return Recu.objects.create(dossier=dossier, entree=entree, empreinte=fingerprint(dossier), delivre_le=passage.le)


def fingerprint(dossier: Dossier) -> str:
    """SHA-256 of what was filed: the snapshot, and each document by its code and own SHA-256."""
    pieces = dossier.pieces.order_by("code", "pk").values_list("code", "empreinte")
    texte = json.dumps([dossier.instantane, [list(piece) for piece in pieces]], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(texte.encode()).hexdigest()
