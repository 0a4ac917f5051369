"""The documentation, held to the code: what it says of names, keys, formulas and outputs is what they are."""

import json
import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from rich.console import Console

from instruction import scenario as format_scenario
from instruction.management.commands.rejouer import show
from instruction.parcours.dessins import drawings
from instruction.rejeu import actions, play
from instruction.scenario import PASSER, Partie, read_file
from moteur.erreurs import Code
from moteur.management.commands.statuts import drawn
from moteur.signature import cles

PROJET = Path(__file__).resolve().parent.parent
DOCS = PROJET / "docs"
SUCCES = PROJET / "fixtures" / "scenarios" / "succes.json"
PAGES = sorted([*PROJET.glob("*.md"), *DOCS.rglob("*.md"), *(PROJET.glob("*/README.md"))])
APPS = {config.name for config in apps.get_app_configs() if Path(config.path).parent == PROJET}


def read(nom: str) -> str:
    return (PROJET / nom).read_text(encoding="utf-8")


def blocks(nom: str, langue: str) -> list[str]:
    """The fenced blocks of a page in that language."""
    return re.findall(rf"^```{langue}\n(.*?)^```", read(nom), re.MULTILINE | re.DOTALL)


def section(nom: str, titre: str) -> str:
    """A page from that heading to the next."""
    return read(nom).partition(f"## {titre}\n")[2].partition("\n## ")[0]


def first_column(texte: str) -> list[str]:
    """Names in backticks of the first cell of each row."""
    return [nom for ligne in texte.splitlines() if ligne.startswith("| `")
            for nom in re.findall(r"`([^`]+)`", ligne.split("|")[1])]  # fmt: skip


# Generated pages and links.


def test_the_generated_pages_are_up_to_date() -> None:
    """When this fails: `make statuts`, then read what changed."""
    attendues = drawn()
    assert {f"statuts/{f.name}" for f in (DOCS / "statuts").iterdir()} == attendues.keys() - {"droits.md"}
    for chemin, texte in attendues.items():
        assert (DOCS / chemin).read_text(encoding="utf-8") == texte, chemin


def test_the_drawn_process_is_up_to_date() -> None:
    """When this fails: `python manage.py exporter_parcours`, then look at what changed."""
    for nom, texte in drawings().items():
        assert (DOCS / nom).read_text(encoding="utf-8") == texte, nom


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJET)))
def test_links_and_paths_lead_somewhere(page: Path) -> None:
    texte = page.read_text(encoding="utf-8")
    liens = re.findall(r"\]\((?!https?:|#)([^)#]+)", texte)
    assert [lien for lien in liens if not (page.parent / lien).exists()] == []
    chemins = re.findall(r"`((?:[\w.-]+/)+[\w.-]+\.(?:py|md|toml|json|csv|sh))`", texte)
    assert [c for c in chemins if not (PROJET / c).exists() and not (page.parent / c).exists()] == []


def test_every_test_the_readme_names_exists() -> None:
    cites = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", read("README.md"))
    assert cites
    assert [f"{f}::{nom}" for f, nom in cites if f"def {nom}(" not in read(f) and f"class {nom}" not in read(f)] == []


def test_the_readme_knows_every_folder() -> None:
    dossiers = {
        f.name
        for f in PROJET.iterdir()
        if f.is_dir() and f.name in APPS | {"config", "fixtures", "tests", "bench", "docs"}
    }
    cites = set(re.findall(r"`(\w+)/`", section("README.md", "The house")))
    assert dossiers - cites == set()


# The contract.


def test_the_contract_explains_every_refusal_code() -> None:
    assert first_column(section("docs/contrat.md", "Refusal codes")) == [code.value for code in Code]


def test_the_contract_names_every_key_of_a_scenario() -> None:
    connues = set(re.findall(r"`(\w+)`", section("docs/contrat.md", "`rejouer`: the scenario")))
    parties = [p for p in vars(format_scenario).values() if isinstance(p, type) and issubclass(p, Partie)]
    cles_du_format = {nom for partie in parties for nom in partie.model_fields}
    assert cles_du_format - connues == set()


def test_the_contract_gives_every_action_its_data() -> None:
    texte = section("docs/contrat.md", "`rejouer`: the actions")
    lignes = [ligne.split("|") for ligne in texte.splitlines() if ligne.startswith("| `")]
    dites = {
        action: set(re.findall(r"`(\w+)`", ligne[2])) for ligne in lignes for action in re.findall(r"`(\w+)`", ligne[1])
    }
    assert dites == {nom: set(cles(porte)) for nom, porte in actions().items()} | {PASSER: set()}


