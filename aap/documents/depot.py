"""Giving a document: judged, hashed, kept, then recorded through the door."""

import hashlib
from typing import Any

from django.core.files.base import File
from django.db import transaction

from aap.complements import check_pieces
from aap.documents.entrepot import confirm, keep
from aap.documents.erreurs import Ecarte
from aap.documents.formats import recognise
from aap.documents.formulaires import section_of
from aap.documents.limites import check_room, check_size
from aap.documents.noms import check_name
from aap.models import Dossier, Format, PieceFournie
from aap.services import AUTRE, fournir_piece
from moteur.erreurs import Code, Refus
from moteur.machine import Acteur
from moteur.porte import actes

BLOC = 2**16


def deposit(dossier: Dossier, par: Acteur, *, code: str, fichier: "File[Any] | None") -> PieceFournie:
    """Give a document with its content; a version more when there was one.

    Memory: a few blocks, whatever the size. Raises: Refus, nothing kept; a refusal by the door itself, when the
    dossier is filed at the same instant, leaves a file that no row names.
    """
    _check_asked(dossier, code)
    if fichier is None:
        raise Refus(Code.DONNEES_INVALIDES, "Aucun fichier n'a été reçu. Choisissez un fichier, puis renvoyez-le.")
    check_size(fichier.size)
    check_room(dossier, fichier.size)
    try:
        nom = check_name(fichier.name or "")
        format = recognise(nom, fichier.file)  # type: ignore[arg-type]  # uploaded in binary
    except Ecarte as erreur:
        raise Refus(Code.DONNEES_INVALIDES, str(erreur), piece=code) from None
    return record(dossier, par, code=code, nom=nom, format=format, contenu=fichier)


def record(dossier: Dossier, par: Acteur, *, code: str, nom: str, format: Format, contenu: "File[Any]") -> PieceFournie:
    """Keep a content already judged, and record it. Raises: Refus, by the door."""
    empreinte = digest(contenu)
    keep(dossier, empreinte, contenu)
    donnees = {"code": code, "nom": nom, "empreinte": empreinte, "taille": contenu.size, "format": format}
    with transaction.atomic():
        pieces: list[PieceFournie] = fournir_piece(dossier, par, **donnees)
        confirm(dossier, empreinte, contenu)
    return pieces[0]


def digest(contenu: "File[Any]") -> str:
    """SHA-256 of a content, block by block."""
    somme = hashlib.sha256()
    for bloc in contenu.chunks(BLOC):
        somme.update(bloc)
    return somme.hexdigest()


def _check_asked(dossier: Dossier, code: str) -> None:
    """What can be said before reading a byte; the door says it again under lock."""
    if dossier.etat not in actes(Dossier)["fournir_piece"].dans:
        raise Refus(
            Code.TRANSITION_INTERDITE,
            f"Ce dossier est « {dossier.libelle_etat} » : ses documents ne changent plus. Si l'ARS vous demande un "
            "complément, vous pourrez en ajouter.",
            etat=dossier.etat,
        )
    if code != AUTRE and code not in {piece.code for piece in dossier.aap.regles.pieces}:
        raise Refus(Code.DONNEES_INVALIDES, f"La pièce « {code} » n'est pas prévue par le règlement.", piece=code)
    check_pieces(dossier, [code])
    if section_of(code) is not None:
        raise Refus(
            Code.DONNEES_INVALIDES,
            "Cette pièce se remplit en ligne, organisme par organisme : répondez aux questions, puis joignez-la.",
            piece=code,
        )
