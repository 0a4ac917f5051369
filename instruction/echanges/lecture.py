"""A page of the messages of a dossier, for whoever reads it: the porteur's page shows the same."""

from dataclasses import dataclass

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.db.models import Prefetch

from aap.messages import JOINTES_MAX, TEXTE_MAX, may_write, unread
from aap.models import Dossier, LectureMessage, Message
from comptes.models import Utilisateur

PAR_PAGE = 25


@dataclass(frozen=True, kw_only=True)
class MessageVu:
    """A message. `nouveau`: the reader has not seen it; `lecteurs`: the others who have."""

    message: Message
    nouveau: bool
    lecteurs: list[LectureMessage]


@dataclass(frozen=True, kw_only=True)
class Fil:
    """One page of messages, the latest first. `dernier`: highest rank on it; `ecrit`: the reader may write."""

    dossier: Dossier
    page: "Page[Message]"
    messages: list[MessageVu]
    non_lus: int
    dernier: int
    ecrit: bool
    poids_max: int
    jointes_max: int = JOINTES_MAX
    texte_max: int = TEXTE_MAX


def read(dossier: Dossier, lecteur: Utilisateur, numero: str | None) -> Fil:
    """Six queries, however many messages there are."""
    lectures = LectureMessage.objects.select_related("personne")
    tous = dossier.messages.select_related("auteur").prefetch_related("jointes", Prefetch("lectures", lectures))
    pages = Paginator(tous.order_by("-rang"), PAR_PAGE)
    page = pages.get_page(numero)
    page.pages_list = pages.get_elided_page_range(page.number)  # type: ignore[attr-defined]  # read by the component
    return Fil(
        dossier=dossier,
        page=page,
        messages=[_seen(message, lecteur) for message in page],
        non_lus=unread(dossier, lecteur).count(),
        dernier=max((message.rang for message in page), default=0),
        ecrit=may_write(dossier, lecteur),
        poids_max=settings.PIECE_TAILLE_MAX,
    )


def _seen(message: Message, lecteur: Utilisateur) -> MessageVu:
    lectures = list(message.lectures.all())
    return MessageVu(
        message=message,
        nouveau=all(lecture.personne_id != lecteur.pk for lecture in lectures),
        lecteurs=[lecture for lecture in lectures if lecture.personne_id not in (lecteur.pk, message.auteur_id)],
    )
