"""The repository itself, held to its own conventions: each test names the file and the line that break one."""

import ast
import os
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db.models import BaseConstraint

from aap.regles import charger
from instruction.rejeu import actions
from instruction.scenario import PASSER, read_file, unknown_keys
from moteur import contraintes
from moteur.erreurs import Code
from moteur.journal import machines
from moteur.porte import actes, aretes_par_nom, effets, gardes
from moteur.signature import cles

PROJET = Path(__file__).resolve().parent.parent
APPS = sorted(Path(config.path) for config in apps.get_app_configs() if Path(config.path).parent == PROJET)
ECARTES = {"var", "venv", "__pycache__", "node_modules", "staticfiles"}
HORLOGES = {("timezone", "now"), ("datetime", "now"), ("datetime", "today"), ("datetime", "utcnow"), ("date", "today")}
#: Found by their name, by Django itself or by allauth.
DE_DJANGO = {"400.html", "403.html", "403_csrf.html", "404.html", "429.html", "500.html"}
A_FAIRE = re.compile(rf"\b({'TO' + 'DO'}|{'FIX' + 'ME'})\b")
#: Longer than they should be, and why.
LONGS: dict[str, str] = {}


@cache
def files(suffixe: str = "") -> tuple[Path, ...]:
    """The files of the project, without what it writes or installs."""
    trouves = []
    for dossier, sous, noms in os.walk(PROJET):
        sous[:] = sorted(nom for nom in sous if nom not in ECARTES and not nom.startswith(".") or nom == ".ci")
        trouves += [Path(dossier, nom) for nom in sorted(noms) if nom.endswith(suffixe)]
    return tuple(trouves)


@cache
def tree(fichier: Path) -> ast.Module:
    return ast.parse(fichier.read_text(encoding="utf-8"))


def code(*, tests: bool = False) -> Iterator[Path]:
    """The Python written by hand."""
    for fichier in files(".py"):
        if "migrations" not in fichier.parts and (tests or "tests" not in fichier.parts):
            yield fichier


def found(ce: Callable[[ast.AST], bool], *, tests: bool = False) -> list[str]:
    """Where nodes of that kind are: file:line."""
    return [
        f"{fichier.relative_to(PROJET)}:{noeud.lineno}"
        for fichier in code(tests=tests)
        for noeud in ast.walk(tree(fichier))
        if ce(noeud) and isinstance(noeud, ast.stmt | ast.expr)
    ]


# Apps and their declarations.


@pytest.mark.parametrize("app", APPS, ids=lambda app: app.name)
def test_an_app_says_what_it_is_for(app: Path) -> None:
    assert (app / "apps.py").exists()
    assert (app / "README.md").exists()


def declarations() -> Iterator[Any]:
    for machine in machines():
        for nom in aretes_par_nom(machine):
            yield getattr(machine, nom)
            yield from gardes(machine, nom)
            yield from effets(machine, nom)
        yield from (acte.fonction for acte in actes(machine).values())


def test_every_transition_act_guard_and_effect_has_a_docstring() -> None:
    muettes = {f"{f.__module__}.{f.__qualname__}" for f in declarations() if not (f.__doc__ or "").strip()}
    assert not muettes


def test_every_guard_and_effect_is_hooked_to_a_transition_that_exists() -> None:
    """A name misspelt in a decorator would be a check that nobody meets."""
    accroches = {f.__qualname__ for f in declarations()}
    declarees = {
        noeud.name
        for fichier in code()
        if fichier.name in ("gardes.py", "effets.py")
        for noeud in tree(fichier).body
        if isinstance(noeud, ast.FunctionDef) and noeud.decorator_list
    }
    assert declarees
    assert declarees - accroches == set()


def test_every_refusal_code_is_used() -> None:
    textes = [f.read_text(encoding="utf-8") for f in code() if f != PROJET / "moteur" / "erreurs.py"]
    assert [c for c in Code if not any(f"Code.{c.name}" in texte for texte in textes)] == []


def named_constraints() -> Iterator[BaseConstraint]:
    for app in APPS:
        for modele in apps.get_app_config(app.name).get_models():
            yield from modele._meta.constraints


def test_every_constraint_refuses_in_french() -> None:
    muettes = [
        contrainte.name
        for contrainte in named_constraints()
        if contrainte.violation_error_message == BaseConstraint.default_violation_error_message
        and contrainte.name not in contraintes._APPRISES
    ]
    assert muettes == []


def test_every_taught_constraint_exists() -> None:
    """A sentence taught for a name that no table and no trigger bears would never be read."""
    declencheurs = "".join(f.read_text(encoding="utf-8") for f in files(".py") if "models" in str(f))
    noms = {contrainte.name for contrainte in named_constraints()}
    inconnus = [nom for nom in contraintes._APPRISES if nom not in noms and f"CONSTRAINT = '{nom}'" not in declencheurs]
    assert inconnus == []


# Code.


