"""The process as shapes and lines on a sheet: coordinates only, drawn by a template."""

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache

from instruction.etapes import Etape
from instruction.parcours import plan
from instruction.parcours.disposition import Case, Disposition, lay_out

ETAPE = (132, 72)
CARREFOUR = 34
BARRE = 10
RENVOI = (140, 34)
POINT = 20
#: Between two columns; a letter of the name of a way, which fits after its fork.
ENTRE, LETTRE = 20, 5.5
RANGEE = 92
#: Above a line, then room for a way that comes back; under a row, for one that does.
HAUT, RETOUR, SOUS = 12, 24, 12
MARGE = 8
LETTRES = 19
INTERLIGNE = 16


@dataclass(frozen=True, kw_only=True)
class Texte:
    x: float
    y: float
    texte: str
    classe: str = ""


@dataclass(frozen=True, kw_only=True)
class Forme:
    """A shape. `genre`: one of `plan.genre`, or "renvoi"; `nom`: of the node. (x, y): top left.

    `etat`, `mention`: of one dossier, "faite" or "en_cours", and in words.
    """

    nom: str
    genre: str
    x: float
    y: float
    l: float  # noqa: E741 - largeur
    h: float
    textes: tuple[Texte, ...] = ()
    etat: str = ""
    mention: str = ""

    @property
    def cx(self) -> float:
        return self.x + self.l / 2

    @property
    def cy(self) -> float:
        return self.y + self.h / 2

    @property
    def rayon(self) -> float:
        """Of its corners, or of the circle it is."""
        return {"depart": self.l / 2, "fin": self.h / 2, "barre": 3}.get(self.genre, 4)

    @property
    def fleche(self) -> str:
        """Corners of a marker that points to where a way goes on."""
        droite, pointe = self.x + self.l - 12, self.x + self.l
        coins = ((self.x, self.y), (droite, self.y), (pointe, self.cy), (droite, self.y + self.h))
        return " ".join(f"{x:g},{y:g}" for x, y in (*coins, (self.x, self.y + self.h)))

    @property
    def etiquette(self) -> tuple[float, float, float]:
        """Where its state is written, on its upper side: left, top, width."""
        largeur = 18 + 6.2 * len(self.mention)
        return self.cx - largeur / 2, self.y - 9, largeur

    @property
    def y_mention(self) -> float:
        return self.y + 4

    @property
    def losange(self) -> str:
        """Corners of a fork."""
        coins = ((self.cx, self.y), (self.x + self.l, self.cy), (self.cx, self.y + self.h), (self.x, self.cy))
        return " ".join(f"{x:g},{y:g}" for x, y in coins)


@dataclass(frozen=True, kw_only=True)
class Fleche:
    """A way. `trait`: its path; `texte`: what it is called, where."""

    trait: str
    texte: Texte | None = None


@dataclass(kw_only=True)
class Dessin:
    """One line of the process: its size, and what is on it."""

    titre: str
    largeur: float = 0
    hauteur: float = 0
    formes: list[Forme] = field(default_factory=list)
    fleches: list[Fleche] = field(default_factory=list)


@cache
def draw(ligne: plan.Ligne) -> Dessin:
    """The drawing of one line. The process does not change while a program runs."""
    disposition = lay_out(ligne.noeuds, {nom: plan.successors(nom) for nom in ligne.noeuds})
    formes = _shapes(disposition)
    dessin = Dessin(titre=ligne.titre, formes=list(formes.values()))
    dessin.fleches = [*_forward(disposition, formes), *_backward(disposition, formes)]
    dessin.largeur = max(forme.x + forme.l for forme in dessin.formes) + MARGE
    bas = max(forme.y + forme.h for forme in dessin.formes)
    sous = any(not _is_level(de, vers, disposition) for de, vers, _ in disposition.arriere)
    dessin.hauteur = bas + MARGE + (SOUS if sous else 0)
    return dessin


def with_states(dessin: Dessin, etats: Mapping[str, tuple[str, str]]) -> Dessin:
    """The same, with where one dossier stands: node → (state, in words)."""
    formes = [
        replace(forme, etat=etats[forme.nom][0], mention=etats[forme.nom][1])
        if forme.genre == "etape" and forme.nom in etats
        else forme
        for forme in dessin.formes
    ]
    return replace(dessin, formes=formes)


def _kind(case: Case) -> str:
    return "renvoi" if case.renvoi and case.renvoi not in plan.FINS else plan.genre(case.renvoi or case.nom)


def _size(genre: str) -> tuple[float, float]:
    return {
        "etape": ETAPE, "renvoi": RENVOI, "fin": (76, 34), "carrefour": (CARREFOUR, CARREFOUR),
        "barre": (BARRE, ETAPE[1]), "depart": (POINT, POINT),
    }[genre]  # fmt: skip


def _shapes(disposition: Disposition) -> dict[str, Forme]:
    abscisses, largeurs = _abscissas(disposition)
    haut = HAUT + (RETOUR if _has_top_return(disposition) else 0)
    formes = {}
    for case in disposition.cases.values():
        genre = _kind(case)
        largeur, hauteur = _size(genre)
        milieu = haut + case.rangee * RANGEE + ETAPE[1] / 2
        x = abscisses[case.colonne]
        if genre not in ("renvoi", "fin"):
            x += (largeurs[case.colonne] - largeur) / 2
        premiere, derniere = _span(case, disposition) if genre == "barre" else (case.rangee, case.rangee)
        etendue = (derniere - premiere) * RANGEE
        y = milieu - hauteur / 2 - (case.rangee - premiere) * RANGEE
        formes[case.nom] = Forme(
            nom=case.renvoi or case.nom, genre=genre, x=x, y=y, l=largeur, h=hauteur + etendue,
            textes=tuple(_words(case, genre, x + largeur / 2, milieu)),
        )  # fmt: skip
    return formes


