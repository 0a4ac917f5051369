"""Rows that concern no ESSMS are not sent to the database: nothing else changes, whatever comes first."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grappes import importation
from grappes.importation import import_files
from grappes.models import Essms, EvenementRegistre, OrganismeGestionnaire
from grappes.tri import Reprendre, take_all
from moteur.erreurs import Refus
from tests.grappes.fichiers_finess import daily, ege, ej, et, geo, stock

pytestmark = pytest.mark.django_db

#: Few numbers, so that rows meet; a hospital, which is nobody's business; rows that are rejected.
numeros = st.sampled_from(["310000028", "310000036", "310000044"])
corps = st.sampled_from(["310000010", "310000051", "310000069"])
rangees = st.one_of(
    st.builds(et, numeros, corps, rs=st.sampled_from(["EHPAD DU LAC", 'EHPAD "LE LAC"', ""])),
    st.builds(et, numeros, corps, cat=st.just("355"), agr=st.just("1102")),
    st.builds(ej, corps, st.sampled_from(["ASSOCIATION DU PARC", "ASSOCIATION DU LAC", ""])),
    st.builds(geo, numeros, st.sampled_from(["574000.5", "600000", "", "ici"])),
)
jours = st.sampled_from(["2026-05-12", "2026-06-12"])
fichiers = st.lists(st.tuples(jours, st.lists(rangees, min_size=1, max_size=8)), min_size=1, max_size=3)


@pytest.fixture
def tout(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Context in which every row is sent."""

    def run(chemins: Sequence[Path]) -> object:
        with monkeypatch.context() as m:
            m.setattr(importation, "_sort", lambda entetes: take_all())
            return outcome(chemins)

    return run


def outcome(chemins: Sequence[Path]) -> object:
    """All that an import says and writes, undone at once."""
    avant = transaction.savepoint()
    try:
        bilan = import_files(chemins).as_dict()
        return bilan, written()
    except Refus as refus:
        return refus.message, refus.details
    finally:
        transaction.savepoint_rollback(avant)


def written() -> list[object]:
    """The register, but for its keys."""
    essms = Essms.objects.order_by("finess").values_list("finess", "og__finess", "nom", "coord_x", "vu_le", "recherche")
    og = OrganismeGestionnaire.objects.order_by("finess").values_list("finess", "nom", "siren", "vu_le")
    faits = EvenementRegistre.objects.values_list("essms__finess", "og__finess", "nature", "le", "champ", "avant")
    return [*essms, *og, *sorted(map(str, faits))]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(connus=st.lists(st.builds(et, numeros, corps), max_size=2), donnes=fichiers)
def test_sorted_or_not_the_import_is_the_same(tout: Any, connus: list[list[str]], donnes: Any) -> None:
    avant = transaction.savepoint()
    try:
        with TemporaryDirectory() as nom:
            dossier = Path(nom)
            import_files([stock(dossier / "avant.csv", [et("310000077", "310000051"), *connus], le="2026-04-12")])
            chemins = [stock(dossier / f"{rang}.csv", lignes, le=le) for rang, (le, lignes) in enumerate(donnes)]
            assert outcome(chemins) == tout(chemins)
    finally:
        transaction.savepoint_rollback(avant)


def sent(chemins: Sequence[Path], monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many rows each reading of the files sent."""
    comptes: list[int] = []
    charger = importation._load

    def load(curseur: Any, *suite: Any) -> Any:
        try:
            en_cours = charger(curseur, *suite)
        except Reprendre:
            comptes.append(0)
            raise
        curseur.execute("SELECT count(*) FROM finess_recu")
        comptes.append(curseur.fetchone()[0])
        return en_cours

    monkeypatch.setattr(importation, "_load", load)
    import_files(chemins)
    return comptes


ESSMS, AUTRE = et(), geo("310000036")


@pytest.mark.parametrize(
    ("lignes", "attendu"),
    [
        ([[ESSMS, AUTRE, geo(), ej("310000051"), ej()]], [3]),
        ([[ESSMS, AUTRE], [ej("310000051"), ej()]], [2]),
        # Set aside, then needed or repeated: all is read again.
        ([[ESSMS, AUTRE, et("310000036")]], [0, 3]),
        ([[ESSMS, ej("310000051"), et("310000036", "310000051")]], [0, 3]),
        ([[ESSMS, AUTRE, AUTRE]], [0, 3]),
        # Positions or bodies first: nothing is known of what is theirs.
        ([[AUTRE, ESSMS]], [2]),
        ([[ej("310000051")], [ESSMS]], [2]),
    ],
)
def test_what_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lignes: list[list[list[str]]], attendu: list[int]
) -> None:
    chemins = [stock(tmp_path / f"{rang}.csv", une) for rang, une in enumerate(lignes)]
    assert sent(chemins, monkeypatch) == attendu


def test_a_daily_json_is_sent_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its bodies come before what they run."""
    chemins = [stock(tmp_path / "a.csv", [ESSMS, AUTRE]), daily(tmp_path / "b.json", ege())]
    assert sent(chemins, monkeypatch) == [4]


def test_an_og_renamed_is_heard_though_no_essms_of_the_files_is_its_own(tmp_path: Path) -> None:
    import_files([stock(tmp_path / "a.csv", [et("310000036", "310000051"), ej("310000051", "AVANT")])])
    nouveau = stock(tmp_path / "b.csv", [ESSMS, ej("310000051", "APRES")], le="2026-06-12")
    assert import_files([nouveau]).og_modifies == 1
    assert OrganismeGestionnaire.objects.get(finess="310000051").nom == "APRES"
