"""What is received: the receipt that proves it, and the ESSMS held from then on."""

import hashlib
import json

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce

from aap.models import Dossier, Recu
from moteur.machine import Passage
from moteur.models import Entree


def deliver(dossier: Dossier, passage: Passage) -> Recu:
    """Write the receipt of what was just received, tied to its journal row, and hold its ESSMS from that row on."""
    entree = Entree.objects.filter(objet=dossier.cle, vers=dossier.etat).latest("pk")
    hold(dossier, entree)
    return Recu.objects.create(
        dossier=dossier, entree=entree, instantane=dossier.instantane, empreinte=fingerprint(dossier),
        delivre_le=passage.le,
    )  # fmt: skip


def hold(dossier: Dossier, entree: Entree) -> None:
    """The ESSMS the snapshot names are held since the row that first named them; the others are free again.

    One that left and came back between two snapshots was never let go.
    """
    membres = dossier.grappe.membres.all()
    depuis = membres.filter(essms=OuterRef("essms"), retenu_par__isnull=False).order_by("retenu_par")
    membres.presents().update(retenu_par=Coalesce(Subquery(depuis.values("retenu_par")[:1]), entree.pk))
    membres.exclude(parti_le=None).update(retenu_par=None)


def fingerprint(dossier: Dossier) -> str:
    """SHA-256 of what was filed: the snapshot, and each document by its code and own SHA-256."""
    pieces = dossier.pieces.order_by("code", "pk").values_list("code", "empreinte")
    texte = json.dumps([dossier.instantane, [list(piece) for piece in pieces]], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(texte.encode()).hexdigest()
