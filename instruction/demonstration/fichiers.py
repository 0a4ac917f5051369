"""What `fixtures/demo/` says: the call, the organisms, the people, and one line per dossier."""

import csv
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from aap.models import Etat
from grappes.categories import Secteur

FICHIERS = Path(__file__).resolve().parents[2] / "fixtures" / "demo"


@dataclass(frozen=True, kw_only=True)
class Campagne:
    """The call. `modeles`: sector → FINESS categories, each with the word that comes before a name.

    `absence`: who was away, and her deputy; `fin_d_annee`: who lends her role and who keeps out of a dossier, since
    the last day. `ouvert`: another call, open on the last day (instruction.demonstration.appel_ouvert).
    """

    code: str
    intitule: str
    reglement: str
    region: str
    enveloppe: str
    aujourdhui: date
    fenetre: Mapping[str, Any]
    objectifs: Mapping[str, int]
    lieux: Sequence[str]
    communes: Mapping[str, Sequence[str]]
    modeles: Mapping[Secteur, Sequence[tuple[str, str]]]
    absence: Mapping[str, Any]
    fin_d_annee: Mapping[str, Any]
    ouvert: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Organisme:
    """A fictive OG. `total`: all its ESSMS, None when it has no other than those it brings."""

    code: str
    nom: str
    secteur: Secteur
    departements: Sequence[str]
    total: int | None


@dataclass(frozen=True, kw_only=True)
class Personne:
    """A fictive person. `par`: how the events name her, which starts with her role; `region`: empty without one."""

    par: str
    identifiant: str
    prenom: str
    nom: str
    region: str

    @property
    def role(self) -> str:
        return self.par.partition(":")[0]


@dataclass(frozen=True, kw_only=True)
class Ligne:
    """A dossier to play. `apports`: ESSMS brought by each OG; `rythme`: 100 is the usual pace, 200 half as fast;
    `fin`: day on which its last stage starts, where the pace does not decide it."""

    rang: int
    ref: str
    grappe: str
    porteur: str
    projet: str
    segur: bool
    logiciel: str
    apports: Mapping[str, int]
    options: frozenset[str]
    etat: Etat
    depot: date
    seance: date | None
    rythme: int
    fin: date | None
    incidents: Sequence[str]

    @property
    def instructeur(self) -> str:
        """The two instructors share the dossiers."""
        return "instructeur" if self.rang % 2 else "instructeur:b"


def campagne() -> Campagne:
    lu = tomllib.loads((FICHIERS / "campagne.toml").read_text(encoding="utf-8"))
    lu["lieux"] = lu.pop("noms")["lieux"]
    lu["modeles"] = {Secteur(code): [(c, nom) for c, nom in paires] for code, paires in lu["modeles"].items()}
    return Campagne(**lu)


def accompagnement() -> dict[str, Any]:
    """What the adviser did: `suivis`, `annotations`, `partages`, `plans`."""
    return tomllib.loads((FICHIERS / "accompagnement.toml").read_text(encoding="utf-8"))


def organismes() -> dict[str, Organisme]:
    """By code."""
    return {
        un["code"]: Organisme(
            code=un["code"],
            nom=un["nom"],
            secteur=Secteur(un["secteur"]),
            departements=un["departements"].split(),
            total=int(un["essms_total"]) if un["essms_total"] else None,
        )
        for un in _rows("ogs.csv")
    }


def personnes() -> list[Personne]:
    return [Personne(**un) for un in _rows("personnes.csv")]


def lignes() -> list[Ligne]:
    return [_line(rang, un) for rang, un in enumerate(_rows("dossiers.csv"), start=1)]


def _line(rang: int, un: dict[str, str]) -> Ligne:
    apports = (part.split(":") for part in un["ogs"].split())
    return Ligne(
        rang=rang,
        ref=un["ref"],
        grappe=un["grappe"],
        porteur=un["porteur"],
        projet=un["projet"],
        segur=un["segur"] == "oui",
        logiciel=un["logiciel"],
        apports={og: int(nombre) for og, nombre in apports},
        options=frozenset(un["options"].split()),
        etat=Etat(un["etat"]),
        depot=date.fromisoformat(un["depot"]),
        seance=_day(un["seance"]),
        rythme=int(un["rythme"]),
        fin=_day(un["fin"]),
        incidents=un["incidents"].split(),
    )


def _day(texte: str) -> date | None:
    return date.fromisoformat(texte) if texte else None


def _rows(nom: str) -> Iterator[dict[str, str]]:
    with (FICHIERS / nom).open(encoding="utf-8", newline="") as flux:
        yield from csv.DictReader(flux)