def shape(valeur: Any, chemin: str = "") -> Iterator[str]:
    """Paths of the keys of a JSON value; lists as one element."""
    if isinstance(valeur, dict):
        for cle, contenu in valeur.items():
            yield f"{chemin}.{cle}"
            yield from shape(contenu, f"{chemin}.{cle}")
    elif isinstance(valeur, list):
        for element in valeur:
            yield from shape(element, f"{chemin}[]")


@pytest.mark.django_db
def test_the_contract_shows_the_outcome_as_it_is() -> None:
    [exemple] = blocks("docs/contrat.md", "json")
    assert set(shape(json.loads(exemple))) == set(shape(play(read_file(SUCCES))))


# The journal.


@pytest.fixture
def _joue(db: None) -> None:
    """A play that is kept, for the time of the test."""
    play(read_file(SUCCES), keep=True)


@pytest.mark.usefixtures("_joue")
def test_the_python_formula_of_the_journal_is_the_one_of_the_database() -> None:
    portee: dict[str, Any] = {}
    exec(blocks("docs/journal.md", "python")[0], portee)
    with connection.cursor() as curseur:
        curseur.execute("SELECT *, donnees::text AS texte FROM moteur_entree")
        noms = [colonne[0] for colonne in curseur.description]
        lignes = [dict(zip(noms, valeurs, strict=True)) for valeurs in curseur.fetchall()]
    assert len(lignes) > 30
    assert all(portee["empreinte"](ligne | {"donnees": ligne["texte"]}) == ligne["empreinte"] for ligne in lignes)


@pytest.mark.usefixtures("_joue")
def test_the_sql_formula_of_the_journal_finds_what_was_changed_and_only_that() -> None:
    [requete] = blocks("docs/journal.md", "sql")
    with connection.cursor() as curseur:
        curseur.execute(requete)
        assert curseur.fetchall() == []
        curseur.execute("SET CONSTRAINTS ALL IMMEDIATE")
        curseur.execute("ALTER TABLE moteur_entree DISABLE TRIGGER USER")
        curseur.execute(
            "UPDATE moteur_entree SET role = 'auditeur' WHERE action = 'selectionner' RETURNING chaine, rang"
        )
        changee = curseur.fetchall()
        curseur.execute(requete)
        assert curseur.fetchall() == changee


def test_every_trigger_is_explained_to_the_auditor() -> None:
    texte = read("docs/journal.md")
    noms = {t.name for nom in APPS for m in apps.get_app_config(nom).get_models()
            for t in getattr(m._meta, "triggers", [])}  # fmt: skip
    assert {nom for nom in noms if f"`{nom}`" not in texte} == set()


# Words, dependencies, samples.


def test_every_model_is_in_the_glossary() -> None:
    connus = set(first_column(read("docs/glossaire.md"))) | set(re.findall(r"`(\w+)`", read("docs/glossaire.md")))
    modeles = {m.__name__ for nom in APPS for m in apps.get_app_config(nom).get_models()}
    assert {nom for nom in modeles - connus if not nom.endswith("Permission")} == set()


def test_every_direct_dependency_is_justified() -> None:
    demandes = f"{read('requirements.in')}\n{read('requirements-dev.in')}"
    voulues = set(re.findall(r"^([a-z][\w-]*)", demandes, re.MULTILINE))
    decrites = re.findall(r"^\| ([a-z][\w-]*) \| ", read("docs/adr/0009-dependances.md"), re.MULTILINE)
    assert set(decrites) - {"dependency"} == voulues


def test_the_readme_shows_the_scale_as_it_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    sortie = StringIO()
    call_command(
        "bareme", reglement="esms-2022", projet="acquisition", essms="46", segur="oui", stdout=sortie
    )  # fmt: skip
    assert squeeze(sortie.getvalue()) in [squeeze(bloc) for bloc in blocks("README.md", "text")]


@pytest.mark.django_db
def test_the_readme_shows_a_play_as_it_ends() -> None:
    sortie = StringIO()
    show(play(read_file(SUCCES)), Console(file=sortie, width=120))
    assert squeeze(sortie.getvalue()) in [squeeze(bloc) for bloc in blocks("README.md", "text")]


def squeeze(texte: str) -> str:
    return "\n".join(ligne.rstrip() for ligne in texte.strip().splitlines())
