"""What is received: the receipt that proves it, and the ESSMS held from then on."""

import hashlib
import json
from typing import Any

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce

from aap.examen import compute_aid
from aap.models import Dossier, PieceFournie, Recu
from moteur.erreurs import Refus
from moteur.machine import Passage
from moteur.models import Entree


def deliver(dossier: Dossier, passage: Passage) -> Recu:
    """Write the receipt of what was just received, tied to its journal row, and hold its ESSMS from that row on."""
    entree = Entree.objects.filter(objet=dossier.cle, vers=dossier.etat).latest("pk")
    hold(dossier, entree)
    empreinte = fingerprint(dossier)
    return Recu.objects.create(
        dossier=dossier, entree=entree, instantane=dossier.instantane, mentions=state(dossier, passage),
        empreinte=empreinte, code=code_of(entree.empreinte, empreinte), delivre_le=passage.le,
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
    """SHA-256 of what was filed: the snapshot, and each document by its code and own SHA-256.

    One whose SHA-256 nobody computed is there by all that was announced of it.
    """
    pieces = [_identity(piece) for piece in dossier.pieces.order_by("code", "pk")]
    texte = json.dumps([dossier.instantane, pieces], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(texte.encode()).hexdigest()


def _identity(piece: PieceFournie) -> list[str | int]:
    if piece.empreinte:
        return [piece.code, piece.empreinte]
    return [piece.code, "", piece.nom, piece.taille, piece.md5]


def state(dossier: Dossier, passage: Passage) -> dict[str, Any]:
    """What a receipt prints besides the snapshot, in the names of that day: a receipt says the same for ever.

    `ars`: region of the call, empty for a national one; `aide`: the estimate (Financement.as_dict), None where the
    rule set is silent.
    """
    porteur = dossier.grappe.og_porteur
    return {
        "appel": dossier.aap.intitule,
        "ars": dossier.aap.region.nom if dossier.aap.region else "",
        "grappe": dossier.grappe.nom,
        "porteur": {"finess": porteur.finess, "nom": porteur.nom},
        "par": str(passage.par),
        "aide": _estimate(dossier),
    }


def _estimate(dossier: Dossier) -> dict[str, object] | None:
    try:
        return compute_aid(dossier).as_dict()
    except Refus:
        return None


def code_of(entree: str, empreinte: str) -> str:
    """The public code of a receipt, from the SHA-256 of its journal row and its own: 128 bits, in 32 hexadecimals.

    Whoever knows all that was filed still cannot find it: the row holds the microsecond at which it was written and
    the hash of the row before. No secret key comes in, so that no change of key voids the receipts already printed.
    """
    return hashlib.sha256(f"recu:{entree}:{empreinte}".encode()).hexdigest()[:32]
