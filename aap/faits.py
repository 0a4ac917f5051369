"""What a dossier states when it is filed: the snapshot frozen at filing. Source: regles.md §12.11.

Plain values, no ORM. `as_dict` and `from_dict` are an exact round trip through JSON.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from grappes.categories import Secteur, categorie
from grappes.projets import Projet

REGIONS_OUTRE_MER = frozenset({"01", "02", "03", "04", "06"})
REGION_CORSE = "94"


class Territoire(StrEnum):
    METROPOLE = "metropole"
    CORSE = "corse"
    OUTRE_MER = "outre-mer"


@dataclass(frozen=True, kw_only=True)
class FaitsEssms:
    """One ESSMS. `og`: FINESS EJ. `part_eligible`: share of eligible hours, 0 to 1 (regles.md E8).

    `sons_logiciel`: software of a SONS order, empty without one. `force_l312_1`: reason of the human
    override of the category, empty without one.
    """

    finess: str
    nom: str
    categorie: str
    departement: str
    region: str
    og: str
    part_eligible: Decimal = Decimal(1)
    sons_logiciel: str = ""
    force_l312_1: str = ""

    @property
    def secteur(self) -> Secteur | None:
        connue = categorie(self.categorie)
        return connue.secteur if connue else None

    @property
    def is_mixed(self) -> bool:
        """Home service doing also "confort" activities: aided for the eligible share only."""
        return self.part_eligible != 1


@dataclass(frozen=True, kw_only=True)
class FaitsOg:
    """One OG. `total_essms`: all its ESSMS, not only those it brings (regles.md §12.6)."""

    finess: str
    nom: str
    total_essms: int


@dataclass(frozen=True, kw_only=True)
class FaitsOptions:
    equipement: bool = False
    amoa_marche: bool = False
    amoa_projet: bool = False

    @property
    def is_any(self) -> bool:
        return self.equipement or self.amoa_marche or self.amoa_projet


@dataclass(frozen=True, kw_only=True)
class Faits:
    """The whole request. `segur`: referenced software. `financement_ue`: e.g. "FEDER", else empty."""

    projet: Projet
    segur: bool
    logiciel: str = ""
    contrat_signe: bool = False
    financement_ue: str = ""
    options: FaitsOptions = field(default_factory=FaitsOptions)
    ogs: tuple[FaitsOg, ...]
    essms: tuple[FaitsEssms, ...]
    og_porteur: str

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready; Decimal as its exact text."""
        donnees = asdict(self) | {"projet": self.projet.value}
        donnees["ogs"] = [asdict(og) for og in self.ogs]
        donnees["essms"] = [asdict(essms) | {"part_eligible": str(essms.part_eligible)} for essms in self.essms]
        return donnees

    @classmethod
    def from_dict(cls, donnees: Mapping[str, Any]) -> "Faits":
        """Rebuild from `as_dict`. Raises: KeyError, TypeError, ValueError when it is not such a snapshot."""
        valeurs = dict(donnees)
        valeurs["projet"] = Projet(donnees["projet"])
        valeurs["options"] = FaitsOptions(**donnees["options"])
        valeurs["ogs"] = tuple(FaitsOg(**og) for og in donnees["ogs"])
        valeurs["essms"] = tuple(_read_essms(essms) for essms in donnees["essms"])
        return cls(**valeurs)

    @property
    def regions(self) -> tuple[str, ...]:
        return regions(self.essms)

    @property
    def territoire(self) -> Territoire:
        return territoire(self.essms)

    @property
    def has_many_og(self) -> bool:
        return len({essms.og for essms in self.essms} | {og.finess for og in self.ogs}) > 1


def regions(essms: Iterable[FaitsEssms]) -> tuple[str, ...]:
    """Distinct regions, sorted. From the ESSMS, never from their OG (regles.md §12.3)."""
    return tuple(sorted({un.region for un in essms}))


def territoire(essms: Iterable[FaitsEssms]) -> Territoire:
    """Corse or overseas only when every ESSMS is there, else mainland.

    A grappe mixing Corse and overseas only is "outre-mer": both have the same minimum (regles.md E3, §12.2).
    """
    return territoire_de(regions(essms))


def territoire_de(codes: Iterable[str]) -> Territoire:
    """The same, from the codes of the regions."""
    presentes = set(codes)
    if presentes == {REGION_CORSE}:
        return Territoire.CORSE
    if presentes and presentes <= REGIONS_OUTRE_MER | {REGION_CORSE}:
        return Territoire.OUTRE_MER
    return Territoire.METROPOLE


def _read_essms(donnees: Mapping[str, Any]) -> FaitsEssms:
    return FaitsEssms(**{**donnees, "part_eligible": Decimal(donnees["part_eligible"])})
