"""What was posted on a page of messages, read and handed to `aap.messages`: the same for both sides."""

from django.conf import settings
from django.http import HttpRequest

from aap.messages import mark_read, send
from aap.models import Dossier, Message
from comptes.acces import Privee
from moteur.erreurs import Code, Refus
from moteur.texte import en_octets


def post(request: Privee, dossier: Dossier) -> Message:
    """Write what was posted. Raises: Refus."""
    return send(dossier, request.user, texte=typed(request), fichiers=request.FILES.getlist("fichiers"))


def typed(request: HttpRequest) -> str:
    """The text as its author counts it: browsers send two characters for a line break."""
    return request.POST.get("texte", "").replace("\r\n", "\n")


def read_up_to(request: Privee, dossier: Dossier) -> int:
    """Mark as read what the page showed; how many were new. What is not a rank marks nothing."""
    rang = request.POST.get("jusqu_a", "")
    return mark_read(dossier, request.user, int(rang)) if rang.isdecimal() and len(rang) < 10 else 0


def too_heavy(request: HttpRequest) -> Refus:
    """The refusal of a body that was not even read."""
    taille = int(request.META["CONTENT_LENGTH"])
    return Refus(
        Code.DONNEES_INVALIDES,
        f"Cet envoi pèse {en_octets(taille)} : {en_octets(settings.PIECE_TAILLE_MAX)} au plus pour un message et ses "
        "pièces jointes. Rien n'est parti : réduisez les fichiers, ou envoyez-les en plusieurs messages.",
        taille=taille, maximum=settings.PIECE_TAILLE_MAX,
    )  # fmt: skip
