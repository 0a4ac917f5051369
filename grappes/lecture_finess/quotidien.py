"""The daily JSON of the national register, read piece by piece. Source: regles.md §11.2.

It holds the closed establishments too, gives the commune by its INSEE code, and no aggregate of category.
"""

import codecs
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import IO, Any, cast

import ijson

from grappes.lecture_finess.fichier import Fichier
from grappes.lecture_finess.lignes import (
    A_REPRENDRE,
    Entete,
    Etablissement,
    Ignore,
    Ligne,
    LigneRejetee,
    Organisme,
    Rejet,
    check_damage,
    fits,
    read_day,
    read_finess,
    read_name,
    read_siren,
    read_siret,
    reason_to_ignore,
    refuse,
)
from moteur.texte import cite

VERSION = re.compile(r"v?1(?:\..*)?")
EXERCICE = "03"
WGS84 = "EPSG:4326"
#: Saint-Barthélemy and Saint-Martin: Guadeloupe for FINESS and for the agency (regles.md §11.4).
GUADELOUPE = {"977": "971", "978": "971"}
_JOUR_DU_NOM = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")


def read_header(fichier: Fichier) -> Entete:
    """`schemaVersion` and `generatedAt`, which come before the legal bodies. Raises: Refus."""
    dits: dict[str, Any] = {}
    with _bytes(fichier) as flux, _intact():
        for chemin, _, valeur in ijson.parse(flux):
            if chemin in ("schemaVersion", "generatedAt"):
                dits[chemin] = valeur
            if chemin == "pmej":
                break
        else:
            raise refuse(
                "ce JSON n'a pas de liste « pmej » : donnez « finess-structures-journalier-… », tel que publié."
            )
    version = str(dits.get("schemaVersion", ""))
    if VERSION.fullmatch(version) is None:
        raise refuse(f"« schemaVersion » vaut {cite(version)} : seule la version 1 du format est connue.")
    return Entete("quotidien", fichier.encodage, _day(str(dits.get("generatedAt", "")), fichier.chemin.name), False)


def read_rows(fichier: Fichier, avance: Callable[[int], object]) -> Iterator[Ligne]:
    """Every legal body, then its establishments. Raises: Refus."""
    with _bytes(fichier) as flux, _intact():
        for rang, pmej in enumerate(ijson.items(flux, "pmej.item")):
            yield from _read(pmej, f"pmej[{rang}]")
            if rang % 200 == 0:
                avance(flux.tell())


@contextmanager
def _bytes(fichier: Fichier) -> Iterator[IO[bytes]]:
    with fichier.open() as flux:
        if flux.read(3) != codecs.BOM_UTF8:
            flux.seek(0)
        if fichier.encodage == "utf-8":
            yield flux
        else:
            yield cast(IO[bytes], codecs.EncodedFile(cast(Any, flux), "utf-8", fichier.encodage))


@contextmanager
def _intact() -> Iterator[None]:
    try:
        yield
    except ijson.JSONError as erreur:
        raise refuse(f"ce JSON est abîmé ou tronqué ({erreur}). {A_REPRENDRE}") from erreur


def _day(instant: str, nom: str) -> date:
    trouve = _JOUR_DU_NOM.search(nom)
    for texte in (instant[:10], "-".join(trouve.groups()) if trouve else ""):
        try:
            return date.fromisoformat(texte)
        except ValueError:
            continue
    raise refuse("« generatedAt » ne donne pas la date de ce fichier, son nom non plus : donnez-le tel que publié.")


def _read(pmej: Any, lieu: str) -> Iterator[Ligne]:
    infos = _part(pmej, "informationsGeneralesPMEJ")
    numero = _text(infos, "numFinessPm")
    yield _one(lieu, lambda: _organisme(infos, numero, lieu))
    for rang, ege in enumerate(_list(pmej, "ege")):
        place = f"{lieu}.ege[{rang}]"
        yield _one(place, lambda ege=ege, place=place: _etablissement(ege, numero, place))  # type: ignore[misc]


def _one(lieu: str, lire: Callable[[], Ligne]) -> Ligne:
    try:
        return lire()
    except LigneRejetee as erreur:
        return Rejet(lieu, str(erreur))


