"""Files of SONS orders for tests, and the register they speak of."""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from aap.commandes_sons.importation import import_orders
from aap.commandes_sons.lecture import COLONNES, open_file
from grappes.finess import with_key
from grappes.models import Essms, OrganismeGestionnaire
from moteur.lots import BilanLot

OG = "310000010"
AUTRE_OG = with_key("31000003")
Rangee = Mapping[str, Any]


def et(rang: int = 0) -> str:
    """The number of the ESSMS of that rank; of département 01, so that it starts with a zero."""
    return with_key(f"0100{rang:04d}")


def register(nombre: int = 1, og: str = OG, debut: int = 0) -> None:
    """An OG and its ESSMS, at the real register."""
    tenu, _ = OrganismeGestionnaire.objects.get_or_create(finess=og, rejeu=None, defaults={"nom": f"OG {og}"})
    for rang in range(debut, debut + nombre):
        Essms.objects.create(finess=et(rang), nom=f"EHPAD {rang}", categorie="500", departement_id="01", og=tenu)


def row(rang: int = 0, **autres: Any) -> dict[str, Any]:
    """An order of the ESSMS of that rank, signed on 1 March 2022."""
    vide = dict.fromkeys(COLONNES, "")
    donnees = {
        "reference": f"ASP-{rang}",
        "finess_ej": OG,
        "finess_et": et(rang),
        "logiciel": "Alpha",
        "vague": "MS1",
        "commandee_le": "2022-03-01",
    }
    return vide | donnees | autres


def as_csv(rangees: Iterable[Rangee], colonnes: Iterable[str] = COLONNES) -> str:
    texte = io.StringIO()
    sortie = csv.DictWriter(texte, list(colonnes), delimiter=";", lineterminator="\r\n", extrasaction="ignore")
    sortie.writeheader()
    sortie.writerows(rangees)
    return texte.getvalue()


def write_csv(chemin: Path, *rangees: Rangee, encodage: str = "utf-8") -> Path:
    chemin.write_bytes(as_csv(rangees).encode(encodage))
    return chemin


def write_json(chemin: Path, *rangees: Any) -> Path:
    chemin.write_text(json.dumps({"version": 1, "commandes": rangees}), encoding="utf-8")
    return chemin


def run(chemin: Path, *, simuler: bool = False) -> BilanLot:
    return import_orders(open_file(chemin), simuler=simuler)


def reasons(bilan: BilanLot) -> list[tuple[int, str, str]]:
    """(rank, column, reason) of each fault, in order; spaces made ordinary."""
    return [(un.rang, faute.chemin, " ".join(faute.message.split())) for un in bilan.jugements for faute in un.fautes]
