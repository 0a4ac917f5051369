"""The documents of a dossier as step 4 shows them: what is asked, what was given, what each form still lacks."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import Prefetch, prefetch_related_objects

from aap.composition import present
from aap.documents.formulaires import EtatFormulaire, review, section_of
from aap.eligibilite import pieces_requises
from aap.examen import facts
from aap.faits import Faits
from aap.models import Dossier, PieceFournie, Saisie, Section
from aap.regles import Piece
from aap.services import AUTRE
from moteur.erreurs import Refus


@dataclass(frozen=True, kw_only=True)
class Demande:
    """One document. `versions`: the last given first; `silence`: what the rule set does not say of its form."""

    code: str
    libelle: str
    source: str = ""
    obligatoire: bool = False
    au_depot: bool = True
    versions: list[PieceFournie] = field(default_factory=list)
    section: Section | None = None
    etat: EtatFormulaire | None = None
    silence: str = ""

    @property
    def courante(self) -> PieceFournie | None:
        return self.versions[0] if self.versions else None

    @property
    def anciennes(self) -> list[PieceFournie]:
        return self.versions[1:]

    @property
    def libre(self) -> bool:
        """Documents nobody asked for: each is one more, none replaces another."""
        return self.code == AUTRE

    @property
    def depassee(self) -> bool:
        """Answers changed, or an OG came, since the version that was joined."""
        jointe = self.courante
        return bool(jointe and self.etat and jointe.format and jointe.empreinte != self.etat.empreinte)


@dataclass(frozen=True, kw_only=True)
class Demandes:
    """`dues`: at filing, in the order of the rule set; `autres`: due later, or given though nobody asks any more."""

    dues: list[Demande]
    autres: list[Demande]
    libre: Demande

    @property
    def premieres(self) -> list[Demande]:
        """Those to look at first: required, or given already."""
        return [demande for demande in self.dues if demande.obligatoire or demande.courante]

    @property
    def facultatives(self) -> list[Demande]:
        """The others: welcome, and not given yet."""
        return [demande for demande in self.dues if demande not in self.premieres]

    @property
    def fournies(self) -> int:
        return sum(demande.courante is not None for demande in self.dues)

    @property
    def annoncees(self) -> int:
        """Those of `fournies` whose content did not come."""
        return sum(demande.courante is not None and not demande.courante.format for demande in self.dues)

    def of(self, code: str) -> Demande | None:
        """The one of that code, whether or not it is due."""
        return next((une for une in [*self.dues, *self.autres, self.libre] if une.code == code), None)


def gather(dossier: Dossier) -> None:
    """Bring in one query each what the page and its panel read several times. After writing, never before."""
    pieces = PieceFournie.objects.select_related("par")
    prefetch_related_objects([dossier], Prefetch("pieces", pieces), "saisies", "derogations")
    present(dossier)


def read(dossier: Dossier) -> Demandes:
    """The documents of a dossier, in as many queries whatever their number."""
    gather(dossier)
    faits = facts(dossier)
    regles = dossier.aap.regles
    versions: dict[str, list[PieceFournie]] = {}
    for piece in dossier.pieces.all():
        versions.setdefault(piece.code, []).append(piece)
    saisies = {Section(saisie.section): saisie for saisie in dossier.saisies.all()}

    def asked(piece: Piece, *, au_depot: bool = True) -> Demande:
        return _asked(dossier, piece, versions.get(piece.code, []), saisies, faits, au_depot=au_depot)

    dues = pieces_requises(regles, faits)
    plus_tard = pieces_requises(regles, faits, "signature")
    restes = [piece for piece in regles.pieces if piece not in (*dues, *plus_tard) and piece.code in versions]
    return Demandes(
        dues=[asked(piece) for piece in dues],
        autres=[asked(piece, au_depot=False) for piece in (*plus_tard, *restes)],
        libre=Demande(code=AUTRE, libelle="Ajouter un autre document", versions=versions.get(AUTRE, [])),
    )


def _asked(
    dossier: Dossier,
    piece: Piece,
    versions: list[PieceFournie],
    saisies: Mapping[Section, Saisie],
    faits: Faits,
    *,
    au_depot: bool,
) -> Demande:
    section = section_of(piece.code)
    etat, silence = None, ""
    if section is not None:
        try:
            etat = review(dossier, section, faits, saisies.get(section))
        except Refus as refus:
            silence = refus.message
    return Demande(
        code=piece.code, libelle=piece.libelle, source=piece.source, obligatoire=piece.obligatoire, au_depot=au_depot,
        versions=versions, section=section, etat=etat, silence=silence,
    )  # fmt: skip
