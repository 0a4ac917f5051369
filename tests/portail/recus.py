"""Receipts as the pages load them, and the text of their PDF."""

import re
from io import BytesIO

from pypdf import PdfReader

from aap.models import Dossier, Recu
from portail.recu import contenu


def read(dossier: Dossier, rang: int = 0) -> Recu:
    """A receipt of the dossier, as the page loads it."""
    return contenu.load(Recu.objects.filter(dossier=dossier))[rang]


def words(pdf: bytes) -> str:
    """The text of a PDF, without any of its spaces and cuts."""
    return squeeze("".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages))


def squeeze(texte: str) -> str:
    return re.sub(r"[\s\u200b\u00ad-]+", "", texte)
