"""The grappe of a dossier: OG by OG, which ESSMS it states and what the register says of them today, and its map."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from aap.faits import Faits, FaitsEssms
from comptes.models import Departement
from grappes.models import Membre
from instruction.carte import Carte, draw
from instruction.libelles import SECTEURS

INCONNU = "Secteur à préciser"


@dataclass(frozen=True, kw_only=True)
class Etablissement:
    """An ESSMS. `ferme_le`: closed in the register; `parti_le`: gone from the grappe since the filing."""

    finess: str
    nom: str
    secteur: str
    departement: str
    ferme_le: date | None = None
    parti_le: date | None = None


@dataclass(frozen=True, kw_only=True)
class Organisme:
    """`total`: all the ESSMS it manages, not only those it brings."""

    finess: str
    nom: str
    porteur: bool
    total: int
    essms: list[Etablissement]

    @property
    def ecartes(self) -> int:
        """How many closed, or left."""
        return sum(un.ferme_le is not None or un.parti_le is not None for un in self.essms)


@dataclass(frozen=True, kw_only=True)
class Grappe:
    """The grappe in numbers: (name, how many ESSMS), most numerous first; `par_departement`: by code."""

    essms: int
    secteurs: list[tuple[str, int]]
    departements: list[tuple[str, int]]
    ogs: list[tuple[str, int]]
    par_departement: Mapping[str, int]

    @property
    def carte(self) -> Carte:
        return draw(self.par_departement)


def summarize(faits: Faits) -> Grappe:
    noms_og = {og.finess: og.nom or og.finess for og in faits.ogs}
    noms = departements()
    return Grappe(
        essms=len(faits.essms),
        secteurs=_count(SECTEURS.get(str(un.secteur), INCONNU) for un in faits.essms),
        departements=_count(noms.get(un.departement, un.departement) for un in faits.essms),
        ogs=_count(noms_og.get(un.og, un.og) for un in faits.essms),
        par_departement=Counter(un.departement for un in faits.essms),
    )


def detail(faits: Faits, membres: Sequence[Membre]) -> list[Organisme]:
    """Each OG with its ESSMS, the porteur first. `membres`: of the grappe, present or gone, with their ESSMS."""
    siens: dict[str, list[Etablissement]] = {og.finess: [] for og in faits.ogs}
    connus = {membre.essms.finess: membre for membre in sorted(membres, key=lambda un: un.arrive_le)}
    for un in faits.essms:
        siens.setdefault(un.og, []).append(_establishment(un, connus.get(un.finess)))
    declares = {og.finess: og for og in faits.ogs}
    return [
        Organisme(
            finess=finess,
            nom=declares[finess].nom if finess in declares else "",
            porteur=finess == faits.og_porteur,
            total=declares[finess].total_essms if finess in declares else len(essms),
            essms=essms,
        )
        for finess, essms in sorted(siens.items(), key=lambda paire: (paire[0] != faits.og_porteur, paire[0]))
    ]


def _establishment(un: FaitsEssms, membre: Membre | None) -> Etablissement:
    return Etablissement(
        finess=un.finess,
        nom=un.nom or un.finess,
        secteur=SECTEURS.get(str(un.secteur), INCONNU),
        departement=departements().get(un.departement, un.departement),
        ferme_le=membre.essms.ferme_le if membre else None,
        parti_le=membre.parti_le if membre else None,
    )


def _count(noms: Iterable[str]) -> list[tuple[str, int]]:
    return sorted(Counter(noms).items(), key=lambda paire: (-paire[1], paire[0]))


@cache
def departements() -> Mapping[str, str]:
    """Names of the 101 départements, read once per process: reference data that migrations alone change."""
    return {departement.code: str(departement) for departement in Departement.objects.all()}
