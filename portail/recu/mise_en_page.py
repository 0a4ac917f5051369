"""The receipt as a PDF: archival (PDF/A-2a) and accessible (PDF/UA-1). The same receipt gives the same bytes."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import segno
import typst

from aap.models import Recu
from portail.recu.contenu import read

MODELE = (Path(__file__).parent / "modele.typ").read_bytes()


def render(recu: Recu) -> bytes:
    """The PDF of a receipt (portail.recu.contenu.load)."""
    instant = recu.delivre_le
    date = [instant.year, instant.month, instant.day, instant.hour, instant.minute, instant.second]
    return compose(read(recu) | {"instant": date})


def compose(donnees: dict[str, Any]) -> bytes:
    """Set these data. They reach the page as one JSON text: nothing in them is ever read as a command of typst."""
    entrees = {"donnees": json.dumps(donnees), "code": _code(donnees["adresse"])}
    pdf = typst.compile(
        MODELE, format="pdf", pdf_standards=["a-2a", "ua-1"], ignore_system_fonts=True, sys_inputs=entrees
    )
    assert isinstance(pdf, bytes)  # one document, given back rather than written
    return pdf


def _code(adresse: str) -> str:
    """The QR code of an address, as SVG."""
    image = BytesIO()
    segno.make(adresse, error="m", micro=False).save(image, kind="svg", xmldecl=False, border=2)
    return image.getvalue().decode()
