"""What the porteur's people and the officers write to each other about a dossier. Nothing is changed or removed.

Files are judged and kept like documents (aap.documents) before the door writes the message that names them.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Annotated, Any

from django.core.files.base import File
from django.db import transaction
from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, StringConstraints

from aap.documents.depot import digest
from aap.documents.entrepot import confirm, keep
from aap.documents.erreurs import Ecarte
from aap.documents.formats import recognise
from aap.documents.limites import check_room, check_size
from aap.documents.noms import LONGUEUR, check_name
from aap.models import Dossier, Etat, Format, LectureMessage, Message, PieceJointe
from aap.services import Empreinte
from comptes.models import Utilisateur
from comptes.roles import Role
from moteur import horloge
from moteur.erreurs import Code, Refus
from moteur.machine import Acteur, Passage
from moteur.porte import acte

#: Characters of a message, and files that come with it.
TEXTE_MAX = 20_000
JOINTES_MAX = 5
#: Within this time, the same message again is a second click.
DEUX_CLICS = timedelta(seconds=30)
#: A dossier that is over is no longer written to; one that was turned down still is, to ask why or to appeal.
ECHANGES = frozenset(Etat) - {Etat.CLOS, Etat.ABANDONNE}
AUTEURS = (Role.PORTEUR, Role.INSTRUCTEUR, Role.RESPONSABLE, Role.COMPTABLE, Role.CONSEILLER_GRADES)


def fingerprint(texte: str) -> str:
    """What the journal holds of a message: the SHA-256 of its text, in UTF-8."""
    return sha256(texte.encode()).hexdigest()


TexteMessage = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=TEXTE_MAX),
    PlainSerializer(fingerprint, when_used="json"),
]


class Jointe(BaseModel):
    """A file kept before, by its metadata."""

    model_config = ConfigDict(extra="forbid")

    nom: Annotated[str, Field(min_length=1, max_length=LONGUEUR)]
    empreinte: Empreinte
    taille: Annotated[int, Field(ge=0, le=2**50)]
    format: Format


@dataclass(frozen=True)
class Recu:
    """A file received and judged, not kept yet."""

    fichier: "File[Any]"
    jointe: Jointe


@acte(Dossier, "Écrire un message", dans=ECHANGES, par=AUTEURS)
def ecrire_message(
    dossier: Dossier,
    passage: Passage,
    *,
    texte: TexteMessage,
    jointes: Annotated[tuple[Jointe, ...], Field(max_length=JOINTES_MAX)] = (),
) -> Message:
    """Write to the other side. The journal holds the SHA-256 of the text in its place.

    Locks: the dossier's row, by the door, so that ranks follow each other. The author has read what came before.
    """
    dernier = dossier.messages.order_by("-rang").first()
    if dernier and _is_sent_twice(dernier, passage, texte, jointes):
        raise Refus(Code.DONNEES_INVALIDES, "Ce message vient de partir : il n'y a rien à refaire.", deja=dernier.pk)
    message = Message.objects.create(
        dossier=dossier, rang=dernier.rang + 1 if dernier else 1, auteur_id=passage.par.pk, role=passage.role,
        texte=texte, ecrit_le=passage.le,
    )  # fmt: skip
    PieceJointe.objects.bulk_create(PieceJointe(message=message, **jointe.model_dump()) for jointe in jointes)
    LectureMessage.objects.create(message=message, personne_id=passage.par.pk, le=passage.le)
    return message


def send(dossier: Dossier, par: Acteur, *, texte: str, fichiers: "Sequence[File[Any]]" = ()) -> Message:
    """Write a message with its files; a second click finds it written. Raises: Refus, nothing written; it says what
    to do."""
    check_text(texte)
    recus = judge(dossier, fichiers)
    for recu in recus:
        keep(dossier, recu.jointe.empreinte, recu.fichier)
    try:
        with transaction.atomic():
            message: Message = ecrire_message(dossier, par, texte=texte, jointes=[recu.jointe for recu in recus])
            for recu in recus:
                confirm(dossier, recu.jointe.empreinte, recu.fichier)
    except Refus as refus:
        if "deja" in refus.details:
            return Message.objects.get(pk=str(refus.details["deja"]))
        raise _over(refus) if refus.code is Code.TRANSITION_INTERDITE else refus from None
    return message


def check_text(texte: str) -> None:
    """Raises: Refus DONNEES_INVALIDES in the words of the page; the door would name a key."""
    if not texte.strip():
        raise Refus(Code.DONNEES_INVALIDES, "Ce message est vide : écrivez votre question ou votre réponse.")
    if len(texte.strip()) > TEXTE_MAX:
        raise Refus(
            Code.DONNEES_INVALIDES,
            f"Ce message a {len(texte.strip())} caractères : {TEXTE_MAX} au plus. Raccourcissez-le, ou joignez un "
            "document.",
            longueur=len(texte.strip()), maximum=TEXTE_MAX,
        )  # fmt: skip


def judge(dossier: Dossier, fichiers: "Sequence[File[Any]]") -> list[Recu]:
    """These files, each recognised from its content. Raises: Refus DONNEES_INVALIDES naming the one that is not."""
    if len(fichiers) > JOINTES_MAX:
        raise Refus(
            Code.DONNEES_INVALIDES,
            f"{len(fichiers)} fichiers joints : {JOINTES_MAX} au plus. Envoyez les autres dans un second message.",
        )
    for fichier in fichiers:
        check_size(fichier.size)
    check_room(dossier, sum(fichier.size for fichier in fichiers))
    return [_judge(fichier) for fichier in fichiers]


def _judge(fichier: "File[Any]") -> Recu:
    try:
        nom = check_name(fichier.name or "")
        format = recognise(nom, fichier.file)  # type: ignore[arg-type]  # uploaded in binary
    except Ecarte as erreur:
        raise Refus(Code.DONNEES_INVALIDES, str(erreur)) from None
    return Recu(fichier, Jointe(nom=nom, empreinte=digest(fichier), taille=fichier.size, format=format))


def mark_read(dossier: Dossier, lecteur: Utilisateur, jusqu_a: int) -> int:
    """Note that this person has read up to that rank; how many were new. Twice is as once."""
    with transaction.atomic():
        nouveaux = unread(dossier, lecteur).filter(rang__lte=jusqu_a)
        le = horloge.maintenant()
        lectures = [LectureMessage(message=message, personne=lecteur, le=le) for message in nouveaux]
        LectureMessage.objects.bulk_create(lectures, ignore_conflicts=True)
    return len(lectures)


def unread(dossier: Dossier, lecteur: Utilisateur) -> Any:
    """The messages of this dossier that she has not read, the oldest first."""
    return dossier.messages.exclude(lectures__personne=lecteur).order_by("rang")


def may_write(dossier: Dossier, personne: Utilisateur) -> bool:
    """Whether the page offers her to write: the door alone decides."""
    roles: Collection[str] = personne.roles_au(horloge.aujourdhui())
    return dossier.etat in ECHANGES and not set(AUTEURS).isdisjoint(roles)


def _is_sent_twice(dernier: Message, passage: Passage, texte: str, jointes: Sequence[Jointe]) -> bool:
    """The same words and files, by the same person, at once: the button was pressed twice."""
    memes = (dernier.auteur_id, dernier.texte) == (passage.par.pk, texte)
    if not memes or passage.le - dernier.ecrit_le > DEUX_CLICS:
        return False
    return sorted(une.empreinte for une in dernier.jointes.all()) == sorted(une.empreinte for une in jointes)


def _over(refus: Refus) -> Refus:
    return Refus(
        refus.code,
        f"Votre message n'est pas parti : le dossier est « {Etat(str(refus.details['etat'])).label} », on n'y écrit "
        "plus. Copiez votre texte, puis posez votre question par une demande d'aide : elle ira à votre ARS et à "
        "votre GRADeS.",
        **refus.details,
    )