def _abscissas(disposition: Disposition) -> tuple[dict[int, float], dict[int, float]]:
    """Left of each column, and its width."""
    genres: dict[int, set[str]] = {}
    for case in disposition.cases.values():
        genres.setdefault(case.colonne, set()).add(_kind(case))
    largeurs = {colonne: max(_size(genre)[0] for genre in presents) for colonne, presents in genres.items()}
    abscisses, x = {}, float(MARGE)
    for colonne in sorted(largeurs):
        abscisses[colonne] = x
        x += largeurs[colonne] + max(ENTRE, 14 + LETTRE * _longest(colonne, disposition))
    return abscisses, largeurs


def _longest(colonne: int, disposition: Disposition) -> int:
    """Letters of the longest name of a way that leaves a column; 0 when none has a name."""
    return max(
        (len(dit) for source, _, dit in disposition.avant if disposition.cases[source].colonne == colonne), default=0
    )


def _span(case: Case, disposition: Disposition) -> tuple[int, int]:
    """Rows of what parts from a bar, or meets at it."""
    voisins = [cible for source, cible, _ in disposition.avant if source == case.nom]
    voisins += [source for source, cible, _ in disposition.avant if cible == case.nom]
    rangees = [case.rangee, *(disposition.cases[voisin].rangee for voisin in voisins)]
    return min(rangees), max(rangees)


def _has_top_return(disposition: Disposition) -> bool:
    return any(_is_level(source, cible, disposition) for source, cible, _ in disposition.arriere)


def _is_level(source: str, cible: str, disposition: Disposition) -> bool:
    """Whether a way back runs above: both ends are on the main way."""
    return disposition.cases[source].rangee == disposition.cases[cible].rangee == 0


def _words(case: Case, genre: str, cx: float, cy: float) -> Iterator[Texte]:
    noeud = plan.nodes()[case.renvoi or case.nom]
    if genre == "etape":
        assert isinstance(noeud, Etape)
        lignes = textwrap.wrap(plan.title(case.nom), LETTRES)
        haut = cy - (len(lignes) * INTERLIGNE) / 2 + 7
        for rang, ligne in enumerate(lignes):
            yield Texte(x=cx, y=haut + rang * INTERLIGNE, texte=ligne, classe="parcours__titre")
        yield Texte(x=cx, y=haut + len(lignes) * INTERLIGNE, texte=plan.who(noeud), classe="parcours__qui")
    elif genre == "renvoi":
        ou = plan.heads().get(case.renvoi) or plan.title(case.renvoi)
        lignes = textwrap.wrap(ou, LETTRES - 2)
        haut = cy - (len(lignes) - 1) * INTERLIGNE / 2 + 4
        for rang, ligne in enumerate(lignes):
            yield Texte(x=cx - 5, y=haut + rang * 14, texte=ligne, classe="parcours__titre")
    elif genre == "fin":
        yield Texte(x=cx, y=cy + 4, texte=plan.title(case.renvoi or case.nom), classe="parcours__titre")


def _forward(disposition: Disposition, formes: Mapping[str, Forme]) -> Iterator[Fleche]:
    for source, cible, dit in disposition.avant:
        de, vers = formes[source], formes[cible]
        y = _level(disposition.cases[source], disposition.cases[cible], de, vers)
        fin = vers.x - 2
        if de.genre == "carrefour" and disposition.cases[source].rangee != disposition.cases[cible].rangee:
            trait = f"M{de.cx:g} {de.y + de.h:g}V{y:g}H{fin:g}"
        else:
            trait = f"M{de.x + de.l:g} {y:g}H{fin:g}"
        texte = Texte(x=de.x + de.l + 4, y=y - 6, texte=dit, classe="parcours__voie") if dit else None
        yield Fleche(trait=trait, texte=texte)


def _level(source: Case, cible: Case, de: Forme, vers: Forme) -> float:
    """The height at which a way arrives: of whichever end is not a bar that spans several rows."""
    return de.cy if vers.genre == "barre" and de.genre != "barre" else vers.cy if vers.genre != "barre" else de.cy


def _backward(disposition: Disposition, formes: Mapping[str, Forme]) -> Iterator[Fleche]:
    """Above when both ends are on the main way; else under its source, and up."""
    for source, cible, dit in disposition.arriere:
        de, vers = formes[source], formes[cible]
        arrivee = vers.cx - 8 if vers.genre == "carrefour" else vers.cx
        if _is_level(source, cible, disposition):
            y = HAUT + RETOUR / 2
            trait = f"M{de.cx:g} {de.y:g}V{y:g}H{arrivee:g}V{vers.y - 2:g}"
        else:
            y = formes[source].cy + ETAPE[1] / 2 + SOUS
            bas = vers.y + vers.h - (8 if vers.genre == "carrefour" else 0)
            trait = f"M{de.cx:g} {de.y + de.h:g}V{y:g}H{arrivee:g}V{bas + 2:g}"
        texte = Texte(x=arrivee + 10, y=y - 5, texte=dit, classe="parcours__voie") if dit else None
        yield Fleche(trait=trait, texte=texte)
