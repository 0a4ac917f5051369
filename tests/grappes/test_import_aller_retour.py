"""What is written in either format is read back the same, whatever the names hold."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from grappes.lecture_finess import read_header, read_rows
from grappes.lecture_finess.fichier import examine
from grappes.lecture_finess.lignes import Etablissement, Ligne, Organisme, Position
from tests.grappes.fichiers_finess import ej, et, geo, stock

#: No codec of a single byte may be taken for UTF-8: these letters, followed by ASCII, never are.
ADRESSE = "4 ALLÉE DE L'ÉTÉ"

numeros = st.from_regex(r"[0-9][0-9AB][0-9]{7}", fullmatch=True)
jours = st.dates(date(1900, 1, 1), date(2030, 1, 1))
metres = st.floats(-1e7, 1e7)


def names(codec: str) -> st.SearchStrategy[str]:
    """Quotes, separators and accents included; `csv` alone would turn a carriage return into a line feed."""
    return st.text(st.characters(codec=codec, exclude_characters="\0\r\n"), min_size=1, max_size=38).filter(str.strip)


def establishments(codec: str, **champs: st.SearchStrategy[Any]) -> st.SearchStrategy[Etablissement]:
    communs: dict[str, st.SearchStrategy[Any]] = {
        "lieu": st.just(""), "finess": numeros, "og": numeros, "nom": names(codec),
        "nom_long": st.just("") | names(codec), "adresse": st.just(ADRESSE),
        "code_postal": st.from_regex(r"[0-9]{5}", fullmatch=True), "commune": names(codec),
        "categorie": st.sampled_from(["500", "255", "189", "354"]),
        "siret": st.just("") | st.from_regex(r"[0-9]{14}", fullmatch=True), "ouvert_le": st.none() | jours,
        "x": st.none(), "y": st.none(), "systeme": st.none(),
    }  # fmt: skip
    return st.builds(Etablissement, **(communs | champs))


def bodies(codec: str) -> st.SearchStrategy[Organisme]:
    siren = st.just("") | st.from_regex(r"[0-9]{9}", fullmatch=True)
    return st.builds(Organisme, lieu=st.just(""), finess=numeros, nom=names(codec), siren=siren)


def of_stock(codec: str) -> st.SearchStrategy[list[Ligne]]:
    systemes = st.sampled_from(["EPSG:2154", "EPSG:5490", "EPSG:2975"])
    positions = st.builds(Position, lieu=st.just(""), finess=numeros, x=metres, y=metres, systeme=systemes)
    ouverts = establishments(
        codec, departement=st.sampled_from(["31", "2A", "9B"]), agregat=st.sampled_from(["4401", "", "4608"]),
        ferme=st.just(False), ferme_le=st.none(),
    )  # fmt: skip
    return st.lists(ouverts | bodies(codec) | positions, min_size=1, max_size=8)


ECRITURES = [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("cp1252", "cp1252")]


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(ECRITURES).flatmap(lambda paire: st.tuples(st.just(paire[0]), of_stock(paire[1]))))
def test_a_stock_written_is_read_back(cas: tuple[str, list[Ligne]]) -> None:
    encodage, lignes = cas
    temoin = Organisme("", "310000010", ADRESSE, "")
    with TemporaryDirectory() as dossier:
        ecrites = [as_row(ligne) for ligne in (temoin, *lignes)]
        assert list(read(stock(Path(dossier, "f.csv"), ecrites, encodage=encodage))) == [temoin, *lignes]


def as_row(ligne: Ligne) -> list[str]:
    match ligne:
        case Etablissement():
            colonnes = et(
                ligne.finess, ligne.og, rs=ligne.nom, long=ligne.nom_long, dep=ligne.departement,
                ach=f"{ligne.code_postal} {ligne.commune}", cat=ligne.categorie, agr=ligne.agregat or "",
                siret=ligne.siret, ouv=str(ligne.ouvert_le or ""),
            )  # fmt: skip
            return [*colonnes[:7], "", "", ligne.adresse, *colonnes[10:]]
        case Organisme(_, finess, nom, siren):
            return ej(finess, nom, siren)
        case Position(_, finess, x, y, systeme):
            return [*geo(finess, str(x), str(y))[:4], f"1,IGN,BD_ADRESSE,{systeme}", "2026-05-12"]
    raise AssertionError(ligne)


@st.composite
def of_daily(draw: st.DrawFn) -> tuple[Organisme, list[Etablissement]]:
    """A body and what it runs, open and closed; the JSON gives no aggregate, and its positions in degrees."""
    organisme = draw(bodies("utf-8"))
    ferme_le = draw(st.none() | jours)
    degres: dict[str, st.SearchStrategy[Any]] = {
        "x": st.floats(-180, 180), "y": st.floats(-90, 90), "systeme": st.just("EPSG:4326"),
    }  # fmt: skip
    communs: dict[str, st.SearchStrategy[Any]] = {
        "og": st.just(organisme.finess), "departement": st.sampled_from(["31", "2A", "971", "974"]),
        "agregat": st.none(), "ferme": st.just(ferme_le is not None), "ferme_le": st.just(ferme_le),
    }  # fmt: skip
    avec, sans = establishments("utf-8", **communs, **degres), establishments("utf-8", **communs)
    return organisme, draw(st.lists(avec | sans, max_size=5))


@settings(max_examples=40, deadline=None)
@given(st.lists(of_daily(), min_size=1, max_size=3))
def test_a_daily_json_written_is_read_back(corps: list[tuple[Organisme, list[Etablissement]]]) -> None:
    pmej = [as_body(organisme, tenus) for organisme, tenus in corps]
    with TemporaryDirectory() as dossier:
        chemin = Path(dossier, "f.json")
        document = {"schemaVersion": "v1.0.0", "generatedAt": "2026-06-01T02:00:00Z", "pmej": pmej}
        chemin.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
        lues = list(read(chemin))
    assert lues == [ligne for organisme, tenus in corps for ligne in (organisme, *tenus)]


def as_body(organisme: Organisme, tenus: list[Etablissement]) -> dict[str, Any]:
    infos = {"numFinessPm": organisme.finess, "denominationPm": organisme.nom, "siren": organisme.siren or None}
    return {"informationsGeneralesPMEJ": infos, "ege": [as_ege(tenu) for tenu in tenus], "etatObjet": "A"}


def as_ege(e: Etablissement) -> dict[str, Any]:
    infos = {
        "numFinessEge": e.finess, "nomEgeCourt": e.nom, "nomEgeLong": e.nom_long or None, "siret": e.siret or None,
        "dateOuverture": e.ouvert_le and str(e.ouvert_le), "dateFermeture": e.ferme_le and str(e.ferme_le),
    }  # fmt: skip
    adresse: dict[str, Any] = {
        "usageAdresse": "03", "libelleVoie": e.adresse, "cogCommune": f"{e.departement}001"[:5],
        "codePostal": e.code_postal, "ligneAcheminement": e.commune,
    }  # fmt: skip
    if e.x is not None:
        adresse["coordonneesGeographique"] = {"coordonneeX": str(e.x), "coordonneeY": str(e.y)}
    return {
        "informationsGeneralesEGE": infos, "categorieentiteGeographiqueExercice": e.categorie,
        "adresse": [adresse], "etatObjet": "I" if e.ferme else "A",
    }  # fmt: skip


def read(chemin: Path) -> Iterator[Ligne]:
    """The rows, without where they are: a name may hold a line break, and the place is tested elsewhere."""
    fichier = examine(chemin)
    read_header(fichier)
    for ligne in read_rows(fichier, lambda octets: None):
        assert isinstance(ligne, Etablissement | Organisme | Position), ligne
        yield ligne._replace(lieu="")
