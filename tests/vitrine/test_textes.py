"""The guides and notices: safe, complete, and true."""

import ast
import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import Resolver404, resolve
from hypothesis import given
from hypothesis import strategies as st

from aap.regles import charger, lire_fichier
from tests.instruction.campagne import text
from tests.navigateur.test_pages_navigateur import TAILLES
from vitrine import guide
from vitrine.accessibilite import statement
from vitrine.formes import FORMES

PROJET = Path(__file__).resolve().parents[2]
TEXTES = sorted(guide.DOSSIER.glob("*.md"))
R2022 = charger(lire_fichier("esms-2022"))
REGLEMENTS = sorted((PROJET / "fixtures" / "reglements").glob("*.toml"))
JUGE = {"judge", "_violations"}


@pytest.mark.parametrize("reglement", REGLEMENTS, ids=lambda f: f.stem)
@pytest.mark.parametrize("fichier", TEXTES, ids=lambda f: f.stem)
def test_every_figure_named_is_one_of_the_rules(fichier: Path, reglement: Path):
    rempli = guide.fill(fichier.read_text(encoding="utf-8"), charger(lire_fichier(reglement.stem)))
    assert "[[" not in rempli


@pytest.mark.parametrize("fichier", TEXTES, ids=lambda f: f.stem)
def test_no_figure_of_the_rules_is_copied(fichier: Path):
    """Amounts, and the thresholds, come from the rule set or not at all."""
    brut = guide.JETON.sub("", fichier.read_text(encoding="utf-8"))
    assert re.findall(r"\d[\d\s\u202f.]*(?:€|euros|ESSMS|mois|%)", brut) == []


@pytest.mark.parametrize("fichier", TEXTES, ids=lambda f: f.stem)
def test_every_link_leads_somewhere(fichier: Path):
    for adresse in re.findall(r"\]\((/[^)#?]*)", fichier.read_text(encoding="utf-8")):
        try:
            resolve(adresse)
        except Resolver404:
            pytest.fail(f"{fichier.name} : {adresse}")


def test_a_value_is_written_in_its_form_and_its_doubt_said():
    assert guide.fill("[[versements.premiere_part|part]]", R2022) == "**50\u00a0%**"
    assert guide.fill("[[usages.indicateurs.MSS.cible|pourcent]]", R2022) == "**70\u00a0%**"
    assert guide.fill("[[usages.indicateurs.DUI1.cible|pourcent]]", R2022).endswith("(à confirmer)")
    assert "ne donnent pas" in guide.fill("[[politiques.prorogation|texte]]", R2022)


@pytest.mark.parametrize("jeton", ["[[bareme.rien|euros]]", "[[bareme.seuil|rien]]", "[[bareme.usage|euros]]"])
def test_a_figure_misspelt_is_a_fault(jeton: str):
    with pytest.raises((LookupError, AttributeError)):
        guide.fill(jeton, R2022)


@given(texte=st.text())
def test_no_text_makes_raw_html(texte: str):
    rendu = guide._render(f"<script>alert(1)</script>\n\n<b onclick=x>{texte}\n\n[x](javascript:alert(1))")
    assert "<script" not in rendu
    assert "<b " not in rendu
    assert 'href="javascript' not in rendu


@pytest.mark.parametrize("nom", guide.GUIDES)
def test_every_guide_is_served(client: Client, aap, nom: str):
    reponse = client.get(f"/guide/{nom}/", {"appel": aap.code})
    assert guide.GUIDES[nom] in text(reponse.content.decode())
    assert reponse.context["texte"].parties


@pytest.mark.parametrize("adresse", ["/guide/faq/", "/guide/rien/", "/faq/?appel=rien", "/faq/?appel=%00"])
def test_what_does_not_exist_is_not_found(client: Client, aap, adresse: str):
    assert client.get(adresse).status_code == 404


def test_forms_write_every_kind_of_value():
    assert FORMES["oui_non"](False) == "non"
    assert FORMES["secteurs"](("PA", "PH")) == "personnes âgées et personnes handicapées"


# The accessibility statement, held to the tests.


def browser_tests() -> dict[str, ast.FunctionDef]:
    """Every test of the browser, by file::name."""
    trouves = {}
    for fichier in sorted((PROJET / "tests" / "navigateur").glob("test_*.py")):
        for noeud in ast.parse(fichier.read_text(encoding="utf-8")).body:
            if isinstance(noeud, ast.FunctionDef) and noeud.name.startswith("test_"):
                trouves[f"{fichier.relative_to(PROJET)}::{noeud.name}"] = noeud
    return trouves


def judges(test: ast.FunctionDef) -> bool:
    appels = [noeud.func for noeud in ast.walk(test) if isinstance(noeud, ast.Call)]
    return any((f.attr if isinstance(f, ast.Attribute) else getattr(f, "id", "")) in JUGE for f in appels)


def test_the_statement_names_tests_that_exist_and_judge():
    tests = browser_tests()
    for essai in statement().essais:
        assert essai.test in tests
        assert judges(tests[essai.test]) or "keyboard" in ast.unparse(tests[essai.test])
        assert not essai.clavier or "keyboard" in ast.unparse(tests[essai.test])


def test_the_statement_forgets_no_file_of_browser_tests():
    dits = {essai.test.partition("::")[0] for essai in statement().essais}
    assert {nom.partition("::")[0] for nom, test in browser_tests().items() if judges(test)} - dits == set()


def test_the_statement_tells_the_widths_that_are_tried():
    assert sorted(statement().largeurs) == sorted(taille["width"] for taille in TAILLES)


def test_the_statement_claims_no_conformity(client: Client, db: None):
    texte = text(client.get("/accessibilite/").content.decode())
    assert "non conforme" in texte
    assert "aucun audit par une personne" in texte
    for manque in statement().non_testes:
        assert manque in texte
