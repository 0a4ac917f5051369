"""The last messages of a dossier, for its page. They are answered on their own."""

from collections.abc import Sequence
from dataclasses import dataclass

from aap.models import LectureMessage, Message


@dataclass(frozen=True, kw_only=True)
class Resume:
    """`messages`: (message, whether the reader has yet to read it), the latest first; `total`: all there are."""

    messages: list[tuple[Message, bool]]
    total: int

    @property
    def nouveaux(self) -> int:
        return sum(nouveau for _, nouveau in self.messages)


def sum_up(derniers: Sequence[Message], lus: Sequence[LectureMessage]) -> Resume:
    """`derniers`: the latest first, whose rank counts them all; `lus`: what the reader has read of these."""
    deja = {lecture.message_id for lecture in lus}
    return Resume(
        messages=[(message, message.pk not in deja) for message in derniers],
        total=derniers[0].rang if derniers else 0,
    )
