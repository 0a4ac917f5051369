"""Names, addresses and telephone numbers, all invented."""

from dataclasses import dataclass
from functools import cached_property
from random import Random

from grappes.generation.tables import Rubrique, Statut, mots
from grappes.generation.territoires import Commune, Territoire

#: What the register keeps of a short name, and of a long one.
COURT = 38
LONG = 60


@dataclass(frozen=True, slots=True)
class Identite:
    """How a body or an establishment is called, and where it is. Empty: not stated."""

    nom: str
    nom_long: str
    complement: str
    numero: str
    type_voie: str
    voie: str
    lieu_dit: str
    commune: Commune
    telephone: str
    telecopie: str


class Identites:
    """Draws identities from the words of `fixtures/finess/noms.toml`."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._mots = mots()
        self._voies: list[str] = self._mots["voies"]["noms"]

    def organisme(self, statut: Statut, territoire: Territoire) -> Identite:
        commune = territoire.commune(self._rng)
        return self._identite(self._name(statut.noms, "", territoire, commune), territoire, commune)

    def etablissement(self, rubrique: Rubrique, territoire: Territoire) -> Identite:
        commune = territoire.commune(self._rng)
        nom = self._name(self._mots["etablissements"], rubrique.sigle, territoire, commune)
        return self._identite(nom, territoire, commune)

    def _identite(self, nom: str, territoire: Territoire, commune: Commune) -> Identite:
        hasard = self._rng.random
        rue = hasard() < 0.92
        return Identite(
            nom=nom[:COURT].rstrip(),
            nom_long=nom[:LONG].rstrip() if len(nom) > COURT or hasard() < 0.6 else "",
            complement=self._one(self._mots["evocations"]) if hasard() < 0.06 else "",
            numero=str(1 + int(hasard() ** 3 * 300)) if rue and hasard() < 0.8 else "",
            type_voie=self._rng.choices(*self._types)[0] if rue else "",
            voie=self._one(self._voies) if rue else "",
            lieu_dit="" if rue and hasard() < 0.8 else self._place(),
            commune=commune,
            telephone=self._phone(territoire) if hasard() < 0.95 else "",
            telecopie=self._phone(territoire) if hasard() < 0.4 else "",
        )

    def _name(self, patrons: list[str] | tuple[str, ...], sigle: str, territoire: Territoire, commune: Commune) -> str:
        return self._one(patrons).format(
            sigle=sigle or self._one(self._mots["sigles"]),
            evocation=self._one(self._mots["evocations"]),
            prenom=self._one(self._mots["prenoms"]),
            patronyme=self._one(self._mots["patronymes"]),
            commune=commune.nom,
            departement=territoire.nom,
        )

    def _place(self) -> str:
        if self._rng.random() < 0.6:
            return f"BP {1 + int(self._rng.random() * 900)}"
        return self._one(self._mots["voies"]["lieux_dits"])

    def _phone(self, territoire: Territoire) -> str:
        return f"{territoire.telephone}{int(self._rng.random() * 10_000):04}"

    def _one(self, mots: list[str] | tuple[str, ...]) -> str:
        return mots[int(self._rng.random() * len(mots))]

    @cached_property
    def _types(self) -> tuple[list[str], list[int]]:
        types: dict[str, int] = self._mots["voies"]["types"]
        return list(types), list(types.values())
