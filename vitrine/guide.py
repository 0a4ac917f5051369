"""The guides and the questions: Markdown of `fixtures/guide/`, with the figures of a rule set put in.

`[[bareme.usage.acquisition.plein|euros]]` in a text is that value of the rule set, written in that form (`formes.py`):
a figure is never copied, so the guide cannot disagree with the engine.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.safestring import SafeString
from django.utils.text import slugify
from markdown_it import MarkdownIt

from aap.regles import Regles, Valeur
from vitrine.formes import FORMES

DOSSIER = Path(__file__).resolve().parents[1] / "fixtures" / "guide"
JETON = re.compile(r"\[\[([\w.]+)\|(\w+)\]\]")
TITRE = re.compile(r"^## (.+)$", re.MULTILINE)
#: The guides, in the order of the list: file and address → title.
GUIDES: Mapping[str, str] = {
    "porteur": "Déposer et suivre un dossier",
    "mise-en-relation": "Trouver une grappe ou des membres",
    "import": "Importer des dossiers par fichier",
}
#: No raw HTML, whatever the text holds; addresses of scripts are refused by the library itself.
RENDU = MarkdownIt("commonmark", {"html": False}).enable("table")
#: What the design system puts around a table; a narrow screen scrolls it by keyboard too.
AUTOUR = (
    '<div class="fr-table fr-table--sm"><div class="fr-table__wrapper"><div class="fr-table__container">'
    '<div class="fr-table__content" tabindex="0" role="region" aria-label="Tableau">'
)


@dataclass(frozen=True, kw_only=True)
class Partie:
    """A part of a page under a title. `ancre`: its address in the page."""

    titre: str
    ancre: str
    html: SafeString


@dataclass(frozen=True, kw_only=True)
class Texte:
    """A page: what precedes the first title, then its parts."""

    entree: SafeString
    parties: tuple[Partie, ...]


def read(nom: str, regles: Regles | None) -> Texte:
    """The page of that name with the figures of that rule set; None when no call was ever published."""
    brut = fill((DOSSIER / f"{nom}.md").read_text(encoding="utf-8"), regles)
    entree, *morceaux = TITRE.split(brut)
    return Texte(entree=_render(entree), parties=tuple(_parts(morceaux)))


def fill(texte: str, regles: Regles | None) -> str:
    """The text with its values. Raises: LookupError, AttributeError for a path or a form that does not exist."""

    def written(trouve: re.Match[str]) -> str:
        chemin, forme = trouve.groups()
        ecrire = FORMES[forme]
        valeur = find(regles, chemin) if regles else None
        if valeur is None:
            return "(valeur que les textes connus ne donnent pas)"
        doute = " (à confirmer)" if valeur.confiance == "a_confirmer" else ""
        return f"**{ecrire(valeur.valeur)}**{doute}"

    return JETON.sub(written, texte)


def find(regles: Regles, chemin: str) -> Valeur[Any] | None:
    """The value at `a.b.CODE.c`: fields by name, elements of a list by code. None where the rule set is silent."""
    lu: Any = regles
    for nom in chemin.split("."):
        if isinstance(lu, tuple):
            lu = next((element for element in lu if element.code == nom), None)
        elif lu is not None:
            lu = getattr(lu, nom)
    if lu is not None and not isinstance(lu, Valeur):
        raise LookupError(f"{chemin} is no value of a rule set")
    return lu


def _parts(morceaux: list[str]) -> Iterable[Partie]:
    for titre, corps in zip(morceaux[::2], morceaux[1::2], strict=True):
        yield Partie(titre=titre, ancre=slugify(titre)[:50], html=_render(corps))


def _render(texte: str) -> SafeString:
    rendu = (
        RENDU.render(texte)
        .replace("<table>", f"{AUTOUR}<table>")
        .replace("</table>", "</table></div></div></div></div>")
    )
    return SafeString(rendu)  # the library escapes whatever HTML the text holds
