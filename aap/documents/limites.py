"""How much a document, and all those of a dossier, may weigh: PIECE_TAILLE_MAX, PIECES_DOSSIER_MAX, in bytes."""

from django.conf import settings
from django.db.models import Sum

from aap.models import Dossier, PieceFournie, PieceJointe
from moteur.erreurs import Code, Refus
from moteur.texte import en_octets


def check_size(taille: int) -> None:
    """One document. Raises: Refus DONNEES_INVALIDES."""
    if taille > settings.PIECE_TAILLE_MAX:
        raise Refus(
            Code.DONNEES_INVALIDES,
            f"Ce fichier pèse {en_octets(taille)} : {en_octets(settings.PIECE_TAILLE_MAX)} au plus. Réduisez la "
            "résolution des images ou séparez-le en plusieurs documents, puis renvoyez-le.",
            taille=taille, maximum=settings.PIECE_TAILLE_MAX,
        )  # fmt: skip


def check_room(dossier: Dossier, taille: int) -> None:
    """All the documents of a dossier, older versions and files of its messages included. Raises: Refus
    DONNEES_INVALIDES."""
    gardees = PieceFournie.objects.filter(dossier=dossier).exclude(format="").aggregate(somme=Sum("taille"))
    jointes = PieceJointe.objects.filter(message__dossier=dossier).aggregate(somme=Sum("taille"))
    deja = (gardees["somme"] or 0) + (jointes["somme"] or 0)
    if deja + taille > settings.PIECES_DOSSIER_MAX:
        raise Refus(
            Code.DONNEES_INVALIDES,
            f"Les documents de ce dossier pèsent déjà {en_octets(deja)}, toutes versions comprises : "
            f"{en_octets(settings.PIECES_DOSSIER_MAX)} au plus. Réduisez ce fichier, ou écrivez à votre ARS.",
            taille=taille, deja=deja, maximum=settings.PIECES_DOSSIER_MAX,
        )  # fmt: skip
