"""The delays of the follow-up of risks: data, fixtures/risques.toml. A delay left out raises no alert. Pure."""

import tomllib
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from accompagnement.referents import Delai

FICHIER = Path(__file__).resolve().parents[1] / "fixtures" / "risques.toml"


class Alertes(BaseModel):
    """`non_evalue`: days an axis may stay without evaluation once the dossier is taken in charge."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    non_evalue: Delai | None = None


class Reglages(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    alertes: Alertes = Alertes()


def read(texte: str) -> Reglages:
    """What the file says. Raises: ValidationError naming what is wrong."""
    return Reglages.model_validate(tomllib.loads(texte))


def days_without_evaluation() -> int | None:
    """How long an axis may stay without evaluation; None where nothing says."""
    delai = _file().alertes.non_evalue
    return delai.valeur if delai else None


@cache
def _file() -> Reglages:
    return read(FICHIER.read_text(encoding="utf-8"))
