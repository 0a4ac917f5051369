"""Searching the register: by number, name, commune, OG, category, without accents or case."""

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from comptes.models import Departement
from grappes.models import Essms, OrganismeGestionnaire
from grappes.recherche import LETTRES, normalize, to_query

pytestmark = pytest.mark.django_db


@pytest.fixture
def _registre() -> None:
    og = OrganismeGestionnaire.objects.create(finess="310000010", nom="Fondation de l'Étoile")
    haute_garonne = Departement.objects.get(code="31")
    for finess, nom, categorie, commune in [
        ("310000028", "LES LAVANDES", "500", "ST GAUDENS"),
        ("310000036", "C.M.P.P. LAVANDIÈRE", "189", "TOULOUSE"),
        ("310000044", "FOYER BEL AIR", "252", "MURET"),
    ]:
        Essms.objects.create(
            finess=finess, nom=nom, categorie=categorie, commune=commune, og=og, departement=haute_garonne
        )


@pytest.mark.usefixtures("_registre")
@pytest.mark.parametrize(
    ("texte", "finess"),
    [
        ("EHPAD lavande 31", ["310000028"]),
        ("lavand", ["310000036", "310000028"]),
        ("cmpp lavandiere", ["310000036"]),
        ("31000004", ["310000044"]),
        ("saint-gaudens", ["310000028"]),
        ("ETOILE muret", ["310000044"]),
        ("dépendantes", ["310000028"]),
        ("189", ["310000036"]),
        ("cat", []),
        ("lavande marseille", []),
        ("'; DROP TABLE grappes_essms; --", []),
        ("", []),
    ],
)
def test_search_finds(texte: str, finess: list[str]) -> None:
    assert [essms.finess for essms in Essms.objects.search(texte)] == finess


@pytest.mark.usefixtures("_registre")
def test_a_renamed_og_is_found_by_its_new_name() -> None:
    OrganismeGestionnaire.objects.update(nom="Comète")
    assert Essms.objects.search("comete").count() == 3
    assert Essms.objects.search("etoile").count() == 0


@pytest.mark.usefixtures("_registre")
def test_results_come_by_name_then_number() -> None:
    Essms.objects.filter(finess__in=["310000028", "310000044"]).update(nom="ACCUEIL")
    assert [e.finess for e in Essms.objects.search("31")] == ["310000028", "310000044", "310000036"]


@pytest.mark.usefixtures("_registre")
def test_the_first_ones_come_with_their_og_in_the_same_order(django_assert_num_queries) -> None:
    with django_assert_num_queries(1):
        trouves = [(essms.finess, essms.og.nom, essms.departement.nom) for essms in Essms.objects.found("31", 2)]
    assert [finess for finess, _, _ in trouves] == [essms.finess for essms in Essms.objects.search("31")[:2]]
    assert {og for _, og, _ in trouves} == {"Fondation de l'Étoile"}


@pytest.mark.usefixtures("_registre")
def test_plays_are_not_searched() -> None:
    Essms.objects.filter(finess="310000028").update(rejeu="00000000-0000-0000-0000-000000000001")
    assert Essms.objects.search("lavandes").count() == 0


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=40).filter(lambda t: "\0" not in t))
def test_sql_and_python_normalise_alike(texte: str) -> None:
    with connection.cursor() as curseur:
        curseur.execute("SELECT grappes_normaliser(%s)", [texte])
        assert curseur.fetchone()[0] == normalize(texte)
        if (requete := to_query(texte)) is not None:
            curseur.execute("SELECT %s::tsquery", [requete])


def test_every_letter_is_normalised_alike() -> None:
    lettres = " ".join(map(chr, LETTRES))
    with connection.cursor() as curseur:
        curseur.execute("SELECT grappes_normaliser(%s)", [lettres])
        assert curseur.fetchone()[0] == normalize(lettres)
