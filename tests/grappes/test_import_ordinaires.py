"""A row recognised from its raw line is what reading it field by field says it is, whatever the file holds."""

from collections.abc import Callable
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grappes import recus
from grappes.lecture_finess import read_rows
from grappes.lecture_finess.fichier import Fichier, examine
from grappes.lecture_finess.lignes import Ignore
from grappes.ordinaires import LONGUEUR_LIGNE, Ordinaires
from grappes.recus import Compte
from grappes.tri import Reprendre, Tri, sort_for, take_all
from moteur.erreurs import Refus
from tests.grappes.fichiers_finess import ej, et, geo

ENTETE = "finess;etalab;111;2026-05-12"
DEPARTEMENTS = {"31": "31", "2A": "2A", "9B": "972"}


def hospital() -> list[str]:
    """Ignored, once it is known that no spreadsheet damaged it."""
    return et(cat="355", agr="1102")


SAINES: list[Callable[[], list[str]]] = [et, hospital, ej, geo]
#: What files hold at worst, in whatever column it falls.
HOSTILES = [
    "", " ", ";", '"', '""', '"a"', 'a"b', '"a;b"', '"a ""b"" c"', '"a\tb"', '"a\nb"', '"a"b', '"a"\r',
    "a\tb", "a\\b", "\\N", "\\.", "\0", "\r", "\n", "\r\n", "\x85", "\u2028",
    "É", "œ", "٣", "x" * 200, "x" * 201, "x" * LONGUEUR_LIGNE, "x" * 131_073, "1", "3", "31", "2A", "975", "99",
    "310000028", "2A0000014", "3A0000028", "1E1234567", "1e1234567", "1E+08", "3,1E+13", "31000002", "31000002A",
    "1990-01-02", "1990-02-30", "0001-01-01", "0000-01-01", "02/01/1990", "2/1/90 00:00", "19900102",
    "12345678901234", "123456789", "1234", "-0", "1.", ".5", "1e5", "1_000", " 12 ", "nan", "inf", "99999999.999999",
    "100000000", "0.1000000000000000055511151231257827", "EPSG:2154", "1,BAN,epsg 32620", "a,b,c", "500", "355", "999",
    "1102", "4401", "01440 VIRIAT", "01440", "01440  X", "structureet", "geolocalisation",
]  # fmt: skip


def sort_for_one() -> Tri:
    return sort_for(["310000010"])


#: Rows of one kind are recognised after the first of them, so most files hold only one.
genres = st.sampled_from([*map(st.just, SAINES), st.sampled_from(SAINES)])


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """Sound rows of the three kinds, then columns of some of them replaced, separators and ends of lines too."""
    lignes = []
    for saine in draw(st.lists(draw(genres), min_size=2, max_size=6)):
        champs = saine()
        for rang in draw(st.lists(st.integers(0, len(champs) - 1), max_size=2)):
            champs[rang] = draw(st.sampled_from(HOSTILES) | st.text(max_size=12))
        lignes.append(";".join(champs) + draw(st.sampled_from(["", "", "", "", ";"])))
    fins = st.sampled_from(["\n"] * 8 + ["\r\n", "\r", "", "\n\n"])
    texte = f"{ENTETE}\n" + "".join(ligne + draw(fins) for ligne in lignes)
    return texte.encode(draw(st.sampled_from(["utf-8", "utf-8-sig", "cp1252"])), errors="replace")


@settings(max_examples=200, deadline=None)
@given(files(), st.sampled_from([take_all, sort_for_one]))
def test_both_ways_say_the_same(octets: bytes, sort: Callable[[], Tri]) -> None:
    with TemporaryDirectory() as dossier:
        compare(Path(dossier, "f.csv"), octets, sort)


@pytest.mark.parametrize("saine", SAINES)
def test_both_ways_say_the_same_of_every_hostile_value_in_every_column(
    tmp_path: Path, saine: Callable[[], list[str]]
) -> None:
    for rang, valeur in product(range(len(saine())), HOSTILES):
        champs = saine()
        champs[rang] = valeur
        lignes = [ENTETE, ";".join(saine()), ";".join(champs), ";".join(saine()), ""]
        compare(tmp_path / "f.csv", "\n".join(lignes).encode())


def compare(chemin: Path, octets: bytes, sort: Callable[[], Tri] = take_all) -> None:
    chemin.write_bytes(octets)
    fichier = examine(chemin)
    assert outcome(fichier, sort(), recognised=True) == outcome(fichier, sort(), recognised=False)


def outcome(fichier: Fichier, tri: Tri, *, recognised: bool) -> tuple[object, ...]:
    """All that the rows say, then what stopped the reading of the file, if something did."""
    compte, dits = Compte(tri=tri), list[object]()
    args = (Ordinaires(DEPARTEMENTS, compte),) if recognised else ()
    try:
        for lue in read_rows(fichier, lambda octets: None, *args):
            dit = lue if isinstance(lue, str) else recus.received(lue, DEPARTEMENTS, compte)
            dits.append(columns(dit) if isinstance(dit, str) else dit)
    except Refus as refus:
        return compte, dits, refus.message, refus.details
    except Reprendre:
        return compte, dits, Reprendre
    return compte, dits


def columns(ligne: str) -> dict[str, Any]:
    """A line of COPY by columns, coordinates as numbers since the same one is written in several ways."""
    assert ligne.endswith("\n")
    dit: dict[str, Any] = dict(zip(recus.COLONNES[3:], ligne[:-1].split("\t"), strict=True))
    return dit | {axe: float(dit[axe]) for axe in ("x", "y") if dit[axe] != recus.NUL}


CITEE = et(rs='"EHPAD ""LE LAC"""')
RECONNUES = [(et(), 32), (CITEE, 32), (et(ouv=""), 32), ([*et(), ""], 33), (ej(), 23), (geo(), 6)]


@pytest.mark.parametrize(("champs", "largeur"), RECONNUES)
@pytest.mark.parametrize("fin", ["\n", "\r\n"])
def test_sound_rows_are_recognised(champs: list[str], largeur: int, fin: str) -> None:
    """Else the comparison above would compare nothing."""
    lue = Ordinaires(DEPARTEMENTS, Compte())(champs[0], largeur)(";".join(champs) + fin, 7)
    assert isinstance(lue, str)
    assert columns(lue)["lieu"] == "ligne 7"


def test_what_is_ignored_is_recognised_too() -> None:
    recognise = Ordinaires(DEPARTEMENTS, Compte())("structureet", 32)
    assert isinstance(recognise(";".join(hospital()) + "\n", 7), Ignore)
