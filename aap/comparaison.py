"""What changed between two pictures of a dossier, field by field and member by member. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from aap.champs import Champ, field_of, form
from aap.models.saisie import Section

SANS_REPONSE = "sans réponse"


@dataclass(frozen=True, kw_only=True)
class MembreDit:
    """A member as the dossier states it. `precisions`: hours and SONS software in words, empty when none is stated."""

    nom: str
    precisions: str = ""


@dataclass(frozen=True, kw_only=True)
class Photo:
    """What people had typed at one instant: section → field → answer; FINESS ET → member."""

    sections: Mapping[str, Mapping[str, str]]
    membres: Mapping[str, MembreDit]

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready; `from_dict` reads it back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, brut: Mapping[str, Any]) -> Self:
        membres = {finess: MembreDit(**dit) for finess, dit in brut["membres"].items()}
        return cls(sections=brut["sections"], membres=membres)


@dataclass(frozen=True, kw_only=True)
class ChampChange:
    """An answer that changed, in the words of the page. `og`: FINESS EJ of whom it is asked, empty for everybody."""

    section: Section
    question: str
    og: str
    avant: str
    apres: str


@dataclass(frozen=True, kw_only=True)
class MembreChange:
    """A member that came, left or is stated otherwise. `avant`, `apres`: what is stated besides its name."""

    finess: str
    nom: str
    avant: str
    apres: str


@dataclass(frozen=True, kw_only=True)
class Difference:
    champs: list[ChampChange]
    arrives: list[MembreChange]
    partis: list[MembreChange]
    precises: list[MembreChange]

    def __bool__(self) -> bool:
        return bool(self.champs or self.arrives or self.partis or self.precises)


def compare(avant: Photo, apres: Photo) -> Difference:
    """Every change, in the order of the forms, then by FINESS number; nothing when both say the same."""
    communs = sorted(avant.membres.keys() & apres.membres.keys())
    return Difference(
        champs=[change for section in Section for change in _fields(section, avant, apres)],
        arrives=[_member(apres, un) for un in sorted(apres.membres.keys() - avant.membres.keys())],
        partis=[_member(avant, un) for un in sorted(avant.membres.keys() - apres.membres.keys())],
        precises=[
            _member(apres, un, avant.membres[un].precisions)
            for un in communs
            if avant.membres[un].precisions != apres.membres[un].precisions
        ],
    )


def _fields(section: Section, avant: Photo, apres: Photo) -> Iterator[ChampChange]:
    anciens, nouveaux = avant.sections.get(section, {}), apres.sections.get(section, {})
    rangs = {champ.nom: rang for rang, champ in enumerate(form(section).champs)}
    lus = [(field_of(section, nom), nom) for nom in anciens.keys() | nouveaux.keys()]
    for champ, nom in sorted(lus, key=lambda paire: (_og(section, paire[1]), rangs[paire[0].nom])):
        de, vers = anciens.get(nom, "").strip(), nouveaux.get(nom, "").strip()
        if de != vers:
            og = _og(section, nom)
            yield ChampChange(
                section=section, question=champ.libelle, og=og, avant=_words(champ, de), apres=_words(champ, vers)
            )


def _og(section: Section, nom: str) -> str:
    return nom.partition(".")[0] if form(section).par else ""


def _words(champ: Champ, valeur: str) -> str:
    if champ.nature == "case":
        return "cochée" if valeur == "oui" else "non cochée"
    return champ.reponses.get(valeur, valeur) or SANS_REPONSE


def _member(photo: Photo, finess: str, avant: str = "") -> MembreChange:
    membre = photo.membres[finess]
    return MembreChange(finess=finess, nom=membre.nom, avant=avant, apres=membre.precisions)
