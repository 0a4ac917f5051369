"""Every route × method × person: the answer each is owed is written once, in `matrice.csv`, and compared here.

A new route is missing from the file, and fails. `MATRICE=ecrire pytest tests/moteur/test_matrice.py` writes what the
site answers now, to be read line by line before it is kept: that is the review of who may do what.
"""

import csv
import os
from collections.abc import Iterator, Mapping
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.template.backends.django import Template
from django.test import Client
from django.urls import URLPattern, get_resolver

from aap.models import Dossier
from accompagnement.models import DemandeAide, Risque
from comptes.models import Delegation, Invitation
from comptes.roles import Role
from grappes.models import DemandeGrappe, Interet
from instruction.models import TacheSuivie, VueEnregistree
from tests.fabriques import PORTE, personne
from tests.moteur.conftest import connected_to

FICHIER = Path(__file__).with_name("matrice.csv")
METHODES = ("GET", "POST")
#: Who asks: name in the file → (scenario name, region). "ici": the region of the campaign.
GENS: Mapping[str, tuple[str, str | None] | None] = {
    "anonyme": None,
    "porteur": ("porteur", "76"),
    "autre_porteur": ("porteur:autre", None),
    "instructeur": ("instructeur", "76"),
    "instructeur_ailleurs": ("instructeur:loin", "11"),
    "responsable": ("responsable", "76"),
    "responsable_ailleurs": ("responsable:loin", "11"),
    "comptable": ("comptable", "76"),
    "comptable_ailleurs": ("comptable:loin", "11"),
    "conseiller_grades": ("conseiller_grades", "76"),
    "conseiller_ailleurs": ("conseiller_grades:loin", "11"),
    "pilote_national": ("pilote_national", None),
    "auditeur": ("auditeur", None),
    "administrateur": ("administrateur", None),
}
AILLEURS = (
    "instructeur_ailleurs", "responsable_ailleurs", "comptable_ailleurs", "conseiller_ailleurs", "autre_porteur",
)  # fmt: skip
#: What the parts of an address may be, other than the objects of `objects`.
VALEURS = {
    "provider_id": "inconnu", "jeton": "invente", "key": "invente", "uidb36": "1", "nom": "porteur", "format": "csv",
    "acte": "cloturer", "rang": "1", "cle": "00000000-0000-0000-0000-000000000000", "section": "projet",
    "og": "310000010", "mois": "2022-05", "action": "deposer", "lieu": "projet", "piece": "1", "recu": "1",
    "jointe": "1",
}  # fmt: skip


def routes() -> dict[str, URLPattern]:
    """Address as it is written → its route."""
    return dict(_walk(get_resolver().url_patterns, ""))


def _walk(motifs: Any, debut: str) -> Iterator[tuple[str, URLPattern]]:
    for motif in motifs:
        chemin = debut + str(motif.pattern)
        if isinstance(motif, URLPattern):
            yield "/" + chemin.replace("^", "").replace("$", ""), motif
        else:
            yield from _walk(motif.url_patterns, chemin)


ROUTES = routes()


@pytest.fixture(scope="module")
def clients(base_peuplee: str, django_db_blocker: Any) -> Iterator[dict[str, Client]]:
    """One browser each, signed in for good."""
    with django_db_blocker.unblock(), connected_to(base_peuplee):
        VueEnregistree.objects.create(utilisateur=personne("instructeur"), nom="Retards")
        yield {nom: _signed_in(qui) for nom, qui in GENS.items()}


@pytest.fixture(scope="module")
def objets(clients: dict[str, Client]) -> dict[str, dict[str, int | str]]:
    """Beginning of an address → what its parts name there: a draft for the porteur, a filed dossier for the agency."""
    d1, d3 = Dossier.objects.get(reference="D1"), Dossier.objects.get(reference="D3")
    return {
        "/mes-dossiers/(?P<pk>[0-9]+)/personnes/": {"pk": d3.pk, "acte": "retirer"},
        "/mes-dossiers/": {"pk": d3.pk},
        "/dossiers/vues/": {"pk": _pk(VueEnregistree)},
        "/dossiers/": {"pk": d1.pk, "piece": _pk(d1.pieces.all())},
        "/taches/": {"pk": _pk(TacheSuivie.objects.open().filter(role=Role.COMPTABLE))},
        "/invitations/": {"pk": _pk(Invitation)},
        "/demandes-aide/": {"pk": _pk(DemandeAide)},
        "/mise-en-relation/": {"pk": _pk(DemandeGrappe)},
        "/delegations/": {"pk": _pk(Delegation)},
        "/interets/": {"pk": _pk(Interet)},
        "/grades/": {"pk": _pk(Risque)},
        "/appels/": {"code": d1.aap.code},
    }


