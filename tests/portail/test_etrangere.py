"""Another porteur's dossier does not exist, whatever the address: every route that names a dossier is tried."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from django.test import Client
from django.urls import URLResolver

from portail.urls import urlpatterns
from tests.fabriques import PORTE, porteuse

#: What the other parts of an address may be: by converter where it has one, else by name.
VALEURS = {
    "etape_usages": "chiffres", "mois": "2022-05", "section": "projet", "og": "310000010", "code": "projet",
    "acte": "retirer", "action": "deposer", "piece": "1", "recu": "1", "jointe": "1", "lieu": "projet",
}  # fmt: skip


def routes(motifs: Sequence[Any], debut: str = "") -> Iterator[str]:
    """Every route of the portal that names a dossier, as it is written."""
    for motif in motifs:
        chemin = debut + str(motif.pattern)
        if isinstance(motif, URLResolver):
            yield from routes(motif.url_patterns, chemin)
        elif "pk" in chemin:
            yield chemin


def address(chemin: str, pk: int) -> str:
    """The route with a real dossier and plausible parts."""
    parties = []
    for partie in chemin.replace("^", "").replace("$", "").split("/"):
        if "pk" in partie:
            parties.append(str(pk))
        elif partie.startswith("(?P"):
            parties.append(VALEURS[partie[4 : partie.index(">")]])
        elif "<" in partie:
            debut, _, reste = partie.partition("<")
            lu, _, fin = reste.partition(">")
            convertisseur, _, nom = lu.partition(":")
            parties.append(f"{debut}{VALEURS.get(convertisseur) or VALEURS[nom]}{fin}")
        else:
            parties.append(partie)
    return "/mes-dossiers/" + "/".join(parties)


ROUTES = sorted(set(routes(urlpatterns)))


def test_the_routes_are_those_of_the_portal():
    assert len(ROUTES) > 25


@pytest.mark.parametrize("chemin", ROUTES)
def test_nobody_opens_or_changes_the_dossier_of_another(chemin, brouillon, og):
    etrangere = Client()
    etrangere.force_login(porteuse(og, "zoe"), backend=PORTE)
    adresse = address(chemin, brouillon.pk)
    lecture, ecriture = etrangere.get(adresse).status_code, etrangere.post(adresse, {"finess": "310000028"}).status_code
    assert {lecture, ecriture} <= {404, 405}
    assert 404 in (lecture, ecriture)
    assert Client().get(adresse).status_code in (302, 405)
