"""Where each node of a line goes: a column by how far it is from the start, a row by the way that leads to it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

#: A way: from, to, what it is called.
Voie = tuple[str, str, str]
Suite = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Case:
    """A node of a line, or where a way leaves it (`renvoi`). Rows from the top, columns from the left."""

    nom: str
    colonne: int
    rangee: int
    renvoi: str = ""


@dataclass
class Disposition:
    """`avant`: ways that go on; `arriere`: those that come back."""

    cases: dict[str, Case] = field(default_factory=dict)
    avant: list[Voie] = field(default_factory=list)
    arriere: list[Voie] = field(default_factory=list)


def lay_out(noeuds: Sequence[str], suites: Mapping[str, Suite]) -> Disposition:
    """Place a line. `suites`: node → (next, name of the way), also out of the line, where a marker is put."""
    disposition = Disposition()
    rangs = {nom: rang for rang, nom in enumerate(noeuds)}
    locales: dict[str, list[tuple[str, str]]] = {}
    renvois: dict[str, str] = {}
    for nom in noeuds:
        for suivant, libelle in suites[nom]:
            if suivant not in rangs:
                marque = f"{nom}>{suivant}"
                renvois[marque] = suivant
                locales.setdefault(nom, []).append((marque, libelle))
            elif rangs[suivant] <= rangs[nom]:
                disposition.arriere.append((nom, suivant, libelle))
            else:
                locales.setdefault(nom, []).append((suivant, libelle))
    disposition.avant = [(nom, suivant, dit) for nom, suites_ in locales.items() for suivant, dit in suites_]
    colonnes = _columns([*noeuds, *renvois], disposition.avant)
    rangees = _rows(noeuds[0], locales, colonnes)
    disposition.cases = {
        nom: Case(nom, colonnes[nom], rangees[nom], renvois.get(nom, "")) for nom in [*noeuds, *renvois]
    }
    return disposition


def _columns(noms: Sequence[str], voies: Sequence[Voie]) -> dict[str, int]:
    """The longest way to each."""
    colonnes = dict.fromkeys(noms, 0)
    for _ in noms:
        for source, cible, _dit in voies:
            colonnes[cible] = max(colonnes[cible], colonnes[source] + 1)
    return colonnes


class _Pile:
    """Rows of what follows a node, itself on row 0, and the cells (column, row) that it takes with its ways."""

    def __init__(self, nom: str, colonne: int) -> None:
        self.rangees = {nom: 0}
        self.prises = {(colonne, 0)}

    def add(self, autre: "_Pile", rangee: int, chemin: set[tuple[int, int]]) -> None:
        self.rangees |= {nom: rang + rangee for nom, rang in autre.rangees.items()}
        self.prises |= chemin | {(colonne, rang + rangee) for colonne, rang in autre.prises}

    def takes(self, autre: "_Pile", rangee: int, chemin: set[tuple[int, int]]) -> bool:
        """Whether it fits there."""
        return self.prises.isdisjoint(chemin | {(colonne, rang + rangee) for colonne, rang in autre.prises})


def _rows(
    premier: str, locales: Mapping[str, Sequence[tuple[str, str]]], colonnes: Mapping[str, int]
) -> dict[str, int]:
    """The main way stays level; each other goes as high as it fits under it."""
    vus: set[str] = set()

    def pile(nom: str) -> _Pile:
        vus.add(nom)
        entiere = _Pile(nom, colonnes[nom])
        suites = [suivant for suivant, _ in locales.get(nom, ())]
        suites.sort(key=lambda suivant: not locales.get(suivant) and ">" not in suivant)  # what only comes back, last
        for rang, suivant in enumerate(suites):
            if suivant not in vus:
                _stack(entiere, pile(suivant), colonnes[nom], colonnes[suivant], level=rang == 0)
        return entiere

    return pile(premier).rangees


def _stack(entiere: _Pile, suite: _Pile, depuis: int, vers: int, *, level: bool) -> None:
    """Add what follows to the right, on the level or on the first row under where it and its way fit."""
    rangee = 0 if level else 1
    while not entiere.takes(suite, rangee, chemin := {(colonne, rangee) for colonne in range(depuis + 1, vers)}):
        rangee += 1
    entiere.add(suite, rangee, chemin | {(depuis, rang) for rang in range(1, rangee + 1)})