@pytest.fixture
def sans_gabarits(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a page says is tested elsewhere: here, only whether it opens."""
    monkeypatch.setattr(Template, "render", lambda *_args, **_kwargs: "")


@pytest.mark.parametrize("adresse", sorted(ROUTES))
def test_each_answers_as_written(adresse, clients, objets, sans_gabarits, django_db_blocker):
    with django_db_blocker.unblock():
        lues = {methode: _answers(_address(adresse, objets), methode, clients) for methode in METHODES}
    if os.environ.get("MATRICE") == "ecrire":
        ECRITES.update({(adresse, methode): statuts for methode, statuts in lues.items()})
        FICHIER.write_text(_as_csv(ECRITES), encoding="utf-8")
        return
    attendues = written()
    for methode, statuts in lues.items():
        assert attendues.get((adresse, methode)) == statuts, f"{methode} {adresse}"


def test_nothing_is_written_of_a_route_that_is_gone():
    assert {adresse for adresse, _ in written()} == set(ROUTES)


def test_what_belongs_to_a_region_does_not_exist_for_another():
    """Read from the file itself: an address that names an object of the region answers 404 elsewhere, or to nobody."""
    for (adresse, methode), statuts in written().items():
        if adresse.startswith(("/dossiers/<", "/taches/<", "/mes-dossiers/<", "/demandes-aide/<")):
            for nom in AILLEURS:
                assert statuts[nom] in ("404", "405", "403"), f"{methode} {adresse} : {nom} obtient {statuts[nom]}"


def test_nobody_changes_anything_without_signing_in():
    for (adresse, methode), statuts in written().items():
        if methode == "POST" and not adresse.startswith(PUBLIQUES):
            assert statuts["anonyme"] in ("302", "403", "404", "405"), adresse


#: Signing in, and what is open to everybody.
PUBLIQUES = (
    "/connexion/", "/inscription/", "/mot-de-passe-oublie/", "/fournisseurs/", "/appels/", "/courriels/desabonnement/",
    "/deconnexion/", "/invitation/",
)  # fmt: skip
ECRITES: dict[tuple[str, str], dict[str, str]] = {}


def written() -> dict[tuple[str, str], dict[str, str]]:
    with FICHIER.open(encoding="utf-8", newline="") as flux:
        return {(ligne.pop("adresse"), ligne.pop("methode")): ligne for ligne in csv.DictReader(flux, delimiter=";")}


def _as_csv(lignes: Mapping[tuple[str, str], Mapping[str, str]]) -> str:
    entete = ";".join(("adresse", "methode", *GENS))
    corps = [";".join((*cle, *(statuts[nom] for nom in GENS))) for cle, statuts in sorted(lignes.items())]
    return "\n".join((entete, *corps)) + "\n"


def _answers(adresse: str, methode: str, clients: Mapping[str, Client]) -> dict[str, str]:
    return {nom: str(_status(client, methode, adresse)) for nom, client in clients.items()}


def _status(client: Client, methode: str, adresse: str) -> int:
    """What it answers; whatever it did is undone, in the base and in the browser."""
    temoins = client.cookies.output(header="")
    with transaction.atomic():
        reponse = client.generic(methode, adresse)
        transaction.set_rollback(True)
    client.cookies = SimpleCookie(temoins)
    statut: int = reponse.status_code
    return statut


def _signed_in(qui: tuple[str, str | None] | None) -> Client:
    client = Client(raise_request_exception=True)
    if qui is not None:
        client.force_login(personne(*qui), backend=PORTE)
    return client


def _pk(modele: Any) -> int:
    lot = getattr(modele, "objects", modele)
    pk: int = lot.order_by("pk").values_list("pk", flat=True)[0]
    return pk


def _address(adresse: str, objets: Mapping[str, Mapping[str, int | str]]) -> str:
    """The route with real objects and plausible parts."""
    siens = next((lot for debut, lot in objets.items() if adresse.startswith(debut)), {})
    parts = VALEURS | {"code": "projet", "pk": "1"} | {nom: str(valeur) for nom, valeur in siens.items()}
    lue = adresse
    while "<" in lue:
        debut, _, reste = lue.partition("<")
        nom, _, fin = reste.partition(">")
        nom = nom.rpartition(":")[2]
        if debut.endswith("(?P"):  # a regular expression: its name, then its pattern up to the closing parenthesis
            debut, fin = debut[:-3], fin[fin.index(")") + 1 :]
        lue = f"{debut}{parts[nom]}{fin}"
    return lue