def _organisme(infos: Mapping[str, Any], numero: str, lieu: str) -> Ligne:
    siren = _text(infos, "siren")
    check_damage(lieu, numeros=(numero,), dates=(_text(infos, "dateCreation"),), codes=(siren,))
    nom = _text(infos, "denominationLonguePmSmsse") or _text(infos, "denominationPm")
    return Organisme(lieu, read_finess(numero, "FINESS juridique"), read_name(nom, "dénomination"), read_siren(siren))


def _etablissement(ege: Any, og: str, lieu: str) -> Ligne:
    infos = _part(ege, "informationsGeneralesEGE")
    finess, siret = _text(infos, "numFinessEge"), _text(infos, "siret")
    ouverture = _text(infos, "dateOuverture")
    fermeture = _text(infos, "dateFermeture") or _text(ege, "dateFermeture")
    check_damage(lieu, numeros=(finess, og), dates=(ouverture, fermeture), codes=(siret,))
    code = _text(ege, "categorieentiteGeographiqueExercice")
    if (motif := reason_to_ignore(code, "", "")) is not None:
        return Ignore(motif)
    adresse = _address(ege)
    court, long = _text(infos, "nomEgeCourt"), _text(infos, "nomEgeLong")
    ferme_le = read_day(fermeture, "date de fermeture")
    return Etablissement(
        lieu,
        read_finess(finess, "FINESS géographique"),
        read_finess(og, "FINESS juridique"),
        read_name(court or long),
        fits(long, "raison sociale longue"),
        _street(adresse),
        _postcode(adresse),
        fits(_text(adresse, "ligneAcheminement"), "commune"),
        _departement(adresse),
        code,
        None,
        read_siret(siret),
        read_day(ouverture, "date d'ouverture"),
        ferme_le is not None or _text(ege, "etatObjet") == "I",
        ferme_le,
        *_position(_part(adresse, "coordonneesGeographique")),
    )


def _text(objet: Any, cle: str) -> str:
    valeur = objet.get(cle) if isinstance(objet, Mapping) else None
    return "" if valeur is None else str(valeur)


def _part(objet: Any, cle: str) -> Mapping[str, Any]:
    valeur = objet.get(cle) if isinstance(objet, Mapping) else None
    return valeur if isinstance(valeur, Mapping) else {}


def _list(objet: Any, cle: str) -> list[Any]:
    valeur = objet.get(cle) if isinstance(objet, Mapping) else None
    return valeur if isinstance(valeur, list) else []


def _address(ege: Any) -> Mapping[str, Any]:
    """The address where it works, else the first."""
    adresses = [a for a in _list(ege, "adresse") if isinstance(a, Mapping)]
    return next((a for a in adresses if a.get("usageAdresse") == EXERCICE), adresses[0] if adresses else {})


def _street(adresse: Mapping[str, Any]) -> str:
    morceaux = (_text(adresse, cle) for cle in ("numeroVoie", "typeVoie", "libelleVoie", "lieuDit"))
    return fits(" ".join(filter(None, morceaux)), "adresse")


def _postcode(adresse: Mapping[str, Any]) -> str:
    valeur = _text(adresse, "codePostal")
    return valeur if re.fullmatch("[0-9]{5}", valeur) else ""


def _departement(adresse: Mapping[str, Any]) -> str:
    commune = _text(adresse, "cogCommune")
    code = commune[:3] if commune[:2] in ("97", "98") else commune[:2]
    return GUADELOUPE.get(code, code)


def _position(coordonnees: Mapping[str, Any]) -> tuple[float | None, float | None, str | None]:
    """Longitude and latitude. The source swaps its two pairs of keys: the range of the values tells which is which."""
    for longitude, latitude in (("directionLongitude", "directionLatitude"), ("coordonneeX", "coordonneeY")):
        try:
            x, y = float(_text(coordonnees, longitude)), float(_text(coordonnees, latitude))
        except ValueError:
            continue
        if abs(x) <= 180 and abs(y) <= 90:
            return x, y, WGS84
    return None, None, None
