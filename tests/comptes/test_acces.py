"""Private pages, and the policy that every answer carries."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver
from django_htmx.middleware import HtmxDetails

from comptes.acces import Privee, page_privee
from comptes.models import Region
from comptes.roles import Role
from tests.comptes.gens import signed_in, someone
from ui.lecture import EcriturePendantLecture

pytestmark = pytest.mark.django_db
PROJET = Path(__file__).resolve().parents[2]
STATIQUES = [nom for nom in (
    "/connexion/", "/inscription/", "/inscription/verification/", "/mot-de-passe-oublie/",
    "/mot-de-passe-oublie/envoye/", "/mot-de-passe-oublie/change/", "/compte/", "/compte/adresses/",
    "/compte/mot-de-passe/", "/compte/confirmation/", "/compte/securite/", "/compte/sessions/",
    "/compte/fournisseurs/", "/invitations/", "/", "/nulle-part/", "/dossiers/1/",
)]  # fmt: skip


@page_privee
def renames(request: Privee) -> HttpResponse:
    Region.objects.filter(pk="76").update(nom=str(request.user))
    return HttpResponse("fait")


def asked(methode: str, user: object, **entetes: str) -> HttpRequest:
    request: HttpRequest = getattr(RequestFactory(headers=entetes), methode)("/brouillons/?q=a b")
    request.user = user  # type: ignore[assignment]
    request.htmx = HtmxDetails(request)  # type: ignore[attr-defined]
    return request


def test_a_private_page_writes_on_post_only():
    claire = someone("claire")
    with pytest.raises(EcriturePendantLecture), transaction.atomic():
        renames(asked("get", claire))
    assert renames(asked("post", claire)).content == b"fait"
    assert Region.objects.get(pk="76").nom == "Claire Essai"


def test_a_private_page_is_kept_by_no_cache():
    assert "no-store" in renames(asked("post", someone("claire")))["Cache-Control"]


@pytest.mark.parametrize("methode", ["get", "post"])
def test_a_visitor_signs_in_first_and_comes_back(methode: str):
    reponse = renames(asked(methode, AnonymousUser()))
    assert reponse["Location"] == "/connexion/?next=/brouillons/%3Fq%3Da%2520b"
    assert Region.objects.get(pk="76").nom == "Occitanie"


def test_a_part_asked_after_the_session_ended_sends_the_whole_page_to_sign_in():
    entetes = {"HX-Request": "true", "HX-Current-URL": "http://testserver/brouillons/7/"}
    reponse = renames(asked("post", AnonymousUser(), **entetes))
    assert reponse["HX-Redirect"] == "/connexion/?next=/brouillons/7/"


# The policy.


def directives(reponse: Any) -> dict[str, str]:
    parts = (part.strip().partition(" ") for part in reponse["Content-Security-Policy"].split(";"))
    return {nom: valeur for nom, _, valeur in parts}


@pytest.mark.parametrize("adresse", STATIQUES)
def test_every_answer_carries_the_policy(adresse: str):
    """Pages, redirections and refusals alike, signed in or not."""
    for client in (Client(), signed_in(someone("lucie", Role.ADMINISTRATEUR))):
        assert directives(client.get(adresse)) == {
            "default-src": "'self'",
            "img-src": "'self' data:",
            "object-src": "'none'",
            "frame-src": "'self'",
            "base-uri": "'self'",
            "frame-ancestors": "'none'",
            "form-action": "'self'",
        }


def test_refusals_carry_it_too(client: Client):
    assert directives(client.get("/deconnexion/"))["default-src"] == "'self'"
    strict = Client(enforce_csrf_checks=True)
    assert directives(strict.post("/connexion/"))["default-src"] == "'self'"


def test_the_list_above_misses_no_plain_page_of_the_accounts():
    def routes(resolveur: URLResolver, debut: str = ""):
        for motif in resolveur.url_patterns:
            if isinstance(motif, URLPattern) and "<" not in str(motif.pattern) and "(" not in str(motif.pattern):
                yield f"/{debut}{motif.pattern}", motif.callback.__module__
            elif isinstance(motif, URLResolver):
                yield from routes(motif, debut + str(motif.pattern))

    comptes = {adresse for adresse, module in routes(get_resolver()) if "allauth.account" in module}
    assert (
        comptes - set(STATIQUES) - {"/deconnexion/", "/connexion/compte-ferme/", "/compte/mot-de-passe/choisir/"}
        == set()
    )


#: All but the bodies of e-mails, whose readers know no other style and obey no policy of ours.
GABARITS = sorted(f for f in PROJET.glob("*/templates/**/*.html") if "message" not in f.parts)
EN_LIGNE = re.compile(r"\sstyle=|\son[a-z]+=[\"']|<style|javascript:|hx-on|<script(?![^>]*(src=|application/json))")


@pytest.mark.parametrize("gabarit", GABARITS, ids=lambda f: str(f.relative_to(PROJET)))
def test_no_template_writes_script_or_style_in_the_page(gabarit: Path):
    assert EN_LIGNE.findall(gabarit.read_text(encoding="utf-8")) == []


def test_the_design_system_writes_none_either():
    assert EN_LIGNE.findall(render_to_string("dsfr/theme_modale.html")) == []


def test_the_table_of_the_limits_is_the_one_django_would_make():
    with connection.cursor() as curseur:
        colonnes = connection.introspection.get_table_description(curseur, settings.CACHES["default"]["LOCATION"])
    assert [colonne.name for colonne in colonnes] == ["cache_key", "value", "expires"]
