"""Where: départements, their fictive communes, and the FINESS numbers given there."""

import unicodedata
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from random import Random

from grappes.finess import with_key
from grappes.generation.tables import DOSSIER, FIXTURES, mots, read_csv

#: Two series per département, as in the real register, where 78xxxx follows older files.
SERIES_METROPOLE = (1, 78_000, 780_000)
SERIES_OUTRE_MER = (1, 5_000, 10_000)


@dataclass(frozen=True, slots=True)
class Commune:
    """`code`: the three digits of the register, which are not INSEE's. `x`, `y`: metres, in the local projection."""

    code: str
    nom: str
    acheminement: str
    x: float
    y: float


@dataclass(frozen=True)
class Territoire:
    """A département as the register sees it. Coordinates: metres, in the square of centre (x, y)."""

    code: str
    finess: str
    nom: str
    region: str
    population: int
    numero: str
    telephone: str
    x: int
    y: int
    demi_cote: int
    systeme: str
    communes: tuple[Commune, ...]
    cumuls: tuple[float, ...]

    def commune(self, rng: Random) -> Commune:
        """One of its communes; the chef-lieu is the likeliest."""
        return rng.choices(self.communes, cum_weights=self.cumuls)[0]

    def around(self, commune: Commune, rng: Random) -> tuple[float, float]:
        """A point within two kilometres of the commune, still in the square."""
        x = commune.x + rng.uniform(-2000, 2000)
        y = commune.y + rng.uniform(-2000, 2000)
        return (
            min(max(x, self.x - self.demi_cote), self.x + self.demi_cote),
            min(max(y, self.y - self.demi_cote), self.y + self.demi_cote),
        )


class Numeros:
    """Hands out FINESS numbers, each once: rising counters, so that nothing has to be remembered."""

    def __init__(self) -> None:
        self._suivants: dict[str, list[int]] = {}

    def next(self, territoire: Territoire, rng: Random) -> str:
        """A free number of the département, EJ and ET alike. Raises: ValueError when a series is used up."""
        bornes = SERIES_METROPOLE if len(territoire.numero) == 2 else SERIES_OUTRE_MER
        suivants = self._suivants.setdefault(territoire.numero, list(bornes[:2]))
        serie = int(rng.random() * 2)
        rang = suivants[serie]
        if rang >= bornes[serie + 1]:
            raise ValueError(f"no FINESS number left in {territoire.nom}")
        suivants[serie] = rang + 1 + int(rng.random() * 2)
        return with_key(f"{territoire.numero}{rang:0{8 - len(territoire.numero)}}")


def plain_upper(nom: str) -> str:
    """CÔTE-D'OR as the register writes it: COTE D OR."""
    lettres = unicodedata.normalize("NFD", nom.upper())
    return "".join(" " if c in "-'" else c for c in lettres if not unicodedata.combining(c))


@cache
def territoires() -> dict[str, Territoire]:
    """The 101 départements, by INSEE code."""
    lieux = {ligne["code"]: ligne for ligne in read_csv(DOSSIER / "territoires.csv")}
    return {
        ligne["code"]: _territoire(ligne, lieux[ligne["code"]]) for ligne in read_csv(FIXTURES / "departements.csv")
    }


def _territoire(departement: dict[str, str], lieu: dict[str, str]) -> Territoire:
    communes = _communes(lieu)
    return Territoire(
        code=departement["code"],
        finess=departement["finess"],
        nom=plain_upper(departement["nom"]),
        region=departement["region"],
        population=int(lieu["population"]),
        numero=lieu["numero"],
        telephone=lieu["telephone"],
        x=int(lieu["x"]),
        y=int(lieu["y"]),
        demi_cote=int(lieu["demi_cote"]),
        systeme=mots()["systemes"][lieu["epsg"]],
        communes=communes,
        cumuls=tuple(accumulate(1 / (rang + 1.5) for rang in range(len(communes)))),
    )


def _communes(lieu: dict[str, str]) -> tuple[Commune, ...]:
    """The chef-lieu, then invented communes: the same map for every seed."""
    rng = Random(f"communes {lieu['code']}")
    nombre, x, y, demi = (int(lieu[cle]) for cle in ("communes", "x", "y", "demi_cote"))
    noms = {lieu["chef_lieu"]: None}
    while len(noms) < nombre:
        noms[_nom(rng)] = None
    premier = 100 * int(lieu["code"][2]) + 1 if len(lieu["code"]) == 3 else 1
    codes = sorted(rng.sample(range(premier, premier + (99 if premier > 1 else 600)), nombre))
    return tuple(
        Commune(
            code=f"{code:03}",
            nom=nom,
            acheminement=f"{_postal(lieu['postal'], rang)} {nom}",
            x=x if not rang else x + rng.uniform(-demi, demi),
            y=y if not rang else y + rng.uniform(-demi, demi),
        )
        for rang, (nom, code) in enumerate(zip(noms, codes, strict=True))
    )


def _postal(debut: str, rang: int) -> str:
    """Steps of 4 overseas never fall on 97133 and 97150, which are not Guadeloupe."""
    if len(debut) == 2:
        return f"{debut}{10 * rang:03}"
    return f"{debut}{4 * rang:02}"


def _nom(rng: Random) -> str:
    mot = mots()["communes"]
    if rng.random() < 0.3:
        nom = f"ST {rng.choice(mots()['prenoms'])}"
    else:
        nom = rng.choice(mot["debuts"]) + rng.choice(mot["fins"])
    return f"{nom} {rng.choice(mot['rivieres'])}" if rng.random() < 0.4 else nom
