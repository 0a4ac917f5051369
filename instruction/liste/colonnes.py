"""The columns of the list: which are shown, what they are sorted by."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from instruction.liste.filtre import Filtre


@dataclass(frozen=True)
class Modele:
    """`tri`: what it is sorted by (ordres), empty when it is not; `nombre`: aligned to the right."""

    titre: str
    tri: str = ""
    nombre: bool = False


COLONNES: Mapping[str, Modele] = {
    "porteur": Modele("Porteur", "porteur"),
    "essms": Modele("ESSMS", "essms", nombre=True),
    "etat": Modele("État", "etat"),
    "tour": Modele("À qui de jouer", "echeance"),
    "agent": Modele("En charge"),
    "risque": Modele("Risque"),
    "aide": Modele("Aide", "aide", nombre=True),
    "depot": Modele("Déposé le", "depot"),
    "secteurs": Modele("Secteurs"),
    "departements": Modele("Départements"),
    "projet": Modele("Projet"),
}
HABITUELLES = ("porteur", "essms", "etat", "tour", "agent", "risque", "aide")


@dataclass(frozen=True, kw_only=True)
class Colonne:
    """A header: `sens` is "ascending" or "descending" when the list is sorted by it, else empty."""

    nom: str
    titre: str
    sens: str
    adresse: str
    nombre: bool


def columns(filtre: "Filtre") -> list[Colonne]:
    """Those that are shown; the reference always is, first."""
    noms = filtre.colonnes or HABITUELLES
    return [
        _column("reference", Modele("Dossier", "reference"), filtre),
        *(_column(n, COLONNES[n], filtre) for n in noms),
    ]


def choices(filtre: "Filtre") -> list[tuple[str, str, bool]]:
    """(name, title, shown) of every column one may choose."""
    montrees = filtre.colonnes or HABITUELLES
    return [(nom, modele.titre, nom in montrees) for nom, modele in COLONNES.items()]


def _column(nom: str, modele: Modele, filtre: "Filtre") -> Colonne:
    trie = modele.tri and filtre.tri.removeprefix("-") == modele.tri
    sens = "descending" if filtre.tri.startswith("-") else "ascending"
    return Colonne(
        nom=nom,
        titre=modele.titre,
        sens=sens if trie else "",
        adresse=filtre.query(tri=f"-{modele.tri}" if filtre.tri == modele.tri else modele.tri) if modele.tri else "",
        nombre=modele.nombre,
    )