def test_only_the_business_clock_reads_the_time() -> None:
    def reads(noeud: ast.AST) -> bool:
        if not (isinstance(noeud, ast.Attribute) and isinstance(noeud.value, ast.Name | ast.Attribute)):
            return False
        porteur = noeud.value.id if isinstance(noeud.value, ast.Name) else noeud.value.attr
        return (porteur, noeud.attr) in HORLOGES

    assert [lieu for lieu in found(reads) if not lieu.startswith("moteur/horloge.py:")] == []


def test_nothing_assigns_a_state() -> None:
    def assigns(noeud: ast.AST) -> bool:
        if isinstance(noeud, ast.Attribute):
            return noeud.attr == "etat" and isinstance(noeud.ctx, ast.Store | ast.Del)
        if isinstance(noeud, ast.Call) and isinstance(noeud.func, ast.Attribute):
            return noeud.func.attr in ("update", "aupdate") and any(cle.arg == "etat" for cle in noeud.keywords)
        if isinstance(noeud, ast.Call) and isinstance(noeud.func, ast.Name) and noeud.func.id == "setattr":
            return any(isinstance(a, ast.Constant) and a.value == "etat" for a in noeud.args)
        return False

    assert found(assigns) == []


def test_no_import_hides_in_a_function() -> None:
    caches = [
        f"{fichier.relative_to(PROJET)}:{interne.lineno}"
        for fichier in code(tests=True)
        for noeud in ast.walk(tree(fichier))
        if isinstance(noeud, ast.FunctionDef | ast.AsyncFunctionDef)
        for interne in ast.walk(noeud)
        if isinstance(interne, ast.Import | ast.ImportFrom)
    ]
    assert caches + found(_imports_by_name, tests=True) == []


def _imports_by_name(noeud: ast.AST) -> bool:
    return isinstance(noeud, ast.Call) and isinstance(noeud.func, ast.Name) and noeud.func.id == "__import__"


def test_files_and_functions_stay_short() -> None:
    longs = []
    for fichier in code(tests=True):
        nom = str(fichier.relative_to(PROJET))
        limite = 600 if nom.startswith("tests/") else 400
        if (lignes := len(fichier.read_text(encoding="utf-8").splitlines())) > limite:
            longs.append((nom, lignes))
        for noeud in ast.walk(tree(fichier)):
            if not isinstance(noeud, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            if (lignes := (noeud.end_lineno or noeud.lineno) - noeud.lineno + 1) > 60:
                longs.append((f"{nom}::{noeud.name}", lignes))
    assert [(nom, lignes) for nom, lignes in longs if nom not in LONGS] == []


# Other files.


def test_migrations_are_named() -> None:
    assert [f.name for f in files(".py") if f.parent.name == "migrations" and "_auto_" in f.name] == []


def test_nothing_is_left_for_later() -> None:
    textes = [f for f in files() if f.suffix in {".py", ".md", ".toml", ".html", ".json", ".sh", ".css", ".js", ".in"}]
    assert [
        f"{f.relative_to(PROJET)}:{n}"
        for f in textes
        for n, ligne in enumerate(f.read_text(encoding="utf-8").splitlines(), start=1)
        if A_FAIRE.search(ligne)
    ] == []


def test_every_template_is_used() -> None:
    gabarits = {f: f.relative_to(next(p for p in f.parents if p.name == "templates")) for f in files(".html")
                if "templates" in f.parts}  # fmt: skip
    textes = {f: f.read_text(encoding="utf-8") for f in [*code(), *files(".html")]}
    inutiles = [
        str(nom)
        for fichier, nom in gabarits.items()
        if nom.name not in DE_DJANGO
        and not _overrides_a_library(nom)
        and not any(str(nom) in texte for autre, texte in textes.items() if autre != fichier)
    ]
    assert inutiles == []


def _overrides_a_library(nom: Path) -> bool:
    """Whether an installed app of others has a template of that name: it is the one that asks for it."""
    chez_les_autres = [Path(c.path) for c in apps.get_app_configs() if Path(c.path).parent != PROJET]
    return any((chemin / "templates" / nom).exists() for chemin in chez_les_autres)


@pytest.mark.parametrize("fichier", sorted((PROJET / "fixtures" / "reglements").iterdir()), ids=lambda f: f.stem)
def test_every_rule_set_loads(fichier: Path) -> None:
    assert charger(fichier.read_text(encoding="utf-8")).code == fichier.stem


@pytest.mark.parametrize("fichier", sorted((PROJET / "fixtures" / "scenarios").glob("*.json")), ids=lambda f: f.stem)
def test_every_scenario_validates(fichier: Path) -> None:
    scenario = read_file(fichier)
    assert list(unknown_keys(scenario)) == []
    portes = actions()
    for rang, evenement in enumerate(scenario.evenements):
        if evenement.action != PASSER:
            assert evenement.action in portes, f"evenements[{rang}]"
            assert evenement.donnees.keys() <= cles(portes[evenement.action]), f"evenements[{rang}].donnees"
