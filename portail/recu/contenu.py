"""What a receipt says, from what was frozen when it was delivered: the same words for ever."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Prefetch, QuerySet
from django.urls import reverse

from aap.faits import Faits, FaitsEssms
from aap.models import PieceFournie, Recu
from instruction.libelles import POSTES, PROJETS
from moteur import horloge
from moteur.texte import INSECABLE, en_euros, en_octets, en_toutes_lettres
from portail.recu.ecriture import legible
from ui.templatetags.francais import heure, nombre, pluriel

COMPLEMENTS = "completer"


def load(recus: "QuerySet[Recu]") -> "QuerySet[Recu]":
    """With each receipt, what it says. Two queries."""
    pieces = Prefetch("dossier__pieces", PieceFournie.objects.order_by("fournie_le", "pk"))
    avec = recus.select_related("entree", "dossier__aap__reglement").defer("dossier__aap__reglement__texte")
    return avec.prefetch_related(pieces)


def address(recu: Recu) -> str:
    """Where anybody may check it, without an account."""
    return f"{settings.ADRESSE_SITE}{reverse('recu-public', args=[recu.code])}"


def read(recu: Recu) -> dict[str, Any]:
    """All that is printed, as JSON-ready French text that the fonts can draw. `recu`: come through `load`."""
    faits, mentions = Faits.from_dict(recu.instantane), recu.mentions
    complements = recu.entree.action == COMPLEMENTS
    quoi = "les compléments du dossier" if complements else "le dossier"
    return {
        "titre": "Reçu de compléments" if complements else "Reçu de dépôt",
        "reference": legible(recu.dossier.reference),
        "phrase": legible(f"Le {moment(recu.delivre_le)}, {mentions['par']} a déposé {quoi} {recu.dossier.reference}."),
        "faits": [[nom, legible(valeur)] for nom, valeur in _facts(faits, mentions)],
        "grappe": _size(faits),
        "ogs": [_og(nom, finess, faits.essms) for finess, nom in _ogs(faits, mentions).items()],
        "aide": _aid(mentions["aide"]),
        "pieces": [_piece(piece, recu) for piece in provided(recu) if piece.format],
        "annonces": [_announced(piece, recu) for piece in provided(recu) if not piece.format],
        "preuves": [
            ["Empreinte du reçu", recu.empreinte],
            [f"Acte n°{INSECABLE}{recu.entree.rang} du journal du dossier", recu.entree.empreinte],
        ],
        "adresse": address(recu),
    }


def provided(recu: Recu) -> list[PieceFournie]:
    """The documents given up to that moment, in the order they came; a later version is on a later receipt."""
    return [piece for piece in recu.dossier.pieces.all() if piece.fournie_le <= recu.delivre_le]


def moment(instant: datetime) -> str:
    """1er avril 2022 à 11 h 00 (heure de Paris)."""
    return f"{en_toutes_lettres(horloge.jour(instant))} à {heure(instant)} (heure de Paris)"


def _facts(faits: Faits, mentions: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    porteur = mentions["porteur"]
    yield "Appel à projets", mentions["appel"]
    yield "Destinataire", f"ARS {mentions['ars']}" if mentions["ars"] else "Appel national"
    yield "Grappe", mentions["grappe"]
    yield "Organisme gestionnaire porteur", f"{porteur['nom']} (FINESS {porteur['finess']})"
    yield "Projet", PROJETS[faits.projet]
    reference = "référencé Ségur" if faits.segur else "non référencé Ségur"
    yield "Logiciel", f"{faits.logiciel} ({reference})" if faits.logiciel else reference.capitalize()
    if faits.financement_ue:
        yield "Autre financement européen", faits.financement_ue


def _size(faits: Faits) -> str:
    ogs = pluriel(len({un.og for un in faits.essms}), "organisme gestionnaire,organismes gestionnaires")
    return f"{pluriel(len(faits.essms), 'ESSMS,ESSMS')} de {ogs}"


def _ogs(faits: Faits, mentions: Mapping[str, Any]) -> dict[str, str]:
    """Name of each OG that brings ESSMS, by its FINESS, the porteur first."""
    noms = {og.finess: og.nom for og in faits.ogs}
    rangs = sorted({un.og for un in faits.essms}, key=lambda finess: (finess != mentions["porteur"]["finess"], finess))
    return {finess: noms.get(finess, finess) for finess in rangs}


def _og(nom: str, finess: str, essms: Iterable[FaitsEssms]) -> dict[str, Any]:
    siens = [[un.finess, legible(un.nom), un.departement] for un in essms if un.og == finess]
    return {"nom": legible(nom), "finess": finess, "essms": siens}


def _aid(aide: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if aide is None:
        return None
    return {
        "total": en_euros(Decimal(aide["total"])),
        "lignes": [
            [POSTES[un["poste"]], f"{nombre(un['quantite'])} × {en_euros(Decimal(un['taux']))}",
             en_euros(Decimal(un["montant"]))]
            for un in aide["lignes"]
        ],
    }  # fmt: skip


def _piece(piece: PieceFournie, recu: Recu) -> dict[str, str]:
    return {
        "nom": legible(piece.nom),
        "detail": f"{_label(piece, recu)} · {en_octets(piece.taille)} · fourni le {_day(piece)}",
        "empreinte": piece.empreinte,
    }


def _announced(piece: PieceFournie, recu: Recu) -> dict[str, str]:
    """A document that came without its content: the receipt proves nothing of it, and says so."""
    annoncee = piece.empreinte_annoncee
    taille = f" · {en_octets(piece.taille)}" if piece.taille else ""
    return {
        "nom": legible(piece.nom),
        "detail": f"{_label(piece, recu)}{taille} · annoncé le {_day(piece)}",
        "mention": piece.mention[:1].upper() + piece.mention[1:] + ".",
        "empreinte": f"{annoncee[0]} annoncé{INSECABLE}: {annoncee[1]}" if annoncee else "",
    }


def _label(piece: PieceFournie, recu: Recu) -> str:
    libelles = {une.code: une.libelle for une in recu.dossier.aap.regles.pieces}
    return legible(libelles.get(piece.code, "Autre document"))


def _day(piece: PieceFournie) -> str:
    return en_toutes_lettres(horloge.jour(piece.fournie_le))
