"""Large files: what is wrong far from the start refuses all of it, what is cut is seen, memory does not grow."""

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from grappes.importation import import_files
from grappes.lecture_finess import read_rows
from grappes.lecture_finess.fichier import examine
from grappes.models import Essms, EvenementRegistre, Importation, OrganismeGestionnaire
from moteur.erreurs import Refus
from tests.grappes.fichiers_finess import et, many, stock

pytestmark = pytest.mark.django_db

LIGNES, FAUTIVE = 80_000, 70_000
#: A hospital: read and checked like the rest, ignored.
SANITAIRE = et("310000036", rs="CLINIQUE", cat="355", agr="1102")


def state() -> list[object]:
    tables = (Essms, OrganismeGestionnaire, EvenementRegistre, Importation)
    return [ligne for table in tables for ligne in table._default_manager.order_by("pk").values_list()]


def large(chemin: Path, essms: list[list[str]], faute: list[str]) -> Path:
    """`LIGNES` lines: ESSMS, then hospitals; line `FAUTIVE` as told."""
    stock(chemin, [*essms, SANITAIRE, faute])
    *debut, sanitaire, fautive = chemin.read_bytes().splitlines(keepends=True)
    avant = sanitaire * (FAUTIVE - 1 - len(debut))
    chemin.write_bytes(b"".join(debut) + avant + fautive + sanitaire * (LIGNES - FAUTIVE))
    return chemin


def test_the_large_file_is_sound_without_its_fault(tmp_path: Path) -> None:
    bilan = import_files([large(tmp_path / "a.csv", many(5), SANITAIRE)])
    assert (bilan.crees, bilan.fichiers[0]["lignes"], bilan.rejets) == (5, LIGNES - 1, [])


@pytest.mark.parametrize(
    ("faute", "dit"),
    [
        (et("310000044")[:-1], "31 colonnes au lieu de 32"),
        ([*et("310000044"), "de trop"], "33 colonnes au lieu de 32"),
    ],
)
def test_a_wrong_count_of_columns_in_line_70000_changes_nothing(tmp_path: Path, faute: list[str], dit: str) -> None:
    import_files([stock(tmp_path / "a.csv", many(5))])
    avant = state()
    with pytest.raises(Refus, match=rf"ligne {FAUTIVE}.: {dit}"):
        import_files([large(tmp_path / "b.csv", many(20), faute)])
    assert state() == avant


@pytest.mark.parametrize("couper", [lambda octets: octets[:-60], lambda octets: octets[: octets.rindex(b'"')]])
def test_a_large_file_cut_within_a_row_changes_nothing(tmp_path: Path, couper: Callable[[bytes], bytes]) -> None:
    """In a plain field, then between quotes."""
    import_files([stock(tmp_path / "a.csv", many(5))])
    avant = state()
    chemin = large(tmp_path / "b.csv", many(20), et("310000044", long='DITE "LE PARC"'))
    chemin.write_bytes(couper(chemin.read_bytes()))
    with pytest.raises(Refus, match="tronqué"):
        import_files([chemin])
    assert state() == avant


def test_a_stock_cut_between_two_rows_closes_nothing_and_says_so(tmp_path: Path) -> None:
    """No count in the file tells it from a whole one: only what the register knew and that is missing does."""
    entier = stock(tmp_path / "a.csv", many(3000))
    import_files([entier])
    avant = state()
    coupe = tmp_path / "b.csv"
    coupe.write_bytes(b"".join(entier.read_bytes().splitlines(keepends=True)[:1500]))
    bilan = import_files([coupe])
    assert any("1501 ESSMS" in phrase and "tronqué" in phrase for phrase in bilan.avertissements)
    assert state() == avant


def test_what_a_short_cut_closed_is_opened_again_by_the_whole_stock(tmp_path: Path) -> None:
    """A hundredth of the rows missing looks like closures: dated, told, and undone by the next whole file."""
    tous = many(1000)
    import_files([stock(tmp_path / "a.csv", tous)])
    assert import_files([stock(tmp_path / "b.csv", tous[:995], le="2026-06-12")]).fermes == 5
    assert import_files([stock(tmp_path / "c.csv", tous, le="2026-06-13")]).rouverts == 5
    assert not Essms.objects.filter(ferme_le__isnull=False).exists()


def test_reading_ten_times_more_takes_no_more_memory(tmp_path: Path) -> None:
    petit, grand = (stock(tmp_path / f"{n}.csv", many(1000) * n) for n in (2, 20))
    assert _peak(grand) < 1.2 * _peak(petit)


def _peak(chemin: Path) -> int:
    """Bytes Python held at most."""
    fichier = examine(chemin)
    tracemalloc.start()
    try:
        assert sum(1 for _ in read_rows(fichier, lambda octets: None)) >= 2000
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
