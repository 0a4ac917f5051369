"""The register itself, as a stream: a body, then what it runs, then the next body. Nothing is kept."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from random import Random

from grappes.generation.identites import Identite, Identites
from grappes.generation.tables import Rubrique, Statut, rubriques, statuts
from grappes.generation.territoires import Numeros, Territoire, territoires
from grappes.generation.tirages import Urne, apportion, with_luhn

#: Rows that are not ESSMS, for 35 ESSMS: pharmacies, laboratories, hospitals.
AUTRES, POUR = 65, 35
#: Bodies by size: how often, from, to. Many small ones, a long tail.
TAILLES = ((52, 1, 1), (17, 2, 2), (9, 3, 3), (8, 4, 5), (8, 6, 10), (4, 11, 20), (1.7, 21, 50), (0.3, 51, 120))
TAILLES_AUTRES = ((80, 1, 1), (14, 2, 5), (5, 6, 30), (1, 31, 80))
#: The largest ones, in thousandths of all ESSMS: 420, 350, 280… for 35 000.
GEANTS = (12, 10, 8, 7, 6, 5, 4)
#: How often an establishment lies outside its body's département, up to that size; half of them stay in the region.
ECARTS = ((3, 0.03), (20, 0.12), (120, 0.35), (10**9, 0.75))
#: One establishment in fifty follows a closed one, which only the daily file shows.
FERMETURES = 0.02
PAS_DES_SIREN = 7_654_321
HOPITAL_PUBLIC, CENTRE_HOSPITALIER = "13", "355"
PUBLICS = ("02", "03", "13", "17", "21")
TENUE_DEPUIS = date(2004, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Organisme:
    """A legal body (EJ). `taille`: how many establishments it was meant to run."""

    finess: str
    identite: Identite
    statut: Statut
    territoire: Territoire
    siren: str
    creation: date
    taille: int


@dataclass(frozen=True, slots=True)
class Etablissement:
    """An establishment (ET). `ferme_le`: None while it is open; a closed one is not in the stock."""

    finess: str
    organisme: Organisme
    identite: Identite
    rubrique: Rubrique
    territoire: Territoire
    siret: str
    ouverture: date
    autorisation: date
    maj: date
    x: float
    y: float
    ferme_le: date | None = None


class Stock:
    """A national register with exactly that many open ESSMS, as it stands on that day. Read it once."""

    def __init__(self, essms: int, graine: int, le: date) -> None:
        self.essms = essms
        self.autres = essms * AUTRES // POUR
        self.le = le
        self._rng = Random(graine)
        self._numeros = Numeros()
        self._identites = Identites(self._rng)
        self._territoires = territoires()
        self._rubriques = rubriques()
        self._lieux = {genre: Urne(apportion(n, self._populations())) for genre, n in self._totaux()}
        self._categories = {genre: Urne(apportion(n, self._frequences(genre))) for genre, n in self._totaux()}
        self._sirens, self._depart = 0, self._rng.randrange(60_000_000)
        self._geants = [max(1, essms * part // 1000) for part in GEANTS]

    def __iter__(self) -> Iterator[Organisme | Etablissement]:
        """Both kinds of bodies in turn, so that they are mixed all along the file."""
        essms, autres = self._categories[True], self._categories[False]
        while essms.reste or autres.reste:
            if essms.reste * AUTRES >= autres.reste * POUR:
                yield from self._og()
            else:
                yield from self._autre()

    def _totaux(self) -> tuple[tuple[bool, int], ...]:
        return (True, self.essms), (False, self.autres)

    def _populations(self) -> dict[str, int]:
        return {code: lieu.population for code, lieu in self._territoires.items()}

    def _frequences(self, essms: bool) -> dict[str, int]:
        return {code: une.poids for code, une in self._rubriques.items() if une.essms is essms}

    # Bodies.

    def _og(self) -> Iterator[Organisme | Etablissement]:
        """A body that runs ESSMS, mostly of one sector; a public hospital also has its beds."""
        reste = self._categories[True].reste
        statut, taille = self._statut_og(min(self._taille_og(reste), reste))
        siege = self._draw_place(True)
        rubrique = self._draw_category(True, [une.code for une in self._of_sectors(statut.champ)])
        og = self._organisme(statut, siege, taille)
        yield og
        if statut.code == HOPITAL_PUBLIC and self._categories[False].take(CENTRE_HOSPITALIER):
            yield from self._rows(og, 0, self._rubriques[CENTRE_HOSPITALIER], self._place(False, og))
        yield from self._rows(og, 1, rubrique, siege)
        memes = [une.code for une in self._of_sectors((str(rubrique.secteur),))]
        for rang in range(2, taille + 1):
            suivante = self._draw_category(True, memes if self._rng.random() < 0.8 else None)
            yield from self._rows(og, rang, suivante, self._place(True, og))

    def _autre(self) -> Iterator[Organisme | Etablissement]:
        """A body that runs no ESSMS: all its rows are of one category as long as there are some."""
        rubrique = self._draw_category(False)
        siege = self._draw_place(False)
        taille = 1 if rubrique.seul else min(self._size(TAILLES_AUTRES), self._categories[False].reste + 1)
        organisme = self._organisme(self._statut_autre(rubrique, taille), siege, taille)
        yield organisme
        yield from self._rows(organisme, 1, rubrique, siege)
        for rang in range(2, taille + 1):
            suivante = self._draw_category(False, [rubrique.code])
            yield from self._rows(organisme, rang, suivante, self._place(False, organisme))

    def _organisme(self, statut: Statut, siege: Territoire, taille: int) -> Organisme:
        hasard = self._rng.random
        return Organisme(
            finess=self._numeros.next(siege, self._rng),
            identite=self._identites.organisme(statut, siege),
            statut=statut,
            territoire=siege,
            siren=self._siren(public=statut.code in PUBLICS),
            creation=date.fromordinal(self.le.toordinal() - 400 - int(hasard() * 70 * 365)),
            taille=taille,
        )

    def _siren(self, *, public: bool) -> str:
        """Scattered, each once: a step that is prime to the number of SIREN there are. Public bodies start with 26."""
        premier, nombre = (26_000_000, 1_000_000) if public else (30_000_000, 60_000_000)
        self._sirens += 1
        return with_luhn(str(premier + (self._depart + self._sirens * PAS_DES_SIREN) % nombre))

    def _taille_og(self, reste: int) -> int:
        """The giants come at equal distances along the file."""
        passes = len(GEANTS) - len(self._geants)
        if self._geants and (self.essms - reste) * (len(GEANTS) + 1) >= (passes + 1) * self.essms:
            return self._geants.pop(0)
        return self._size(TAILLES)

    def _size(self, tailles: tuple[tuple[float, int, int], ...]) -> int:
        _, debut, fin = self._rng.choices(tailles, [frequence for frequence, _, _ in tailles])[0]
        return self._rng.randint(debut, fin)

    def _statut_og(self, taille: int) -> tuple[Statut, int]:
        return self._one_of([s for s in statuts(essms=True) if s.maximum >= taille]), taille

    def _statut_autre(self, rubrique: Rubrique, taille: int) -> Statut:
        possibles = [s for s in statuts(essms=False) if rubrique.agregat in s.champ]
        return self._one_of([s for s in possibles if s.maximum >= taille] or possibles or list(statuts(essms=False)))

    def _one_of(self, possibles: list[Statut]) -> Statut:
        return self._rng.choices(possibles, [statut.poids for statut in possibles])[0]

    # Their establishments.

    def _rows(self, organisme: Organisme, rang: int, rubrique: Rubrique, lieu: Territoire) -> Iterator[Etablissement]:
        if self._rng.random() < FERMETURES:
            yield self._etablissement(organisme, 5000 + rang, rubrique, lieu, ferme=True)
        yield self._etablissement(organisme, rang, rubrique, lieu)

    def _etablissement(
        self, organisme: Organisme, rang: int, rubrique: Rubrique, lieu: Territoire, *, ferme: bool = False
    ) -> Etablissement:
        rng = self._rng
        identite = self._identites.etablissement(rubrique, lieu)
        creation, fin = organisme.creation.toordinal(), self.le.toordinal()
        ouverture = creation + int(rng.random() ** 0.7 * (fin - creation))
        fermeture = ouverture + int(rng.random() * (fin - ouverture)) if ferme else None
        depuis = fermeture or max(ouverture, min(TENUE_DEPUIS, fin))
        x, y = lieu.around(identite.commune, rng)
        return Etablissement(
            finess=self._numeros.next(lieu, rng),
            organisme=organisme,
            identite=identite,
            rubrique=rubrique,
            territoire=lieu,
            siret=with_luhn(f"{organisme.siren}{rang + 1:04}") if rng.random() < 0.92 else "",
            ouverture=date.fromordinal(ouverture),
            autorisation=date.fromordinal(max(creation, ouverture - max(0, int(rng.random() * 900) - 300))),
            maj=date.fromordinal(depuis + int(rng.random() * (fin - depuis))),
            x=x,
            y=y,
            ferme_le=date.fromordinal(fermeture) if fermeture else None,
        )

    # What remains to be drawn.

    def _of_sectors(self, secteurs: tuple[str, ...]) -> list[Rubrique]:
        return [une for une in self._rubriques.values() if une.essms and str(une.secteur) in secteurs]

    def _draw_category(self, essms: bool, parmi: list[str] | None = None) -> Rubrique:
        return self._rubriques[self._categories[essms].draw(self._rng, parmi)]

    def _draw_place(self, essms: bool, parmi: list[str] | None = None) -> Territoire:
        return self._territoires[self._lieux[essms].draw(self._rng, parmi)]

    def _place(self, essms: bool, organisme: Organisme) -> Territoire:
        """Where the next establishment of that body is: at home as a rule, the more elsewhere the larger it is."""
        siege = organisme.territoire
        ecart = next(part for taille, part in ECARTS if organisme.taille <= taille)
        tirage = self._rng.random()
        if tirage >= ecart and self._lieux[essms].take(siege.code):
            return siege
        if tirage < ecart / 2:
            return self._draw_place(essms)
        return self._draw_place(essms, [t.code for t in self._territoires.values() if t.region == siege.region])
